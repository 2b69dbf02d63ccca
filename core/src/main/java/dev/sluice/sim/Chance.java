// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.SplittableRandom;

/** Randomness drawn from the seed, by arithmetic that is the same on every JDK. */
final class Chance {
    private static final double UNIT = 0x1.0p-53;

    private final SplittableRandom random;

    Chance(SplittableRandom random) {
        this.random = random;
    }

    /** Evenly from 0 to {@code bound - 1}. */
    int below(int bound) {
        return (int) ((random.nextLong() >>> 32) * bound >>> 32);
    }

    /** Evenly from {@code low} to {@code high}, both included. */
    long between(long low, long high) {
        return low == high ? low : low + Math.floorMod(random.nextLong() >>> 1, high - low + 1);
    }

    boolean hits(double probability) {
        return (random.nextLong() >>> 11) * UNIT < probability;
    }

    SplittableRandom split() {
        return random.split();
    }
}
