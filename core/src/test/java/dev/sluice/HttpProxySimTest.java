// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.HttpProxyCase.Strain;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A reverse proxy in the simulated network: each request gets the response that was made for it, an error, or an end that is seen;
 * no backend sees what nobody has sent, nor twice what does harm twice; and in the end nothing is held. One seed, or many:
 *
 * <pre>mvn -B verify -pl core -Dtest=HttpProxySimTest -Dsluice.sim.first=17 -Dsluice.sim.seeds=20000</pre>
 */
class HttpProxySimTest {
    private static final long FIRST = Long.getLong("sluice.sim.first", 0);
    private static final long SEEDS = Long.getLong("sluice.sim.seeds", 20L * Strain.values().length);

    @Test
    void eachRequestGetsItsOwnResponse() {
        Map<Strain, Long> answered = new EnumMap<>(Strain.class);
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            HttpProxyCase given = HttpProxyCase.of(seed);
            given.simulation().run(sim -> {
                HttpProxyRun run = new HttpProxyRun(given, sim);
                run.run();
                answered.merge(given.strain(), run.answered, Long::sum);
            });
        }
        if (SEEDS >= 10L * Strain.values().length) {
            for (Strain strain : Strain.values()) {
                assertTrue(answered.get(strain) > 0, () -> strain + ": nothing was answered");
            }
        }
    }
}
