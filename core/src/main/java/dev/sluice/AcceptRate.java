// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast connections may be accepted: a bucket of {@code burst} tokens, of which {@code perSecond} come back each
 * second. It is kept as the one moment at which the bucket would be full again, so a token is a single addition, and
 * several acceptors share it without a lock. A second that can't be divided by {@code perSecond} is rounded so that the
 * rate is never passed. Any thread; times are those of the loops' clock, which all loops share.
 */
final class AcceptRate {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final long tokenNanos;
    private final long burstNanos; // how far in the future a full bucket may be
    private final AtomicLong fullAtNanos;

    AcceptRate(int perSecond, int burst, long nowNanos) {
        this.tokenNanos = (SECOND_NANOS + perSecond - 1) / perSecond;
        this.burstNanos = tokenNanos * burst;
        this.fullAtNanos = new AtomicLong(nowNanos);
    }

    boolean tryTake(long nowNanos) {
        while (true) {
            long fullAt = fullAtNanos.get();
            long ahead = Math.max(0, fullAt - nowNanos);
            if (ahead + tokenNanos > burstNanos) {
                return false;
            }
            if (fullAtNanos.compareAndSet(fullAt, nowNanos + ahead + tokenNanos)) {
                return true;
            }
        }
    }

    /** Gives back a token that nobody came for. */
    void giveBack() {
        fullAtNanos.addAndGet(-tokenNanos);
    }

    /** Nanoseconds until a token is there, 0 if one is. */
    long nanosUntilNext(long nowNanos) {
        return Math.max(0, fullAtNanos.get() - nowNanos + tokenNanos - burstNanos);
    }
}
