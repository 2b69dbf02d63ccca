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
        return Hash.below(bound, Hash.mix(state.addAndGet(Hash.GOLDEN)));
    }
}
