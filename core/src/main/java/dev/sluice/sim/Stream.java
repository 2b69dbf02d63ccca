// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.ByteBuffer;

/**
 * One direction of a connection: what was written, how far that has arrived, how far it was taken. Positions count bytes
 * since the beginning, and the end of the stream (FIN) counts as one more. The difference between written and arrived is
 * the sender's buffer, that between arrived and taken the receiver's.
 */
final class Stream {
    private static final byte[] NOTHING = {};
    private static final int SMALLEST = 256; // a power of two

    private byte[] ring = NOTHING; // holds what was written and not taken; nothing while that is nothing
    private long written;
    private long arrived;
    private long taken;
    private long reached; // what the network has carried here; more than arrived while the receiver's buffer is full
    private boolean ended;
    private boolean endArrived;
    private boolean isCut;
    boolean held; // by a fault: takes nothing for a while
    long lastDue; // when the last delivery under way arrives, which none overtakes

    int room(int capacity) {
        return ended || held ? 0 : (int) Math.max(0, capacity - (written - arrived));
    }

    int unsent() {
        return (int) (written - arrived);
    }

    int available() {
        return (int) (arrived - taken);
    }

    boolean isEnded() {
        return ended;
    }

    boolean endArrived() {
        return endArrived;
    }

    /** Whether more has been carried here than the receiver's buffer took. */
    boolean isWaitingForRoom() {
        return reached > arrived && !endArrived && !isCut;
    }

    /** The position behind all that was written, the end included. */
    long position() {
        return ended ? written + 1 : written;
    }

    void end() {
        ended = true;
    }

    void write(ByteBuffer from, int n) {
        if (n == 0) {
            return;
        }
        ensureRoom(n);
        int at = (int) written & (ring.length - 1);
        int first = Math.min(n, ring.length - at);
        from.get(ring, at, first);
        from.get(ring, 0, n - first);
        written += n;
    }

    int take(ByteBuffer into, int most) {
        int n = Math.min(most, available());
        if (n > 0) {
            int at = (int) taken & (ring.length - 1);
            int first = Math.min(n, ring.length - at);
            into.put(ring, at, first);
            into.put(ring, 0, n - first);
            taken += n;
            freeIfEmpty();
        }
        return n;
    }

    /** Everything before {@code position} has been carried here; returns whether any of it is new to the receiver. */
    boolean arrive(long position, int capacity) {
        if (isCut) {
            return false;
        }
        reached = Math.max(reached, position);
        long before = arrived;
        arrived = Math.max(arrived, Math.min(Math.min(reached, written), taken + capacity));
        boolean endBefore = endArrived;
        endArrived = ended && reached > written && arrived == written;
        return arrived > before || endArrived != endBefore;
    }

    /** What has not arrived never will. */
    void cut() {
        isCut = true;
        written = arrived;
        ended = true;
        held = false;
        freeIfEmpty();
    }

    /** Nobody will take anything any more. */
    void forget() {
        taken = arrived;
        freeIfEmpty();
    }

    private void freeIfEmpty() {
        if (taken == written) {
            ring = NOTHING;
        }
    }

    private void ensureRoom(int n) {
        int needed = (int) (written - taken) + n;
        if (needed <= ring.length) {
            return;
        }
        int size = Math.max(SMALLEST, Integer.highestOneBit(needed - 1) << 1);
        byte[] larger = new byte[size];
        for (long i = taken; i < written; i++) {
            larger[(int) i & (size - 1)] = ring[(int) i & (ring.length - 1)];
        }
        ring = larger;
    }
}
