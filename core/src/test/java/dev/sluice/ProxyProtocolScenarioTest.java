// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyVersion;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server behind proxies that say whose each connection is. */
class ProxyProtocolScenarioTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 1234);
    private static final InetSocketAddress FRONT = new InetSocketAddress("192.0.2.1", 80);

    /** Each line is answered with the client's address in front. */
    private static final class Who implements RequestProtocol<ByteBuffer> {
        final CompletableFuture<Connection> opened = new CompletableFuture<>();
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        private volatile String thread; // that the last line was handled on

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            opened.complete(connection);
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            thread = Thread.currentThread().getName();
            String who = Addresses.text(reply.connection().remoteAddress());
            reply.send(TestServer.bytes(who + " " + TestServer.text(line)), LineEncoder.LF);
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed.complete(reason);
        }
    }

    private final Who who = new Who();

    private Server start(UnaryOperator<Server.Builder> configuration, String... networks) throws Exception {
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0).withProxyProtocol(ProxyProtocol.requiredFrom(networks));
        return configuration
                .apply(Server.builder().topology(Topology.singleThread()).poisonBuffers(true))
                .listen(endpoint, who)
                .start();
    }

    private Server start() throws Exception {
        return start(builder -> builder, "127.0.0.0/8");
    }

    private static String header(ProxyVersion version) {
        ByteBuffer bytes = HeapOutput.encode(ProxyHeader.of(version, CLIENT, FRONT), ProxyHeader::encode);
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }

    @ParameterizedTest
    @EnumSource
    void theClientIsWhoTheProxySays(ProxyVersion version) throws Exception {
        try (Server server = start();
                Client client = new Client(server)) {
            client.send(header(version) + "a\nb\n");
            client.read("192.0.2.7:1234 a\n192.0.2.7:1234 b\n");
            client.send("c\n");
            client.read("192.0.2.7:1234 c\n");
            Connection connection = who.opened.get();
            assertEquals(CLIENT, connection.remoteAddress());
            assertEquals(FRONT, connection.proxyHeader().destination());
            assertEquals(1, server.connections());
        }
        assertNotNull(who.closed.get());
    }

    @ParameterizedTest
    @EnumSource
    void aHeaderMayComeByteByByte(ProxyVersion version) throws Exception {
        try (Server server = start();
                Client client = new Client(server)) {
            for (char c : (header(version) + "a\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            client.read("192.0.2.7:1234 a\n");
        }
    }

    @Test
    void theProtocolIsToldOfAConnectionOnceItsHeaderIsThere() throws Exception {
        try (Server server = start();
                Client client = new Client(server)) {
            String header = header(ProxyVersion.V2);
            client.send(header.substring(0, 20));
            Await.until("the half is there", () -> server.readers().get(0).bytesRead() == 20);
            assertTrue(!who.opened.isDone());
            client.send(header.substring(20));
            assertEquals(CLIENT, who.opened.get().remoteAddress());
        }
    }

    @Test
    void aCheckByTheProxyItselfHasItsOwnAddress() throws Exception {
        try (Server server = start();
                Client client = new Client(server)) {
            ByteBuffer local = HeapOutput.encode(ProxyHeader.local(), ProxyHeader::encode);
            client.send(StandardCharsets.ISO_8859_1.decode(local) + "a\n");
            assertTrue(client.readUntil('\n').startsWith("127.0.0.1:"));
            assertEquals(
                    ProxyHeader.Command.LOCAL, who.opened.get().proxyHeader().command());
        }
    }

    @Test
    void whoSendsNoHeaderIsRefusedAndTheProtocolNeverTold() throws Exception {
        try (Server server = start();
                Client client = new Client(server)) {
            client.send("a\n");
            assertEquals("", client.readAll());
            Await.until("it is gone", () -> server.connections() == 0);
            assertEquals(1, server.readers().get(0).closed(CloseReason.Kind.BAD_FRAME));
            assertTrue(!who.opened.isDone());
        }
    }

    @Test
    void whoIsNotTrustedIsRefusedWhateverHeSends() throws Exception {
        try (Server server = start(builder -> builder, "10.0.0.0/8", "::1");
                Client client = new Client(server)) {
            assertEquals("", client.readAll());
            Await.until("it is gone", () -> server.connections() == 0);
            assertEquals(1, server.readers().get(0).closed(CloseReason.Kind.BAD_FRAME));
            assertTrue(!who.opened.isDone());
        }
    }

    @Test
    void aHeaderThatDoesNotComeInTimeEndsIt() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withFrame(Duration.ofMillis(50));
        try (Server server = start(builder -> builder.deadlines(deadlines), "127.0.0.1");
                Client client = new Client(server)) {
            client.send("PROXY ");
            assertEquals("", client.readAll());
            Await.until("it is gone", () -> server.readers().get(0).closed(CloseReason.Kind.DEADLINE_PASSED) == 1);
        }
    }

    @Test
    void theFirstByteBehindTheHeaderHasItsDeadline() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withFirstByte(Duration.ofMillis(50));
        try (Server server = start(builder -> builder.deadlines(deadlines), "127.0.0.1");
                Client client = new Client(server)) {
            client.send(header(ProxyVersion.V1));
            assertEquals("", client.readAll());
            CloseReason.DeadlinePassed reason = assertInstanceOf(CloseReason.DeadlinePassed.class, who.closed.get());
            assertEquals(CloseReason.Deadline.FIRST_BYTE, reason.deadline());
        }
    }

    @Test
    void requestsAreHandledOnWorkersBehindTheHeader() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2, task -> new Thread(task, "worker"));
        try (Server server = start(builder -> builder.topology(Topology.workers(2, workers)), "127.0.0.1");
                Client client = new Client(server)) {
            client.send(header(ProxyVersion.V2) + "a\n".repeat(200));
            client.read("192.0.2.7:1234 a\n".repeat(200));
            assertEquals("worker", who.thread);
        } finally {
            workers.shutdown();
        }
    }

    @Test
    void sourcesAreCountedByTheSocketSoThatNoneIsLeftBehind() throws Exception {
        Limits limits = Limits.defaults().withConnectionsPerSource(1);
        try (Server server = start(builder -> builder.limits(limits), "127.0.0.1")) {
            for (int i = 0; i < 3; i++) {
                try (Client client = new Client(server)) {
                    client.send(header(ProxyVersion.V1) + "a\n");
                    client.read("192.0.2.7:1234 a\n");
                }
                Await.until("it is gone", () -> server.connections() == 0);
            }
        }
    }

    @Test
    void networksAreNeededAndMustBeSome() {
        assertThrows(IllegalArgumentException.class, ProxyProtocol::requiredFrom);
        assertThrows(IllegalArgumentException.class, () -> ProxyProtocol.requiredFrom("localhost"));
    }

    @Test
    void itIsPartOfAnEndpointsText() {
        Endpoint endpoint = Endpoint.parse("tcp://127.0.0.1:80?proxyProtocol=10.0.0.0/8,::1/128");
        assertEquals(
                Endpoint.tcp("127.0.0.1", 80).withProxyProtocol(ProxyProtocol.requiredFrom("10.0.0.0/8", "::1")),
                endpoint);
        assertEquals("tcp://127.0.0.1:80?proxyProtocol=10.0.0.0/8,::1/128", endpoint.toString());
        assertThrows(
                IllegalArgumentException.class, () -> Endpoint.parse("tcp://127.0.0.1:80?proxyProtocol=localhost"));
    }
}
