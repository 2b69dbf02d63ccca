// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds on every topology. */
class TopologyScenarioTest {
    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(3);

    static List<Topology> topologies() {
        return TestServer.topologies(WORKERS);
    }

    @AfterAll
    static void stopWorkers() {
        WORKERS.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void manyConnectionsAreAcceptedHeldReadFramedAndAnswered(Topology topology) throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology))) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                clients.add(test.client());
            }
            Await.until("all are held", () -> test.server.connections() == 200);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < clients.size(); i++) {
                    clients.get(i).send("hello " + i + "\nagain " + i + "\n");
                }
                for (int i = 0; i < clients.size(); i++) {
                    String expected = "hello " + i + "\nagain " + i + "\n";
                    assertEquals(expected, clients.get(i).read(expected));
                }
            }
            for (Client client : clients) {
                client.close();
            }
            test.reasons(200).forEach(reason -> assertEquals(CloseReason.Kind.PEER_CLOSED, reason.kind()));
            long accepted = test.server.acceptors().stream()
                    .mapToLong(Acceptor::accepted)
                    .sum();
            assertEquals(200, accepted);
            assertEquals(200L, test.server.closed().get(CloseReason.Kind.PEER_CLOSED));
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void aRequestSentByteByByteIsAnsweredOnce(Topology topology) throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology));
                Client client = test.client()) {
            for (char c : "slow\nand\n".toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals("slow\nand\n", client.read("slow\nand\n"));
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void aBatchOfManyRequestsIsAnsweredInOrder(Topology topology) throws Exception {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            batch.append("request ").append(i).append('\n');
        }
        try (TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology));
                Client client = test.client()) {
            Thread sender = new Thread(() -> {
                try {
                    client.send(batch.toString());
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();
            assertEquals(batch.toString(), client.read(batch.toString()));
            sender.join();
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void repliesStillLeaveAfterTheClientHasEndedItsStream(Topology topology) throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology));
                Client client = test.client()) {
            client.send("one\ntwo\n").endOutput();
            assertEquals("one\ntwo\n", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void aClientThatResetsLeavesNothingBehind(Topology topology) throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology))) {
            for (int i = 0; i < 50; i++) {
                Client client = test.client();
                client.send("half a li");
                client.reset();
            }
            Await.until("all are gone", () -> test.server.connections() == 0);
            test.recorder.reasons.forEach(
                    reason -> assertTrue(reason.kind() == CloseReason.Kind.PEER_RESET, reason::toString));
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void stoppingEndsIdleConnectionsAndTellsTheProtocol(Topology topology) throws Exception {
        TestServer test = new TestServer(TestServer::echo, builder -> builder.topology(topology));
        try (Client client = test.client()) {
            client.send("x\n").read("x\n");
            Thread stopper = new Thread(test::close);
            stopper.start();
            assertEquals("", client.readAll());
            client.close(); // else the server waits a moment for the client's end
            stopper.join();
            assertEquals(CloseReason.Kind.STOPPED, test.reason().kind());
            assertEquals(List.of("draining"), test.recorder.events);
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void theSamePortCanBeBoundAgainAtOnceOverAndOver(Topology topology) throws Exception {
        TestServer first = new TestServer(TestServer::echo, builder -> builder.topology(topology));
        int port = first.server.port();
        first.close();
        for (int i = 0; i < 20; i++) {
            new TestServer(Endpoint.tcp("127.0.0.1", port), builder -> builder.topology(topology)).close();
        }
    }
}
