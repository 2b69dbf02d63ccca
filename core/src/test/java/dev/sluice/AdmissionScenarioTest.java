// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason.Cause;
import dev.sluice.CloseReason.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is let in, and what becomes of the others: limits of server, listener and source, and each outcome. */
class AdmissionScenarioTest {
    private static final Limits REFUSING = Limits.defaults().withWhenFull(WhenFull.REFUSE);
    private static final Limits EVICTING = Limits.defaults().withWhenFull(WhenFull.EVICT_IDLEST);
    private static final String REFUSAL = "refused REFUSED\n";

    private static Client served(TestServer test) throws IOException {
        Client client = test.client();
        assertEquals("x\n", client.send("x\n").read("x\n"));
        return client;
    }

    /** From another address of the loopback network. */
    private static Socket from(String host, String to, int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.bind(new InetSocketAddress(host, 0));
        socket.connect(new InetSocketAddress(to, port));
        return socket;
    }

    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream().write("x\n".getBytes());
        byte[] answer = new byte[REFUSAL.length()];
        int n = socket.getInputStream().readNBytes(answer, 0, 2);
        if (answer[0] == 'r') {
            n += socket.getInputStream().readNBytes(answer, 2, answer.length - 2);
        }
        return new String(answer, 0, n);
    }

    @Test
    void aFullServerRefusesInTheWordsOfTheProtocol() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(REFUSING.withConnections(2)))) {
            Client one = served(test);
            Client other = served(test);
            try (Client refused = test.client()) {
                assertEquals(REFUSAL, refused.send("not read\nby anybody\n").readAll());
            }
            Await.until("the refusal is over", () -> test.server.closed().get(Kind.REFUSED) == 1);
            assertEquals(1, test.server.refused().get(Cause.CONNECTIONS_OF_SERVER));
            assertEquals(2, test.recorder.opened.size(), "it was not opened");
            assertEquals(2, test.server.connections());
            assertEquals(List.of("x", "x"), test.recorder.requests, "nothing that it sent is delivered");
            one.close();
            test.reasons(1);
            Await.until("there is room", () -> test.server.connections() == 1);
            served(test).close();
            other.close();
            test.reasons(3);
        }
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void everyTopologyRefusesAndGoesOn(Shape shape) throws Exception {
        try (TestServer test = new TestServer(
                TestServer::echo, b -> b.limits(REFUSING.withConnections(1)).topology(shape.topology))) {
            for (int round = 0; round < 20; round++) {
                Client held = served(test);
                for (int i = 0; i < 3; i++) {
                    try (Client refused = test.client()) {
                        assertEquals(REFUSAL, refused.readAll());
                    }
                }
                held.close();
                Await.until("there is room", () -> test.server.connections() == 0);
            }
            assertEquals(60, test.server.refused().get(Cause.CONNECTIONS_OF_SERVER));
        }
    }

    enum Shape {
        ALONE(Topology.singleThread()),
        HANDING_OVER(Topology.acceptorAndReaders(2)),
        SHARING(Topology.sharedListener(2)),
        SIDE_BY_SIDE(Topology.reusePort(2));

        final Topology topology;

        Shape(Topology topology) {
            this.topology = topology;
        }
    }

    @Test
    void whoComesWhileTooManyAreBeingRefusedIsResetAtOnce() throws Exception {
        Deadlines patient = Deadlines.defaults().withLinger(Duration.ofMinutes(1));
        try (TestServer test = new TestServer(
                TestServer::echo, b -> b.limits(REFUSING.withConnections(1)).deadlines(patient))) {
            Client held = served(test);
            List<Client> refused = new ArrayList<>();
            for (int i = 0; i < Admission.MOST_REFUSALS; i++) {
                refused.add(test.client()); // who neither reads nor hangs up
            }
            Acceptor acceptor = test.server.acceptors().get(0);
            Await.until(
                    "all are being refused",
                    () -> acceptor.refused(Cause.CONNECTIONS_OF_SERVER) == Admission.MOST_REFUSALS);
            assertEquals(0, acceptor.resetAtOnce());
            assertTrue(isResetAtOnce(test));
            assertEquals(1, acceptor.resetAtOnce());
            assertEquals("y\n", held.send("y\n").read("y\n"), "who is held is served");
            for (Client client : refused) {
                assertEquals(REFUSAL, client.readAll());
                client.close();
            }
            Await.until(
                    "all have been refused", () -> test.server.closed().get(Kind.REFUSED) == Admission.MOST_REFUSALS);
            try (Client client = test.client()) {
                assertEquals(REFUSAL, client.readAll());
            }
            held.close();
            test.reasons(1);
        }
    }

    // The reset may come before the connect has returned.
    private static boolean isResetAtOnce(TestServer test) {
        try (Client client = test.client()) {
            return client.isEnded();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void eachListenerHasALimitOfItsOwn() throws Exception {
        TestServer.Recorder second = new TestServer.Recorder(TestServer::echo);
        Endpoint narrow = Endpoint.tcp("127.0.0.1", 0).withConnections(1);
        try (TestServer test = new TestServer(
                TestServer::echo, b -> b.limits(REFUSING.withConnections(3)).listen(narrow, second))) {
            int port = test.server.listeners().get(1).port();
            Socket held = from("127.0.0.1", "127.0.0.1", port);
            assertEquals("x\n", ask(held));
            try (Socket refused = from("127.0.0.1", "127.0.0.1", port)) {
                assertEquals(REFUSAL, ask(refused));
            }
            Client one = served(test);
            Client other = served(test);
            assertEquals(1, test.server.refused().get(Cause.CONNECTIONS_OF_LISTENER));
            assertEquals(2, test.server.listeners().get(0).connections());
            assertEquals(1, test.server.listeners().get(1).connections());
            held.close();
            Await.until("it has ended", () -> second.reasons.size() == 1);
            Await.until("there is room", () -> test.server.listeners().get(1).connections() == 0);
            try (Socket next = from("127.0.0.1", "127.0.0.1", port)) {
                assertEquals("x\n", ask(next));
            }
            one.close();
            other.close();
            test.reasons(2);
        }
    }

    @Test
    void aFullListenerLeavesItsClientsWaitingAndTheOthersNot() throws Exception {
        TestServer.Recorder second = new TestServer.Recorder(TestServer::echo);
        Endpoint narrow = Endpoint.tcp("127.0.0.1", 0).withConnections(1);
        try (TestServer test = new TestServer(
                TestServer::echo, b -> b.topology(Topology.sharedListener(2)).listen(narrow, second))) {
            int port = test.server.listeners().get(1).port();
            Socket held = from("127.0.0.1", "127.0.0.1", port);
            assertEquals("x\n", ask(held));
            Socket waiting = from("127.0.0.1", "127.0.0.1", port);
            Await.until("one is full", () -> test.server.acceptors().stream().anyMatch(Acceptor::isFull));
            served(test).close();
            held.close();
            assertEquals("x\n", ask(waiting));
            waiting.close();
            Await.until("both have ended", () -> second.reasons.size() == 2);
            test.reasons(1);
            Await.until("none is full", () -> test.server.acceptors().stream().noneMatch(Acceptor::isFull));
        }
    }

    @Test
    void aSourceHoldsNoMoreConnectionsThanItMay() throws Exception {
        Limits limits = Limits.defaults().withConnectionsPerSource(2);
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.limits(limits).topology(Topology.sharedListener(2)))) {
            int port = test.server.port();
            for (int round = 0; round < 10; round++) {
                List<Socket> held = new ArrayList<>();
                for (String host : List.of("127.0.0.2", "127.0.0.3")) {
                    for (int i = 0; i < 2; i++) {
                        held.add(from(host, "127.0.0.1", port));
                        assertEquals("x\n", ask(held.get(held.size() - 1)));
                    }
                    try (Socket refused = from(host, "127.0.0.1", port)) {
                        assertEquals(REFUSAL, ask(refused));
                    }
                }
                for (Socket socket : held) {
                    socket.close();
                }
                Await.until("all have gone", () -> test.server.connections() == 0);
            }
            assertEquals(20, test.server.refused().get(Cause.CONNECTIONS_OF_SOURCE));
            assertEquals(
                    0, test.server.listeners().get(0).admission.group().sources.size());
        }
    }

    @Test
    void sourcesOfBothKindsAreCountedOnADualStackListener() throws Exception {
        Limits limits = Limits.defaults().withConnectionsPerSource(1);
        Assumptions.assumeTrue(hasIPv6(), "this machine has no IPv6 on its loopback");
        try (TestServer test = new TestServer(Endpoint.tcp("::", 0), b -> b.limits(limits))) {
            int port = test.server.port();
            try (Socket four = from("127.0.0.1", "127.0.0.1", port);
                    Socket six = from("::1", "::1", port);
                    Socket refusedFour = from("127.0.0.1", "127.0.0.1", port);
                    Socket refusedSix = from("::1", "::1", port)) {
                assertEquals("x\n", ask(four));
                assertEquals("x\n", ask(six));
                assertEquals(REFUSAL, ask(refusedFour));
                assertEquals(REFUSAL, ask(refusedSix));
            }
            test.reasons(2);
        }
    }

    private static boolean hasIPv6() {
        try (var probe = new java.net.ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void withoutALimitOfSourcesNobodyCountsThem() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo)) {
            assertNull(test.server.listeners().get(0).admission.group().sources);
        }
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void theConnectionThatIsIdleLongestMakesRoom(Shape shape) throws Exception {
        try (TestServer test = new TestServer(
                TestServer::echo, b -> b.limits(EVICTING.withConnections(3)).topology(shape.topology))) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                clients.add(served(test));
                assertTrue(test.server.connections() <= 3);
            }
            for (CloseReason reason : test.reasons(9)) {
                CloseReason.Evicted evicted = (CloseReason.Evicted) reason;
                assertEquals(Cause.CONNECTIONS_OF_SERVER, evicted.cause());
                assertEquals(3, evicted.limit());
                assertEquals(1, evicted.at().frames());
            }
            assertEquals(9, test.server.closed().get(Kind.EVICTED));
            for (Client client : clients) {
                client.close();
            }
            test.reasons(12);
        }
    }

    @Test
    void ofTheConnectionsOfOneReaderTheIdlestGoesFirst() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(EVICTING.withConnections(3)))) {
            List<Client> clients = List.of(served(test), served(test), served(test));
            clients.get(0).send("again\n").read("again\n");
            served(test).close();
            assertEquals(test.recorder.opened.get(1).id(), test.reason().at().connectionId());
            assertTrue(clients.get(1).isEnded());
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aListenersLimitEvictsOnlyFromThatListener() throws Exception {
        TestServer.Recorder second = new TestServer.Recorder(TestServer::echo);
        Endpoint narrow = Endpoint.tcp("127.0.0.1", 0).withConnections(1);
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.limits(EVICTING).listen(narrow, second))) {
            Client elsewhere = served(test);
            int port = test.server.listeners().get(1).port();
            try (Socket first = from("127.0.0.1", "127.0.0.1", port)) {
                assertEquals("x\n", ask(first));
                try (Socket next = from("127.0.0.1", "127.0.0.1", port)) {
                    assertEquals("x\n", ask(next));
                    assertEquals(-1, first.getInputStream().read());
                }
            }
            assertEquals("still\n", elsewhere.send("still\n").read("still\n"));
            assertEquals(Kind.EVICTED, second.reasons.get(0).kind());
            elsewhere.close();
            test.reasons(1);
        }
    }

    @Test
    void nobodyIsEvictedWhoseRequestIsInFlightOrWhoIsPaused() throws Exception {
        CompletableFuture<Reply> inFlight = new CompletableFuture<>();
        CompletableFuture<Connection> paused = new CompletableFuture<>();
        Handler<java.nio.ByteBuffer> handler = (line, reply) -> {
            switch (TestServer.text(line)) {
                case "defer" -> inFlight.complete(reply.defer());
                case "pause" -> {
                    reply.send(TestServer.bytes("paused\n"));
                    reply.connection().pause();
                    paused.complete(reply.connection());
                }
                default -> TestServer.echo(line, reply);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.limits(EVICTING.withConnections(2)))) {
            Client deferred = test.client().send("defer\n");
            inFlight.get();
            Client sleeping = test.client().send("pause\n");
            sleeping.read("paused\n");
            paused.get();
            Client waiting = test.client().send("me\n");
            Acceptor acceptor = test.server.acceptors().get(0);
            Await.until("the acceptor is full", acceptor::isFull);
            inFlight.get().send(TestServer.bytes("done\n"));
            assertEquals("done\n", deferred.read("done\n"));
            assertEquals("me\n", waiting.read("me\n")); // it was looked again
            assertTrue(deferred.isEnded());
            assertFalse(paused.get().reader().hasEnded());
            assertTrue(paused.get().isOpen());
            waiting.close();
            sleeping.close();
            deferred.close();
            paused.get().resume();
            test.reasons(3);
        }
    }

    @Test
    void connectionsThatWereMadeHereAreNotEvicted() throws Exception {
        TestServer.Recorder speech = new TestServer.Recorder(TestServer::echo);
        try (TestServer other = new TestServer(TestServer::echo);
                TestServer test = new TestServer(TestServer::echo, b -> b.limits(EVICTING.withConnections(2)))) {
            Connection made = test.server
                    .connector(speech)
                    .connect(other.server.address())
                    .get();
            Client first = served(test);
            Client second = served(test);
            assertTrue(first.isEnded());
            assertTrue(made.isOpen());
            first.close();
            second.close();
            made.close();
            test.reasons(2);
            other.reasons(1);
        }
    }

    @Test
    void whoComesTooFastWaitsUntilTheRateLetsHimIn() throws Exception {
        Limits limits = Limits.defaults().withAcceptRate(40, 2);
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.limits(limits).topology(Topology.sharedListener(2)))) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(test.client().send("x\n"));
            }
            for (Client client : clients) {
                assertEquals("x\n", client.read("x\n"));
                client.close();
            }
            test.reasons(8);
        }
    }
}
