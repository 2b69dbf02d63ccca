// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.time.Duration;
import java.util.SplittableRandom;

/** What a seed stands for: topology, framing and close path take turns, so that a range covers all; the rest is drawn. */
record SimulatedCase(
        long seed,
        Shape shape,
        Framing framing,
        ClosePath path,
        Speaking speaking,
        Connecting connecting,
        Faults faults,
        int bufferBytes,
        Limits limits,
        long budgetBytes,
        Deadlines deadlines,
        int listenerConnections,
        boolean scarce) { // whether descriptors run out for a while
    static final int COMBINATIONS = Shape.values().length * Framing.values().length * ClosePath.values().length;

    /** Longer than any run, so that only those are ended by them that were cut off for good. */
    private static final Deadlines LONG = Deadlines.defaults()
            .withConnect(Duration.ofHours(1))
            .withFirstByte(Duration.ofHours(1))
            .withFrame(Duration.ofHours(1))
            .withIdle(Duration.ofHours(1))
            .withWriteStall(Duration.ofHours(1));

    /** The topologies, by name. */
    enum Shape {
        SINGLE_THREAD,
        ACCEPTOR_AND_READERS,
        SHARED_LISTENER,
        REUSE_PORT,
        WORKERS;

        Topology topology(Simulation sim) {
            return switch (this) {
                case SINGLE_THREAD -> Topology.singleThread();
                case ACCEPTOR_AND_READERS -> Topology.acceptorAndReaders(3);
                case SHARED_LISTENER -> Topology.sharedListener(3);
                case REUSE_PORT -> Topology.reusePort(3);
                case WORKERS -> Topology.workers(2, sim.executor());
            };
        }
    }

    /** What kind of protocol answers: on one port, or each on one. */
    enum Speaking {
        REQUESTS,
        DUPLEX,
        BOTH
    }

    /** Whether a connector is there as well, and whose Readers it uses. */
    enum Connecting {
        NOBODY,
        WITH_OWN_READERS,
        WITH_THE_SERVERS
    }

    /** How connections of a case end, beside the faults; each with the reason that must come up. */
    enum ClosePath {
        PEER_CLOSES(CloseReason.Kind.PEER_CLOSED, false, true),
        PEER_ENDS_ITS_STREAM(CloseReason.Kind.PEER_CLOSED, false, true),
        PEER_RESETS(CloseReason.Kind.PEER_RESET, false, true),
        HANDLER_CLOSES(CloseReason.Kind.CLOSED_HERE, true, true),
        CLOSED_FROM_OUTSIDE(CloseReason.Kind.CLOSED_HERE, true, true),
        ABORTED(CloseReason.Kind.ABORTED, true, true),
        HANDLER_THROWS(CloseReason.Kind.HANDLER_FAILED, true, true),
        HOOKS_THROW(CloseReason.Kind.HANDLER_FAILED, true, true),
        BAD_FRAME(CloseReason.Kind.BAD_FRAME, true, true),
        OUTBOUND_LIMIT(CloseReason.Kind.OUTBOUND_LIMIT, true, true),
        BUDGET_EXHAUSTED(CloseReason.Kind.BUDGET_EXHAUSTED, true, true),
        IO_FAILS(CloseReason.Kind.IO_FAILED, false, true),
        STOPPED(CloseReason.Kind.STOPPED, false, false),
        DEADLINE_PASSES(CloseReason.Kind.DEADLINE_PASSED, true, true);

        final CloseReason.Kind reason;
        final boolean serverEnds; // whenever it likes
        final boolean endsQuietly; // before it is stopped

        ClosePath(CloseReason.Kind reason, boolean serverEnds, boolean endsQuietly) {
            this.reason = reason;
            this.serverEnds = serverEnds;
            this.endsQuietly = endsQuietly;
        }
    }

    static SimulatedCase of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom admission = new SplittableRandom(seed ^ 0xADL << 32); // so that one doesn't change the other
        int turn = (int) Math.floorMod(seed, (long) COMBINATIONS);
        Shape shape = Shape.values()[turn % Shape.values().length];
        Framing framing = Framing.values()[turn / Shape.values().length % Framing.values().length];
        ClosePath path = ClosePath.values()[turn / (Shape.values().length * Framing.values().length)];
        Faults faults = Faults.none();
        SplittableRandom later = new SplittableRandom(seed ^ 0x5151);
        for (Fault fault : Fault.values()) {
            // Those that came later have a generator of their own, so that the seeds stand for what they stood for.
            SplittableRandom dice = fault.compareTo(Fault.PARTITION) <= 0 ? random : later;
            if (dice.nextInt(3) == 0) {
                faults = faults.with(fault, Faults.mixed().probability(fault) * (dice.nextInt(4) == 0 ? 10 : 1));
            }
        }
        boolean tight = path == ClosePath.OUTBOUND_LIMIT;
        boolean poor = path == ClosePath.BUDGET_EXHAUSTED;
        int high = 100 + random.nextInt(poor ? 20_000 : 900);
        Limits limits = Limits.defaults()
                .withConnections(random.nextInt(3) == 0 ? 3 : 1000)
                .withAcceptsPerPass(1 + random.nextInt(3))
                .withFrameBytes(tight || poor ? 4000 : 1000)
                .withRepliesInFlight(1 + random.nextInt(5))
                .withRequestsPerTurn(random.nextBoolean() ? 256 : 1 + random.nextInt(5))
                .withMarks(high, random.nextInt(high))
                .withOutboundBytes(tight ? 1024 : 1 << 20);
        int atLeast = faults.probability(Fault.CLOCK_JUMP) > 0 ? 60_000 : 10; // a jump must not cut who does read
        Duration linger = Duration.ofMillis(atLeast + random.nextInt(3000));
        Deadlines deadlines = (path == ClosePath.DEADLINE_PASSES
                        ? shortOnes(random)
                        : path.serverEnds ? Deadlines.defaults() : LONG)
                .withLinger(linger);
        boolean small = poor || path.serverEnds && random.nextInt(4) == 0;
        long budgetBytes = small ? (16 + random.nextInt(16)) << 10 : 64 << 20;
        Speaking speaking = Speaking.values()[random.nextInt(Speaking.values().length)];
        int bufferBytes = tight || poor || random.nextBoolean() ? 1 + random.nextInt(300) : 64 * 1024;
        Connecting connecting = random.nextInt(3) > 0
                ? Connecting.NOBODY
                : bufferBytes < 64 * 1024 || random.nextBoolean()
                        ? Connecting.WITH_OWN_READERS
                        : Connecting.WITH_THE_SERVERS;
        return new SimulatedCase(
                seed,
                shape,
                framing,
                path,
                speaking,
                connecting,
                faults,
                bufferBytes,
                admission(limits, admission),
                budgetBytes,
                deadlines,
                admission.nextInt(3) == 0 ? 1 + admission.nextInt(3) : 1000,
                admission.nextInt(4) == 0);
    }

    private static Limits admission(Limits limits, SplittableRandom random) {
        Limits drawn = limits.withWhenFull(
                        random.nextInt(2) == 0
                                ? WhenFull.WAIT
                                : random.nextBoolean() ? WhenFull.REFUSE : WhenFull.EVICT_IDLEST)
                .withWhenTooFast(random.nextBoolean() ? WhenFull.WAIT : WhenFull.REFUSE);
        if (random.nextInt(4) == 0) {
            drawn = drawn.withConnectionsPerSource(1 + random.nextInt(2));
        }
        if (random.nextInt(4) == 0) {
            drawn = drawn.withAcceptRate(1 + random.nextInt(50), 1 + random.nextInt(4));
        }
        return drawn;
    }

    private static Deadlines shortOnes(SplittableRandom random) {
        return Deadlines.defaults() // those of connects too: some faults have them wait for longer
                .withFirstByte(Duration.ofMillis(10 + random.nextInt(10_000)))
                .withFrame(Duration.ofMillis(10 + random.nextInt(10_000)))
                .withIdle(Duration.ofMillis(100 + random.nextInt(60_000)))
                .withWriteStall(Duration.ofMillis(10 + random.nextInt(20_000)))
                .withMinBytesPerSecond(1 + random.nextInt(random.nextBoolean() ? 10 : 10_000));
    }

    /** What to run it in. */
    Simulation.Builder simulation() {
        return Simulation.seed(seed)
                .faults(faults)
                .bufferBytes(bufferBytes)
                .repeatWith("mvn -B verify -pl core -Dtest=ServerSimTest -Dsluice.sim.first={seed} -Dsluice.sim.seeds=1"
                        + "\n  case " + this);
    }
}
