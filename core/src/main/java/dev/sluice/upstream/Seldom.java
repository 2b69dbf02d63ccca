// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** Something that is said once in ten seconds at most, however often there is reason to. Any thread. */
final class Seldom {
    static final long EVERY_NANOS = 10_000_000_000L;

    private long saidAt;
    private long leftOut = -1; // -1: it has never been said

    /** How often it was left out since it was said last, if it is to be said now; else -1. */
    synchronized long ask(long now) {
        if (leftOut >= 0 && now - saidAt < EVERY_NANOS) {
            leftOut++;
            return -1;
        }
        long before = Math.max(leftOut, 0);
        saidAt = now;
        leftOut = 0;
        return before;
    }
}
