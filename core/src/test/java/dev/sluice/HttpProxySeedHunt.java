// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.BiFunction;

/** As {@link SeedHunt}, with the seeds of {@link HttpProxySimTest}. */
final class HttpProxySeedHunt implements BiFunction<Integer, Integer, String> {

    /** Returns what was found, or null if that many seeds hold. */
    @Override
    public String apply(Integer first, Integer seeds) {
        for (long seed = first; seed < first + seeds; seed++) {
            HttpProxyCase given = HttpProxyCase.of(seed);
            try {
                new HttpProxyRun(given, given.simulation().build()).run();
            } catch (Exception | AssertionError e) {
                String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                return "seed " + seed + ": " + what;
            }
        }
        return null;
    }
}
