// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.BiFunction;

/** Runs seeds until one fails. Loaded with the classes of a server that has a {@link Defect}. */
final class SeedHunt implements BiFunction<Integer, Integer, String> {

    /** Returns what was found, or null if that many seeds hold. */
    @Override
    public String apply(Integer first, Integer seeds) {
        for (long seed = first; seed < first + seeds; seed++) {
            SimulatedCase given = SimulatedCase.of(seed);
            try {
                new SimulatedRun(given, given.simulation().build()).run();
            } catch (Exception | AssertionError e) {
                String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                return "seed " + seed + ": " + what;
            }
        }
        return null;
    }
}
