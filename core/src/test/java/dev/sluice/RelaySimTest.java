// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.RelayCase.Strain;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Relays in the simulated network, between clients and backends that do whatever they like: each byte comes out once, in
 * order and on the right connection; what was cut doesn't look whole; and in the end nothing is held. One seed, or many:
 *
 * <pre>mvn -B verify -pl core -Dtest=RelaySimTest -Dsluice.sim.first=17 -Dsluice.sim.seeds=20000</pre>
 */
class RelaySimTest {
    private static final long FIRST = Long.getLong("sluice.sim.first", 0);
    private static final long SEEDS = Long.getLong("sluice.sim.seeds", 20L * Strain.values().length);
    private static final boolean TELLS_PROGRESS = System.getProperty("sluice.sim.seeds") != null;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final Map<CloseReason.Kind, Long> ends = new EnumMap<>(CloseReason.Kind.class);
    private final Map<Strain, Long> inOrder = new EnumMap<>(Strain.class);
    private long heard;

    @Test
    void everyByteComesOutOnceAndInOrderOnTheRightConnection() {
        long start = System.nanoTime();
        long told = start;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            RelayCase given = RelayCase.of(seed);
            given.simulation().run(sim -> {
                RelayRun run = new RelayRun(given, sim);
                run.run();
                run.ends.forEach((kind, number) -> ends.merge(kind, number, Long::sum));
                inOrder.merge(given.strain(), run.inOrder, Long::sum);
                heard += run.heard;
            });
            long now = System.nanoTime();
            if (TELLS_PROGRESS && (now - told >= PROGRESS_NANOS || seed == FIRST + SEEDS - 1)) {
                told = now;
                long done = seed - FIRST + 1;
                System.out.printf(
                        "%d of %d seeds, %.0f a second, %d bytes heard, whole relays %s, ends %s%n",
                        done, SEEDS, done / ((now - start) / 1e9), heard, inOrder, ends);
            }
        }
        if (SEEDS >= 10L * Strain.values().length) {
            for (Strain strain : Strain.values()) {
                assertTrue(inOrder.get(strain) > 0, () -> strain + ": no relay came to its end in order");
            }
        }
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
