// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.time.Duration;
import java.util.SplittableRandom;

/** What a seed of {@link HttpProxySimTest} stands for: the strains take turns, the rest is drawn. */
record HttpProxyCase(
        long seed,
        Strain strain,
        SimulatedCase.Shape shape,
        Faults faults,
        int bufferBytes,
        Limits limits,
        int connections,
        int queue,
        int heldBytes,
        int retries,
        int clients,
        int backends,
        Duration responseTimeout,
        long budgetBytes) {

    private static final double SLOW_CONNECTS = 0.3; // so that some clients leave before theirs is there

    /** Longer than any run. */
    static final Deadlines LONG = Deadlines.defaults()
            .withFirstByte(Duration.ofHours(5))
            .withFrame(Duration.ofHours(5))
            .withIdle(Duration.ofMinutes(30))
            .withWriteStall(Duration.ofHours(5));

    /** What is hard about it. */
    enum Strain {
        /** All behave, and each request must get the response that was made for it. */
        NONE,
        /** The network has faults. */
        FAULTS,
        /** Backends don't answer, answer early, die in the middle of a body, cut short, or send what nobody asked for. */
        UNRULY_BACKENDS,
        /** Clients reset, hang up and don't read, some of them while a connection for them is being made. */
        UNRULY_CLIENTS,
        /** Few connections to backends, small marks, little memory, and for a while no descriptors. */
        LIMITS,
        /** The server is drained in the middle. */
        DRAINED,
        /** The backends are closed in the middle. */
        CLOSED,
        /** All of that. */
        EVERYTHING;

        boolean is(Strain other) {
            return this == other || this == EVERYTHING && other != NONE;
        }
    }

    static HttpProxyCase of(long seed) {
        Strain strain = Strain.values()[(int) Math.floorMod(seed, (long) Strain.values().length)];
        SplittableRandom random = new SplittableRandom(seed ^ 0x9123_0000L);
        Faults faults = Faults.none();
        if (strain.is(Strain.FAULTS)) {
            for (Fault fault : Fault.values()) {
                boolean looksLikeAnEnd = fault == Fault.FIN || fault == Fault.HALF_CLOSE;
                if (!looksLikeAnEnd && random.nextBoolean()) {
                    faults = faults.with(fault, Faults.mixed().probability(fault));
                }
            }
        }
        if (strain.is(Strain.UNRULY_CLIENTS)) {
            faults = faults.with(Fault.CONNECT_DELAY, SLOW_CONNECTS);
        }
        boolean tight = strain.is(Strain.LIMITS);
        int high = 1 + random.nextInt(tight || random.nextBoolean() ? 2000 : 100_000);
        return new HttpProxyCase(
                seed,
                strain,
                SimulatedCase.Shape.values()[random.nextInt(SimulatedCase.Shape.values().length)],
                faults,
                random.nextInt(3) == 0 ? 1 + random.nextInt(400) : 64 << 10,
                Limits.defaults().withMarks(high, random.nextInt(high)).withRequestsPerTurn(1 + random.nextInt(20)),
                tight ? 1 + random.nextInt(3) : 64,
                tight && random.nextBoolean() ? random.nextInt(5) : 1024,
                random.nextInt(3) == 0 ? random.nextInt(300) : 64 << 10,
                random.nextInt(3),
                1 + random.nextInt(8),
                1 + random.nextInt(3),
                strain == Strain.NONE ? Duration.ofHours(1) : Duration.ofMillis(5000 + random.nextInt(15_000)),
                tight && random.nextBoolean() ? 50_000 + random.nextInt(500_000) : 1L << 40);
    }

    /** Whether each request must get its response. */
    boolean isGentle() {
        return strain == Strain.NONE;
    }

    /** What to run it in. */
    Simulation.Builder simulation() {
        return Simulation.seed(seed)
                .faults(faults)
                .bufferBytes(bufferBytes)
                .repeatWith("mvn -B verify -pl core -Dtest=HttpProxySimTest -Dsluice.sim.first={seed}"
                        + " -Dsluice.sim.seeds=1\n  case " + this);
    }
}
