// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A count with a limit that is never passed, such as the connections of a server: who takes a permit may have one. Any thread. */
final class Permits {
    private final int max;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CopyOnWriteArrayList<Runnable> whenFreed = new CopyOnWriteArrayList<>();

    Permits(int max) {
        this.max = max;
    }

    /** Adds something to be told, from any thread, that a permit came free while somebody waited. At start. */
    void onFreed(Runnable action) {
        whenFreed.add(action);
    }

    boolean tryTake() {
        for (int now = taken.get(); now < max; now = taken.get()) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false; // and never counted, not even for a moment, or somebody else could miss a free one
    }

    /**
     * Asks to be told of the next free permit. The caller tries once more after this: a permit that came free in between
     * was not announced.
     */
    void waitForOne() {
        waiting.incrementAndGet();
    }

    /** Ends a wait, told or not. */
    void waitedEnough() {
        waiting.decrementAndGet();
    }

    void giveBack() {
        taken.decrementAndGet();
        announce();
    }

    /** Tells those who wait to look again. */
    void announce() {
        if (waiting.get() > 0) {
            whenFreed.forEach(Runnable::run);
        }
    }

    boolean hasFree() {
        return taken.get() < max;
    }

    int max() {
        return max;
    }

    int taken() {
        return taken.get();
    }
}
