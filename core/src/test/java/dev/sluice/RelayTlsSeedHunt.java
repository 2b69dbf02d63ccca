// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.BiFunction;

/** As {@link SeedHunt}, with the seeds of {@link RelayTlsSimTest}. */
final class RelayTlsSeedHunt implements BiFunction<Integer, Integer, String> {

    /** Returns what was found, or null if that many seeds hold. */
    @Override
    public String apply(Integer first, Integer seeds) {
        return RelaySeedHunt.hunt(RelayCase::ofTls, first, seeds);
    }
}
