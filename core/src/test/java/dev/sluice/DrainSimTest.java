// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Draining under load, in the simulation: how it is spread, and that no request is lost where peers are told. */
class DrainSimTest {
    private static final String BYE = "bye";

    /** Answers each line with itself, says goodbye and waits for its peers to go. */
    private static final class Farewell implements RequestProtocol<ByteBuffer> {
        @Override
        public LineFramer newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            reply.send(line, LineEncoder.LF);
        }

        @Override
        public AfterGoodbye draining(Connection connection) {
            connection.send(TestServer.bytes(BYE + "\n"));
            return AfterGoodbye.WAIT_FOR_PEER;
        }
    }

    /** Asks again as soon as it was answered. Told goodbye, it awaits its answer and goes to where the others are now. */
    private static final class Load implements DuplexProtocol<ByteBuffer> {
        private static final class Talk {
            boolean awaits;
            boolean leaving;
        }

        SocketAddress target;
        Connector connector;
        boolean over;
        int asked;
        int answered;
        int lost;
        int failedConnects;

        void begin() {
            connector.connect(null, target, new Talk()).whenComplete((connection, failure) -> {
                if (failure != null && !over) {
                    failedConnects++; // nothing was asked on it
                    begin();
                }
            });
        }

        private void ask(Connection connection, Talk talk) {
            if (over || talk.leaving) {
                connection.close();
            } else {
                talk.awaits = true;
                asked++;
                connection.send(TestServer.bytes("request " + asked + "\n"));
            }
        }

        @Override
        public LineFramer newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            ask(connection, (Talk) connection.attachment());
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            Talk talk = (Talk) connection.attachment();
            if (TestServer.text(line).equals(BYE)) {
                talk.leaving = true;
                if (!talk.awaits) {
                    connection.close();
                }
            } else {
                talk.awaits = false;
                answered++;
                ask(connection, talk);
            }
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            lost += ((Talk) connection.attachment()).awaits ? 1 : 0;
            if (!over) {
                begin();
            }
        }
    }

    private static Server server(Simulation sim, Topology topology, int port, Protocol<?> protocol) throws IOException {
        return Server.builder()
                .environment(sim.environment())
                .topology(topology)
                .listen(Endpoint.tcp("10.0.0.1", port), protocol)
                .start();
    }

    @Test
    void aHundredDrainsUnderLoadLoseNoRequest() throws Exception {
        Simulation sim = Simulation.seed(1)
                .latency(Duration.ofMillis(2), Duration.ofMillis(10))
                .build();
        Load load = new Load();
        load.connector =
                Connector.builder(load).environment(sim.environment("10.0.1.1")).start();
        Server current = server(sim, Topology.acceptorAndReaders(2), 7000, new Farewell());
        load.target = current.address();
        for (int i = 0; i < 50; i++) {
            load.begin();
        }
        sim.run(Duration.ofMillis(100));
        for (int i = 1; i <= 100; i++) {
            Server next = server(sim, Topology.acceptorAndReaders(2), 7000 + i, new Farewell());
            load.target = next.address();
            sim.run(Duration.ofMillis(50));
            CompletableFuture<DrainReport> drained = current.beginDrain(Duration.ofSeconds(1));
            sim.runUntil("it is drained", drained::isDone, Duration.ofSeconds(2));
            DrainReport report = drained.join();
            assertEquals(0, report.forced(), () -> report.toString());
            assertTrue(report.held() > 40, () -> report.toString()); // some are on their way to the next
            current = next;
        }
        load.over = true;
        current.stop(Duration.ofSeconds(5));
        sim.runUntil("the load has ended", () -> load.connector.connections() == 0, Duration.ofMinutes(1));
        load.connector.close();
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(0, load.lost);
        assertEquals(load.asked, load.answered);
        assertTrue(load.answered > 50_000, "requests: " + load.answered);
    }

    @Test
    void idleConnectionsAreToldEvenlyOverTheFirstHalfOfTheWindow() throws Exception {
        Simulation sim = Simulation.seed(2).build();
        Server server =
                server(sim, Topology.acceptorAndReaders(2), 7000, Protocol.of(LineFramer::new, TestServer::echo));
        for (int i = 0; i < 2000; i++) {
            sim.client("10.0.1." + (1 + i / 200))
                    .connect(server.address())
                    .expectEnd()
                    .close();
        }
        sim.runUntil("all are there", () -> server.connections() == 2000, Duration.ofMinutes(1));
        CompletableFuture<DrainReport> drained = server.beginDrain(Duration.ofSeconds(20));
        List<Integer> left = new ArrayList<>();
        for (int second = 1; second <= 10; second++) {
            sim.run(Duration.ofSeconds(1));
            left.add(server.connections());
        }
        for (int second = 1; second < 10; second++) { // those of the last moment are still on their way out
            assertEquals(2000 - 200 * second, left.get(second - 1), 10, "left after each second: " + left);
        }
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(new DrainReport(2000, 0, 0, 0, drained.join().took()), drained.join());
    }

    @Test
    void whatIsNotDoneAtTheEndOfTheWindowIsCutAndReported() throws Exception {
        Simulation sim = Simulation.seed(3).build();
        List<Reply> deferred = new ArrayList<>();
        Server server = server(
                sim,
                Topology.singleThread(),
                7000,
                Protocol.of(LineFramer::new, (ByteBuffer line, Reply reply) -> deferred.add(reply.defer())));
        for (int i = 0; i < 3; i++) {
            sim.client("10.0.1.1").connect(server.address()).send("one\ntwo\n").pause(Duration.ofSeconds(30));
        }
        sim.runUntil("all have asked", () -> deferred.size() == 6, Duration.ofMinutes(1));
        CompletableFuture<DrainReport> drained = server.beginDrain(Duration.ofSeconds(4));
        sim.run(Duration.ofSeconds(3));
        for (int i = 0; i < 3; i++) {
            deferred.get(i).send(TestServer.bytes("reply\n"));
        }
        assertTrue(server.isDraining());
        sim.runUntilStopped(Duration.ofMinutes(1));
        DrainReport report = drained.join();
        assertEquals(3, report.held());
        assertEquals(1, report.ended());
        assertEquals(2, report.forced());
        assertEquals(3, report.unanswered());
        assertEquals(2L, server.closed().get(CloseReason.Kind.STOPPED) - report.ended());
    }

    @Test
    void aSecondDrainHastensTheFirst() throws Exception {
        Simulation sim = Simulation.seed(4).build();
        List<Reply> deferred = new ArrayList<>();
        Server server = server(
                sim,
                Topology.singleThread(),
                7000,
                Protocol.of(LineFramer::new, (ByteBuffer line, Reply reply) -> deferred.add(reply.defer())));
        sim.client("10.0.1.1").connect(server.address()).send("one\n").expectEnd();
        sim.runUntil("it has asked", () -> deferred.size() == 1, Duration.ofMinutes(1));
        CompletableFuture<DrainReport> patient = server.beginDrain(Duration.ofHours(1));
        sim.run(Duration.ofSeconds(1));
        CompletableFuture<DrainReport> hasty = server.beginDrain(Duration.ofSeconds(1));
        sim.runUntil("both are done", () -> patient.isDone() && hasty.isDone(), Duration.ofSeconds(3));
        assertEquals(1, patient.join().forced());
        assertEquals(patient.join(), hasty.join());
        sim.runUntilStopped(Duration.ofMinutes(1));
    }
}
