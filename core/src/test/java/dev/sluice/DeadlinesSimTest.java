// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason.Deadline;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.http.HttpProtocol;
import dev.sluice.sim.Client;
import dev.sluice.sim.Simulation;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Crowds of slow peers, and the default deadlines to the second, in virtual time. */
class DeadlinesSimTest {
    private static final int CROWD = 5_000;
    private static final String BEGUN = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";

    private final Simulation sim = Simulation.seed(1).keepEvents(100).build();
    private final Map<Deadline, Integer> passed = new EnumMap<>(Deadline.class);
    private final List<Duration> ends = new ArrayList<>(); // in virtual time

    private final class Lines implements RequestProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            reply.send(line, LineEncoder.LF);
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            if (reason instanceof CloseReason.DeadlinePassed deadline) {
                passed.merge(deadline.deadline(), 1, Integer::sum);
                ends.add(sim.now());
            }
        }
    }

    private Server server() throws Exception {
        return Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(Topology.singleThread())
                .listen(Endpoint.tcp("10.0.0.1", 7000), new Lines())
                .start();
    }

    private void stop(Server server) throws Exception {
        server.stop(Duration.ZERO);
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(0, server.connections());
    }

    private void endedWithin(Duration least, Duration most) {
        for (Duration end : ends) {
            assertTrue(end.compareTo(least) >= 0 && end.compareTo(most) <= 0, () -> "one ended after " + end);
        }
    }

    /** A byte a second each; without a rate each of them would be heard for as long as it likes. */
    @Test
    void fiveThousandSlowSendersAllEndByTheFrameDeadlineAndOthersAreServed() throws Exception {
        Server server = server();
        for (int i = 0; i < CROWD; i++) {
            Client slow = sim.client("10.1.0." + (1 + i % 250)).connect(server.address());
            for (int second = 0; second < 29; second++) {
                slow.send("x").pause(Duration.ofSeconds(1));
            }
            slow.pause(Duration.ofMinutes(1)).expectEnd().close();
        }
        Client other = sim.client("10.2.0.1").connect(server.address());
        for (int second = 0; second < 60; second++) {
            other.send("hello\n").expect("hello\n").pause(Duration.ofSeconds(1));
        }
        other.endOutput().expectEnd().close();
        sim.runClients(Duration.ofMinutes(5));
        assertEquals(Map.of(Deadline.FRAME, CROWD), passed);
        endedWithin(Duration.ofSeconds(30), Duration.ofSeconds(35)); // by a fifteenth late, and lingering
        stop(server);
    }

    @Test
    void fiveThousandSilentClientsAllEndByTheFirstByteDeadline() throws Exception {
        Server server = server();
        for (int i = 0; i < CROWD; i++) {
            sim.client("10.1.0." + (1 + i % 250))
                    .connect(server.address())
                    .pause(Duration.ofMinutes(1))
                    .expectEnd()
                    .close();
        }
        sim.runClients(Duration.ofMinutes(5));
        assertEquals(Map.of(Deadline.FIRST_BYTE, CROWD), passed);
        endedWithin(Duration.ofSeconds(30), Duration.ofSeconds(35)); // by a fifteenth late, and lingering
        stop(server);
    }

    /** A server that is sent a body, and pauses for a while for each piece of it. */
    private Server piecewise(Duration pause) throws Exception {
        HttpProtocol http = HttpProtocol.streaming((request, first) -> (piece, reply) -> {
            Connection connection = reply.connection();
            connection.pause();
            sim.after(pause, connection::resume);
        });
        Deadlines deadlines =
                Deadlines.defaults().withFrame(Duration.ofMillis(300)).withLinger(Duration.ofMillis(10));
        return Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(Topology.singleThread())
                .deadlines(deadlines)
                .listen(Endpoint.tcp("10.0.0.1", 7000), http)
                .start();
    }

    private static boolean deadlineHasPassed(Server server) {
        return server.closed().get(CloseReason.Kind.DEADLINE_PASSED) > 0;
    }

    /** A byte each tenth of a second; a handler that pauses for each, as one does that passes a body on, is no help. */
    @Test
    void pausesDoNotPutOffWhatASlowPeerOwes() throws Exception {
        Server server = piecewise(Duration.ofMillis(10));
        Client slow = sim.client("10.1.0.1").connect(server.address()).send(BEGUN);
        for (int piece = 0; piece < 50; piece++) {
            slow.pause(Duration.ofMillis(100)).send("x");
        }
        sim.run(Duration.ofMillis(300));
        assertFalse(deadlineHasPassed(server));
        sim.runUntil("the deadline has passed", () -> deadlineHasPassed(server), Duration.ofMillis(200));
        stop(server);
    }

    /** Three times 50 ms are the peer's, and 30 s are not. */
    @Test
    void aPausePutsOffWhatAPeerOwesByAsLongAsItLasts() throws Exception {
        Server server = piecewise(Duration.ofSeconds(10));
        Client client = sim.client("10.1.0.1").connect(server.address()).send(BEGUN);
        for (int piece = 0; piece < 3; piece++) {
            client.pause(Duration.ofMillis(50)).send("x").pause(Duration.ofSeconds(10));
        }
        sim.run(Duration.ofMillis(30_200));
        assertFalse(deadlineHasPassed(server));
        sim.runUntil("the deadline has passed", () -> deadlineHasPassed(server), Duration.ofMillis(500));
        stop(server);
    }

    /** Its packets are lost: Linux' kernel would repeat them for two minutes. */
    @Test
    void aConnectToAHostThatCannotBeReachedEndsByTheConnectDeadline() throws Exception {
        Connector connector = Connector.builder(DuplexProtocol.of(LineFramer::new, (line, connection) -> {}))
                .environment(sim.environment("10.0.0.1"))
                .start();
        sim.partition("10.0.0.1", "10.0.0.2");
        CompletableFuture<Connection> connect = connector.connect(new InetSocketAddress("10.0.0.2", 7000));
        sim.run(Duration.ofSeconds(10));
        assertFalse(connect.isDone());
        sim.runUntil("it is given up", connect::isDone, Duration.ofSeconds(1));
        Throwable why = connect.handle((connection, failure) -> failure).join();
        assertInstanceOf(SocketTimeoutException.class, why.getCause());
        assertEquals(0, connector.connections());
        sim.run(Duration.ofSeconds(1));
        assertEquals(0, sim.openSockets());
        connector.close();
        sim.runUntilStopped(Duration.ofMinutes(1));
    }

    @Test
    void aConnectThatIsAnsweredLateIsOpenAndMeetsNoConnectDeadline() throws Exception {
        Server server = server();
        Connector connector = Connector.builder(DuplexProtocol.of(LineFramer::new, (line, connection) -> {}))
                .environment(sim.environment("10.0.0.2"))
                .start();
        sim.partition("10.0.0.1", "10.0.0.2");
        sim.after(Duration.ofSeconds(5), () -> sim.heal("10.0.0.1", "10.0.0.2"));
        CompletableFuture<Connection> connect = connector.connect(server.address());
        sim.runUntil("it is open", connect::isDone, Duration.ofSeconds(8)); // at the packet of the seventh second
        sim.run(Duration.ofSeconds(20)); // its timer has fired meanwhile
        assertTrue(connect.join().isOpen());
        connector.close();
        stop(server);
    }

    /** Its host has vanished: nothing says so, ever. */
    @Test
    void aPeerThatHasVanishedIsFoundByBeingIdle() throws Exception {
        Server server = server();
        sim.client("10.1.0.1")
                .connect(server.address())
                .send("hello\n")
                .expect("hello\n")
                .pause(Duration.ofHours(3))
                .close();
        sim.after(Duration.ofSeconds(1), () -> sim.partition("10.0.0.1", "10.1.0.1"));
        sim.run(Duration.ofHours(2));
        assertEquals(Map.of(Deadline.IDLE, 1), passed);
        endedWithin(Duration.ofHours(1), Duration.ofMinutes(65));
        assertEquals(0, server.connections());
        sim.runClients(Duration.ofHours(4));
        stop(server);
    }
}
