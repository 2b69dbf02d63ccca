// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.SimulatedCase.ClosePath;
import dev.sluice.sim.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The unmodified server in the simulated network: every topology, framer and close path under drawn faults, with
 * {@link ServerInvariants} looked at after each turn. One seed, or many:
 *
 * <pre>mvn -B verify -pl core -Dtest=ServerSimTest -Dsluice.sim.first=17 -Dsluice.sim.seeds=100000</pre>
 */
class ServerSimTest {
    private static final long FIRST = Long.getLong("sluice.sim.first", 0);
    private static final long SEEDS = Long.getLong("sluice.sim.seeds", 3L * SimulatedCase.COMBINATIONS);
    private static final boolean TELLS_PROGRESS = System.getProperty("sluice.sim.seeds") != null;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final Map<ClosePath, Long> ended = new EnumMap<>(ClosePath.class);
    private final Map<CloseReason.Deadline, Long> passed = new EnumMap<>(CloseReason.Deadline.class);
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final Map<CloseReason.Cause, Long> refused = new EnumMap<>(CloseReason.Cause.class);
    private long evicted;
    private final long start = System.nanoTime();
    private Duration virtual = Duration.ZERO;
    private long heard;
    private long moves; // from one Reader to another
    private long told = start;

    @Test
    void whateverHappensTheInvariantsHold() {
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            SimulatedCase given = SimulatedCase.of(seed);
            given.simulation().run(sim -> {
                SimulatedRun run = new SimulatedRun(given, sim);
                run.run();
                count(given, run);
            });
            if (TELLS_PROGRESS) {
                tellProgress(seed - FIRST + 1);
            }
        }
        if (SEEDS >= SimulatedCase.COMBINATIONS) {
            assertTrue(heard > 0, "no client heard anything");
            assertTrue(moves > 0, "no connection was moved");
            for (ClosePath path : ClosePath.values()) {
                assertTrue(ended.get(path) > 0, () -> path + ": no connection ended like that");
            }
            for (CloseReason.Cause cause : CloseReason.Cause.values()) {
                assertTrue(refused.get(cause) > 0, () -> cause + ": nobody was refused for it");
            }
            assertTrue(evicted > 0, "nobody was evicted");
            for (CloseReason.Deadline deadline : CloseReason.Deadline.values()) {
                boolean isOfTls = deadline == CloseReason.Deadline.HANDSHAKE; // which nobody speaks here
                assertTrue(isOfTls || passed.get(deadline) > 0, () -> deadline + ": no connection met it");
            }
            for (Fault fault : Fault.values()) {
                assertTrue(faults.get(fault) > 0 || isOfRandomClients(fault), () -> fault + " has not happened");
            }
        }
    }

    /** The logs are left beside the test reports, where the build's CI compares those of its JDKs byte by byte. */
    @Test
    void theSameSeedGivesTheSameLog() throws IOException {
        Path logs = Files.createDirectories(Path.of("target", "sim-logs"));
        for (SimulatedCase.Shape shape : SimulatedCase.Shape.values()) {
            long seed = 1_000_000L / SimulatedCase.COMBINATIONS * SimulatedCase.COMBINATIONS + shape.ordinal();
            assertEquals(logOf(seed), logOf(seed), () -> shape + ", seed " + seed);
            assertNotEquals(logOf(seed), logOf(seed + SimulatedCase.COMBINATIONS));
            Files.writeString(logs.resolve(shape + "-" + seed + ".log"), logOf(seed));
        }
    }

    private static String logOf(long seed) {
        List<String> events = new ArrayList<>();
        SimulatedCase given = SimulatedCase.of(seed);
        given.simulation().eventsTo(events::add).run(sim -> new SimulatedRun(given, sim).run());
        return String.join("\n", events);
    }

    private static boolean isOfRandomClients(Fault fault) {
        return fault == Fault.FIN || fault == Fault.HALF_CLOSE || fault == Fault.NEVER_READS;
    }

    private void count(SimulatedCase given, SimulatedRun run) {
        ended.merge(given.path(), run.invariants.ended(given.path().reason), Long::sum);
        for (CloseReason.Deadline deadline : CloseReason.Deadline.values()) {
            passed.merge(deadline, run.invariants.passed(deadline), Long::sum);
        }
        for (Fault fault : Fault.values()) {
            faults.merge(fault, run.sim.happened(fault), Long::sum);
        }
        for (CloseReason.Cause cause : CloseReason.Cause.values()) {
            refused.merge(cause, run.invariants.refused(cause), Long::sum);
        }
        evicted += run.invariants.ended(CloseReason.Kind.EVICTED);
        virtual = virtual.plus(run.sim.now());
        heard += run.heard();
        moves += run.moves();
    }

    private void tellProgress(long seeds) {
        long now = System.nanoTime();
        if (now - told >= PROGRESS_NANOS || seeds == SEEDS) {
            told = now;
            System.out.printf(
                    "%d of %d seeds, %.0f a second, %d virtual hours, %d bytes heard, faults %s, ends %s, refused %s, evicted %d%n",
                    seeds,
                    SEEDS,
                    seeds / ((now - start) / 1e9),
                    virtual.toHours(),
                    heard,
                    faults,
                    ended,
                    refused,
                    evicted);
        }
    }
}
