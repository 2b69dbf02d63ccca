// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.concurrent.atomic.AtomicLong;

/** Random numbers for several threads without a lock (SplitMix64), the same ones for the same seed. Any thread. */
final class Dice {
    private final AtomicLong state;

    Dice(long seed) {
        state = new AtomicLong(seed);
    }

    int below(int bound) {
        return Hash.below(bound, next());
    }

    /** A number from 0 to {@code bound - 1}, of a bound up to 2^62. */
    long below(long bound) {
        return Math.multiplyHigh(next() >>> 1, bound << 1);
    }

    private long next() {
        return Hash.mix(state.addAndGet(Hash.GOLDEN));
    }
}
