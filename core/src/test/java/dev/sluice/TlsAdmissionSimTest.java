// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Simulation;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Handshakes that come faster than they may begin, by a clock that the test moves. */
class TlsAdmissionSimTest {
    private static final int CLIENTS = 30;

    private final Simulation sim = Simulation.seed(1).build();
    private final List<Integer> secured = new ArrayList<>();
    private int failed;
    private Server server;
    private Connector connector;

    /** Notes whose handshake is over. */
    private final class Clients implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            secured.add((Integer) connection.attachment());
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {}
    }

    private void start(Limits limits, Deadlines deadlines) throws Exception {
        server = Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(Topology.singleThread())
                .limits(limits)
                .deadlines(deadlines)
                .listen(
                        Endpoint.tcp("10.0.0.1", 7000)
                                .withTls(TlsKeys.ofLocalhost().server()),
                        Protocol.of(LineFramer::new, TestServer::echo))
                .start();
        connector = Connector.builder(new Clients())
                .environment(sim.environment("10.1.0.1"))
                .tls(TlsKeys.ofLocalhost().client().serverName("localhost").build())
                .start();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            sim.after(Duration.ofMillis(i), () -> connector
                    .connect(null, new InetSocketAddress("10.0.0.1", 7000), number)
                    .whenComplete((connection, failure) -> failed += failure == null ? 0 : 1));
        }
    }

    private void stop() throws Exception {
        server.stop(Duration.ofSeconds(1));
        connector.stop(Duration.ofSeconds(1));
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(0, server.connections());
        assertEquals(0, server.handshakes());
        assertEquals(0, server.handshakesWaiting());
    }

    @Test
    void soManyBeginInASecondAndTheNewestIsNext() throws Exception {
        start(Limits.defaults().withHandshakesPerSecond(10), Deadlines.defaults());
        sim.run(Duration.ofMillis(1050));
        assertTrue(secured.size() >= 11 && secured.size() <= 12, secured::toString);
        assertEquals(CLIENTS - secured.size(), server.handshakesWaiting());
        sim.run(Duration.ofSeconds(2));
        assertEquals(CLIENTS, secured.size());
        List<Integer> newestFirst = IntStream.iterate(CLIENTS - 1, number -> number > 1, number -> number - 1)
                .boxed()
                .toList();
        assertEquals(List.of(0, 1), secured.subList(0, 2)); // at once, when nobody else was there
        assertEquals(newestFirst, secured.subList(2, CLIENTS));
        stop();
    }

    @Test
    void whoHasWaitedLongestIsGivenUpAndTheRestIsServed() throws Exception {
        start(
                Limits.defaults().withHandshakesPerSecond(10),
                Deadlines.defaults().withHandshake(Duration.ofSeconds(1)));
        sim.run(Duration.ofMillis(1500));
        assertTrue(secured.size() >= 10 && secured.size() <= 12, secured::toString);
        assertEquals(CLIENTS - secured.size(), failed);
        assertEquals(failed, server.closed().get(CloseReason.Kind.DEADLINE_PASSED));
        assertTrue(secured.contains(CLIENTS - 1) && !secured.contains(2), secured::toString);
        stop();
    }
}
