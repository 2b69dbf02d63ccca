// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.RelayCase.Strain;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Relays in the simulated network, between clients and backends that do whatever they like: each byte comes out once, in
 * order and on the right connection; what was cut doesn't look whole; and in the end nothing is held. One seed, or many:
 *
 * <pre>mvn -B verify -pl core -Dtest=RelaySimTest -Dsluice.sim.first=17 -Dsluice.sim.seeds=20000</pre>
 */
class RelaySimTest {
    private static final int OF_EACH_STRAIN = 20;

    @Test
    void everyByteComesOutOnceAndInOrderOnTheRightConnection() {
        new RelaySeeds(RelayCase::of, OF_EACH_STRAIN).run();
    }

    @Test
    void theSameSeedGivesTheSameLog() {
        for (long seed = 0; seed < Strain.values().length; seed++) {
            assertEquals(logOf(seed), logOf(seed));
        }
    }

    private static String logOf(long seed) {
        List<String> events = new ArrayList<>();
        RelayCase given = RelayCase.of(seed);
        given.simulation().eventsTo(events::add).run(sim -> new RelayRun(given, sim).run());
        return String.join("\n", events);
    }
}
