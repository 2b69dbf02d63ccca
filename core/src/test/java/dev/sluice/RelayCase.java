// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.time.Duration;
import java.util.SplittableRandom;

/** What a seed of {@link RelaySimTest} stands for: the strains take turns, the rest is drawn. */
record RelayCase(
        long seed,
        Strain strain,
        boolean hello, // routed by it
        boolean proxyIn, // a PROXY header is required in front
        boolean proxyOut, // and one is sent behind
        boolean tlsIn, // TLS of clients ends here
        boolean tlsOut, // and TLS to backends begins
        SimulatedCase.Shape shape,
        Faults faults,
        int bufferBytes,
        Limits limits,
        long budgetBytes,
        Deadlines deadlines,
        int clients,
        int backends) {

    /** Longer than any run. */
    private static final Deadlines LONG = Deadlines.defaults()
            .withHandshake(Duration.ofMinutes(30))
            .withFirstByte(Duration.ofHours(5))
            .withFrame(Duration.ofHours(5))
            .withIdle(Duration.ofHours(5))
            .withWriteStall(Duration.ofHours(5));

    /** What is hard about it. */
    enum Strain {
        /** All peers behave, though they are slow readers, and all must come to its end in order. */
        NONE,
        /** The network has faults. */
        FAULTS,
        /** Ten times as many. */
        MANY_FAULTS,
        /** Peers reset, hang up and don't read. */
        UNRULY_PEERS,
        /** Backends are stopped, started, slowed, and reset their connections. */
        UNRULY_BACKENDS,
        /** Router and targets throw. */
        HOOKS_THROW,
        /** There is little memory. */
        POOR,
        /** Few connections, small marks, few unsent bytes. */
        LIMITS,
        /** Short deadlines, and peers that meet them. */
        DEADLINES,
        /** The server is stopped in the middle, with a grace. */
        DRAINED,
        /** All of that. */
        EVERYTHING;

        boolean is(Strain other) {
            return this == other || this == EVERYTHING && other != NONE;
        }
    }

    /** The same with TLS at either side, or at both; what it is in TLS is drawn by the JDK, so it isn't repeated to the byte. */
    static RelayCase ofTls(long seed) {
        return of(seed, seed % 3 != 0, seed % 3 != 1);
    }

    static RelayCase of(long seed) {
        return of(seed, false, false);
    }

    private static RelayCase of(long seed, boolean tlsIn, boolean tlsOut) {
        Strain strain = Strain.values()[(int) Math.floorMod(seed, (long) Strain.values().length)];
        SplittableRandom random = new SplittableRandom(seed ^ 0x4E1A_0000L);
        boolean small = random.nextInt(3) == 0;
        Faults faults = Faults.none();
        boolean many = strain.is(Strain.MANY_FAULTS);
        if (many || strain.is(Strain.FAULTS)) {
            for (Fault fault : Fault.values()) {
                if (random.nextInt(2) == 0) {
                    faults = faults.with(
                            fault,
                            Math.min(0.5, Faults.mixed().probability(fault) * (many ? 1 + random.nextInt(20) : 1)));
                }
            }
        }
        int high = 1 + random.nextInt(strain.is(Strain.LIMITS) || random.nextBoolean() ? 2000 : 100_000);
        Limits limits = Limits.defaults().withMarks(high, random.nextInt(high));
        if (strain.is(Strain.LIMITS)) {
            limits = limits.withConnections(1 + random.nextInt(12))
                    .withOutboundBytes(random.nextBoolean() ? 2048 + random.nextInt(100_000) : 4 << 20)
                    .withRequestsPerTurn(1 + random.nextInt(3))
                    .withWhenFull(WhenFull.values()[random.nextInt(WhenFull.values().length)]);
        }
        return new RelayCase(
                seed,
                strain,
                random.nextInt(3) == 0 && !tlsIn,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0,
                tlsIn,
                tlsOut,
                SimulatedCase.Shape.values()[random.nextInt(SimulatedCase.Shape.values().length)],
                faults,
                small ? 1 + random.nextInt(400) : 64 << 10,
                limits,
                strain.is(Strain.POOR) ? (20 + random.nextInt(100)) << 10 : 64 << 20,
                (strain.is(Strain.DEADLINES) ? shortOnes(random) : LONG)
                        .withLinger(Duration.ofMillis(10 + random.nextInt(3000))),
                1 + random.nextInt(7),
                1 + random.nextInt(3));
    }

    private static Deadlines shortOnes(SplittableRandom random) {
        Duration connect = Duration.ofMillis(10 + random.nextInt(5000));
        return Deadlines.defaults()
                .withConnect(connect)
                .withHandshake(connect)
                .withFirstByte(Duration.ofMillis(10 + random.nextInt(10_000)))
                .withFrame(Duration.ofMillis(10 + random.nextInt(10_000)))
                .withIdle(Duration.ofMillis(100 + random.nextInt(20_000)))
                .withWriteStall(Duration.ofMillis(10 + random.nextInt(20_000)))
                .withMinBytesPerSecond(1 + random.nextInt(random.nextBoolean() ? 10 : 10_000));
    }

    boolean hasTls() {
        return tlsIn || tlsOut;
    }

    /** Whether nobody but a peer's own wish ends a stream, so that all must come through. */
    boolean isGentle() {
        return strain == Strain.NONE;
    }

    boolean peersAreUnruly() {
        return strain.is(Strain.UNRULY_PEERS);
    }

    /** What to run it in. */
    Simulation.Builder simulation() {
        return Simulation.seed(seed)
                .faults(faults)
                .bufferBytes(bufferBytes)
                .repeatWith("mvn -B verify -pl core -Dtest=" + (hasTls() ? "RelayTlsSimTest" : "RelaySimTest")
                        + " -Dsluice.sim.first={seed} -Dsluice.sim.seeds=1"
                        + "\n  case " + this);
    }
}
