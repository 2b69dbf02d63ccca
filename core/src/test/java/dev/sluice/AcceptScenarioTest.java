// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Accepting: the limit of connections, whom they are given to, and other kinds of endpoints. */
class AcceptScenarioTest {

    @Test
    void clientsBeyondTheLimitWaitUntilAConnectionEnds() throws Exception {
        Limits limits = Limits.defaults().withConnections(3);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(limits))) {
            List<Client> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(test.client());
                held.get(i).send("x\n").read("x\n");
            }
            Client waiting = test.client(); // the kernel completes it
            waiting.send("me too\n");
            Acceptor acceptor = test.server.acceptors().get(0);
            Await.until("the acceptor is full", acceptor::isFull);
            assertEquals(3, test.server.connections());
            assertEquals(3, acceptor.accepted());
            held.get(1).close();
            assertEquals("me too\n", waiting.read("me too\n"));
            assertEquals(3, test.server.connections());
            waiting.close();
            held.get(0).close();
            held.get(2).close();
            test.reasons(4);
            Await.until("it isn't full any more", () -> !acceptor.isFull());
        }
    }

    @Test
    void theLimitHoldsUnderAStormOfClientsComingAndGoing() throws Exception {
        Limits limits = Limits.defaults().withConnections(5).withAcceptsPerPass(2);
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.limits(limits).topology(Topology.sharedListener(2)))) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < 10; t++) {
                Thread thread = new Thread(() -> {
                    try {
                        for (int i = 0; i < 20; i++) {
                            try (Client client = test.client()) {
                                client.send("x\n").read("x\n");
                                assertTrue(test.server.connections() <= 5, "more than the limit");
                            }
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
            assertEquals(200, test.reasons(200).size());
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderChoice.class)
    void everyReaderChoiceSpreadsConnectionsAsItSays(ReaderChoice choice) throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(Topology.acceptorAndReaders(4))
                .readerChoice(choice))) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                clients.add(test.client());
                clients.get(i).send("x\n").read("x\n");
            }
            List<Integer> counts =
                    test.server.readers().stream().map(Reader::connections).toList();
            switch (choice) {
                case ROUND_ROBIN, FEWEST_CONNECTIONS -> assertEquals(List.of(10, 10, 10, 10), counts);
                case TWO_RANDOM_CHOICES -> counts.forEach(n -> assertTrue(n >= 5 && n <= 15, counts::toString));
                case SOURCE_ADDRESS -> assertTrue(counts.contains(40), counts::toString);
            }
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void serverWithSeveralEndpointsSpeaksEachItsProtocol() throws Exception {
        Protocol<ByteBuffer> shouting = Protocol.of(
                dev.sluice.frame.LineFramer::new,
                (line, reply) ->
                        reply.send(TestServer.bytes(TestServer.text(line).toUpperCase(java.util.Locale.ROOT) + "\n")));
        try (TestServer test = new TestServer(TestServer::echo, b -> b.listen(Endpoint.tcp("127.0.0.1", 0), shouting));
                Client quiet = test.client();
                java.net.Socket loud = new java.net.Socket(
                        "127.0.0.1", test.server.listeners().get(1).port())) {
            assertEquals("x\n", quiet.send("x\n").read("x\n"));
            loud.getOutputStream().write("x\n".getBytes());
            assertEquals("X\n", new String(loud.getInputStream().readNBytes(2)));
        }
    }

    @Test
    void listensOnAUnixDomainSocketAndDeletesItsFile(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("s");
        TestServer test = new TestServer(Endpoint.unix(path), b -> b.topology(Topology.acceptorAndReaders(1)));
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(TestServer.bytes("over unix\n"));
            ByteBuffer reply = ByteBuffer.allocate(10);
            while (reply.hasRemaining()) {
                assertTrue(client.read(reply) > 0);
            }
            assertEquals("over unix\n", TestServer.text(reply.flip()));
            assertEquals(-1, test.server.port());
            assertEquals(path.toString(), test.server.listeners().get(0).toString());
        }
        test.close();
        assertFalse(Files.exists(path));
    }
}
