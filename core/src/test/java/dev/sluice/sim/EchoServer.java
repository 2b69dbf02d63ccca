// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.CloseReason;
import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A server that answers lines with themselves, in a simulation. */
final class EchoServer {
    static final Duration HOUR = Duration.ofHours(1);

    /** The topologies, by name. */
    enum Kind {
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

    final Simulation sim;
    final Server server;

    EchoServer(Simulation sim, Kind kind) {
        this(sim, builder -> builder.topology(kind.topology(sim)));
    }

    EchoServer(Simulation sim, UnaryOperator<Server.Builder> configuration) {
        this.sim = sim;
        Protocol<ByteBuffer> echo = Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
        try {
            this.server = configuration
                    .apply(Server.builder()
                            .environment(sim.environment())
                            .topology(Topology.singleThread())
                            .poisonBuffers(true)
                            .listen(Endpoint.tcp("10.0.0.1", 7000), echo))
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    RandomClients clients(int number) {
        return sim.randomClients(number, server.address(), Conversation.echoedLines(100));
    }

    /** Stops the server, and checks that nothing is left. */
    void stop() {
        try {
            server.stop(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        sim.runUntilStopped(HOUR);
        assertEquals(0, server.connections(), "connections");
        assertEquals(0, sim.openSockets(), "sockets");
        assertEquals(0, server.closed().get(CloseReason.Kind.HANDLER_FAILED), "failed handlers");
        assertEquals(0, server.closed().get(CloseReason.Kind.BAD_FRAME), "bad frames");
    }
}
