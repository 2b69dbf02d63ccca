// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.KeyTarget;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What of a connection is counted by other threads: the bytes and errands that they have sent to its loop and that have
 * not arrived. While there are any the loop writes nothing that would overtake them, and the connection stays where it
 * is. To move it, its loop closes the gate, which is possible only while nothing is on its way; whoever comes to the
 * closed gate waits the few lines of {@link Move} until it is open again, and then sees the loop that it belongs to now.
 */
abstract class Crossing extends KeyTarget {
    private static final AtomicIntegerFieldUpdater<Crossing> FOREIGN_BYTES =
            AtomicIntegerFieldUpdater.newUpdater(Crossing.class, "foreignBytes");
    private static final AtomicIntegerFieldUpdater<Crossing> ERRANDS =
            AtomicIntegerFieldUpdater.newUpdater(Crossing.class, "errands");

    /** The gate is closed: for a moment nothing may set out for the loop. */
    private static final int MOVING = Integer.MIN_VALUE;
    /** On its way to another loop: not even that loop's thread touches it before it is there. */
    private static final int ARRIVING = 1 << 30;

    private volatile int foreignBytes; // on their way to the loop; or MOVING
    private volatile int errands; // on their way to the loop; or MOVING, or ARRIVING

    // ---- any thread

    /** Bytes that were accepted from other threads, and are on their way to the loop. */
    final int foreignBytes() {
        return foreignBytes & ~MOVING;
    }

    /** Whether there are no such bytes, and it isn't on its way itself. */
    final boolean nothingIsOnItsWay() {
        return foreignBytes == 0;
    }

    /** Bytes set out for the loop. Returns how many are on their way then. */
    final int bytesSetOut(int bytes) {
        int now = FOREIGN_BYTES.addAndGet(this, bytes);
        while (now < 0) {
            FOREIGN_BYTES.addAndGet(this, -bytes);
            while (foreignBytes < 0) {
                Thread.onSpinWait();
            }
            now = FOREIGN_BYTES.addAndGet(this, bytes);
        }
        return now;
    }

    /** They have arrived, or will not. */
    final void bytesArrived(int bytes) {
        FOREIGN_BYTES.addAndGet(this, -bytes);
    }

    /** Something sets out for the loop. */
    final void errandBegins() {
        for (int now = errands; now < 0 || !ERRANDS.compareAndSet(this, now, now + 1); now = errands) {
            Thread.onSpinWait();
        }
    }

    /** It has arrived, or will not. */
    final void errandEnds() {
        ERRANDS.decrementAndGet(this);
    }

    /** Whether it is on its way to another loop, whose thread must not touch it yet. */
    final boolean isArriving() {
        return (errands & ARRIVING) != 0;
    }

    // ---- loop thread

    /** Whether no errand is on its way. */
    final boolean hasNoErrands() {
        return errands == 0;
    }

    /** Lets nothing set out for the loop any more. Returns false, and changes nothing, if anything is on its way. */
    final boolean closeGate() {
        if (!FOREIGN_BYTES.compareAndSet(this, 0, MOVING)) {
            return false;
        }
        if (ERRANDS.compareAndSet(this, 0, MOVING)) {
            return true;
        }
        FOREIGN_BYTES.addAndGet(this, MOVING); // adding it again takes it away
        return false;
    }

    /** What sets out from now on goes to the loop that it belongs to now; behind this one itself, if that isn't the old. */
    final void openGate(boolean moved) {
        ERRANDS.addAndGet(this, moved ? MOVING + ARRIVING : MOVING);
        FOREIGN_BYTES.addAndGet(this, moved ? MOVING + 1 : MOVING);
    }

    /**
     * It has arrived at the loop that it belongs to now. The other loop may be about to open the gate only: what is looked at
     * before that would seem to be on its way still, and nobody would look again.
     */
    final void arrivedItself() {
        while (foreignBytes < 0) {
            Thread.onSpinWait();
        }
        ERRANDS.addAndGet(this, -ARRIVING);
        FOREIGN_BYTES.decrementAndGet(this);
    }
}
