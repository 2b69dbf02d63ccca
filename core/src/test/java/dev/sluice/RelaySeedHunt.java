// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.BiFunction;
import java.util.function.LongFunction;

/** As {@link SeedHunt}, with the seeds of {@link RelaySimTest}. */
final class RelaySeedHunt implements BiFunction<Integer, Integer, String> {

    /** Returns what was found, or null if that many seeds hold. */
    @Override
    public String apply(Integer first, Integer seeds) {
        return hunt(RelayCase::of, first, seeds);
    }

    static String hunt(LongFunction<RelayCase> cases, int first, int seeds) {
        for (long seed = first; seed < first + seeds; seed++) {
            RelayCase given = cases.apply(seed);
            try {
                new RelayRun(given, given.simulation().build()).run();
            } catch (Exception | AssertionError e) {
                String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                return "seed " + seed + ": " + what;
            }
        }
        return null;
    }
}
