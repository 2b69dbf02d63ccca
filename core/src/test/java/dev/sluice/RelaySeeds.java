// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.RelayCase.Strain;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongFunction;

/** Runs cases of relays, seed after seed: those that the command line names, or some of each strain. */
final class RelaySeeds {
    private static final long FIRST = Long.getLong("sluice.sim.first", 0);
    private static final boolean TELLS_PROGRESS = System.getProperty("sluice.sim.seeds") != null;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final LongFunction<RelayCase> cases;
    private final long seeds;
    private final Map<CloseReason.Kind, Long> ends = new EnumMap<>(CloseReason.Kind.class);
    private final Map<Strain, Long> inOrder = new EnumMap<>(Strain.class);
    private long heard;

    /** So many of each strain, unless the command line says otherwise. */
    RelaySeeds(LongFunction<RelayCase> cases, long ofEachStrain) {
        this.cases = cases;
        this.seeds = Long.getLong("sluice.sim.seeds", ofEachStrain * Strain.values().length);
    }

    void run() {
        long start = System.nanoTime();
        long told = start;
        for (long seed = FIRST; seed < FIRST + seeds; seed++) {
            RelayCase given = cases.apply(seed);
            given.simulation().run(sim -> {
                RelayRun run = new RelayRun(given, sim);
                run.run();
                run.ends.forEach((kind, number) -> ends.merge(kind, number, Long::sum));
                inOrder.merge(given.strain(), run.inOrder, Long::sum);
                heard += run.heard;
            });
            long now = System.nanoTime();
            if (TELLS_PROGRESS && (now - told >= PROGRESS_NANOS || seed == FIRST + seeds - 1)) {
                told = now;
                long done = seed - FIRST + 1;
                System.out.printf(
                        "%d of %d seeds, %.0f a second, %d bytes heard, whole relays %s, ends %s%n",
                        done, seeds, done / ((now - start) / 1e9), heard, inOrder, ends);
            }
        }
        if (seeds >= 10L * Strain.values().length) {
            for (Strain strain : Strain.values()) {
                assertTrue(inOrder.get(strain) > 0, () -> strain + ": no relay came to its end in order");
            }
        }
    }
}
