// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.prelude.TlsAlert;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers whose connections begin in clear and go over to TLS behind a request. */
class StartTlsScenarioTest {
    private static final byte[] NOT_NOW = {21, 3, 3, 0, 2, 2, TlsAlert.UNEXPECTED_MESSAGE};
    private static SSLContext context;
    private static int engines;

    @BeforeAll
    static void makeKeys() throws Exception {
        context = TlsKeys.ofLocalhost().context();
    }

    /** The replies that were put off, in the order of their requests. */
    private final List<Reply> deferred = new CopyOnWriteArrayList<>();

    /** Answers each line with itself and where it came from; what begins with "later" when the test says so. */
    private class Lines extends TestServer.Recorder {
        Lines() {
            super((line, reply) -> {});
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            String text = text(line);
            requests.add(text);
            if (text.endsWith("STARTTLS")) {
                reply.thenStartTls();
            }
            if (text.startsWith("later")) {
                deferred.add(reply.defer());
            } else {
                reply.send(bytes(answer(text, reply.connection())), LineEncoder.LF);
            }
        }

        @Override
        public void secured(Connection connection) {
            assertNotNull(connection.tlsInfo());
            assertFalse(connection.mayStartTls());
            events.add("secured");
        }
    }

    private static String answer(String text, Connection connection) {
        return text + (connection.tlsInfo() == null ? " in clear" : " by TLS");
    }

    private final Lines lines = new Lines();

    private static Endpoint endpoint() {
        return Endpoint.tcp("127.0.0.1", 0).withStartTls(TlsKeys.ofLocalhost().server());
    }

    private TestServer server(UnaryOperator<Server.Builder> configuration) throws IOException {
        return new TestServer(lines, builder -> configuration.apply(builder.listen(endpoint(), lines)));
    }

    private TestServer server() throws IOException {
        return server(builder -> builder);
    }

    private static Client client(TestServer server) throws IOException {
        return new Client(server.server, 0, server.server.listeners().get(1).port());
    }

    private static TlsPeer secure(Client client, String version) throws IOException {
        SSLEngine engine = context.createSSLEngine("localhost", ++engines);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        return new TlsPeer(client.socket, engine).handshake();
    }

    private static void says(Client client, String text, String answer) throws IOException {
        client.send(text);
        assertEquals(answer, client.read(answer));
    }

    private static void says(TlsPeer peer, String text, String answer) throws IOException {
        peer.send(peer.seal(text));
        assertEquals(answer, peer.read(answer.length()));
    }

    private static CloseReason.TlsFailed failed(TestServer server) {
        return assertInstanceOf(CloseReason.TlsFailed.class, server.reason());
    }

    // ---- going over

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aConnectionGoesOver(String version) throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "a\n", "a in clear\n");
            assertTrue(lines.opened.get(0).mayStartTls());
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            TlsPeer peer = secure(client, version);
            says(peer, "b\n", "b by TLS\n");
            says(peer, "c\nd\n", "c by TLS\nd by TLS\n");
            assertEquals(List.of("secured"), lines.events);
            peer.send(peer.closeNotify());
            assertEquals("", peer.readAll());
            peer.close();
            assertInstanceOf(CloseReason.PeerClosed.class, server.reason());
        }
    }

    @Test
    void allMayComeByteByByte() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            for (char c : "STARTTLS\n".toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals("STARTTLS in clear\n", client.read("STARTTLS in clear\n"));
            SSLEngine engine = context.createSSLEngine("localhost", ++engines);
            engine.setUseClientMode(true);
            TlsPeer peer = new TlsPeer(client.socket, engine, 1, Long.MAX_VALUE).handshake();
            says(peer, "b\n", "b by TLS\n");
        }
    }

    @Test
    void aConnectionThatNeverGoesOverIsAPlainOne() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "a\nb\n", "a in clear\nb in clear\n");
            client.endOutput();
            assertEquals("", client.readAll());
            assertInstanceOf(CloseReason.PeerClosed.class, server.reason());
        }
    }

    @Test
    void theFirstRequestBehindTheHandshakeMayComeWithItsLastMessage() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            SSLEngine engine = context.createSSLEngine("localhost", ++engines);
            engine.setUseClientMode(true);
            engine.setEnabledProtocols(new String[] {"TLSv1.3"});
            TlsPeer peer = new TlsPeer(client.socket, engine);
            engine.beginHandshake();
            peer.send(peer.flight());
            byte[] last = lastFlight(peer);
            peer.send(last, peer.seal("b\nc\n"));
            assertEquals("b by TLS\nc by TLS\n", peer.read("b by TLS\nc by TLS\n".length()));
            assertEquals("secured", lines.events.get(0));
        }
    }

    private static byte[] lastFlight(TlsPeer peer) throws IOException {
        ByteArrayOutputStream last = new ByteArrayOutputStream();
        while (peer.engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            byte[] flight = peer.flight();
            last.writeBytes(flight);
            if (flight.length == 0) {
                peer.step();
            }
        }
        return last.toByteArray();
    }

    @Test
    void repliesBeforeItLeaveInClearHoweverLateTheyAre() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send("later 1\nlater 2\nSTARTTLS\n");
            Await.until("all are there", () -> lines.requests.size() == 3);
            deferred.get(1).send(bytes("2\n"));
            deferred.get(0).send(bytes("1\n"));
            assertEquals("1\n2\nSTARTTLS in clear\n", client.read("1\n2\nSTARTTLS in clear\n"));
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
        }
    }

    @Test
    void theReplyItselfMayBeLate() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send("later STARTTLS\n");
            Await.until("it is there", () -> deferred.size() == 1);
            assertFalse(lines.opened.get(0).mayStartTls());
            deferred.get(0).send(bytes("now\n"));
            assertEquals("now\n", client.read("now\n"));
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
        }
    }

    @Test
    void whoeverDefersMayDecideLater() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send("later\n");
            Await.until("it is there", () -> deferred.size() == 1);
            deferred.get(0).thenStartTls();
            deferred.get(0).send(bytes("now\n"));
            assertEquals("now\n", client.read("now\n"));
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
        }
    }

    @Test
    void handlersOnWorkersDoTheSame() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try (TestServer server = server(builder -> builder.topology(Topology.workers(1, workers)));
                Client client = client(server)) {
            says(client, "a\n", "a in clear\n");
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
        } finally {
            workers.shutdown();
            assertTrue(workers.awaitTermination(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatIsPushedMeanwhileWaitsAndLeavesEncrypted() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            Connection connection = lines.opened.get(0);
            Await.until("it goes over", () -> ((TlsConnection) connection).phase() == TlsConnection.Phase.HELLO);
            String much =
                    "x".repeat(100_000); // more than the high mark, which must not keep the handshake from being read
            assertTrue(connection.send(bytes(much)));
            CompletableFuture<Boolean> there = new CompletableFuture<>();
            connection.reader().execute(() -> there.complete(true));
            there.get(20, TimeUnit.SECONDS);
            assertTrue(connection.unsentBytes() > 0);
            TlsPeer peer = secure(client, "TLSv1.3");
            assertEquals(much, peer.read(much.length()));
            says(peer, "b\n", "b by TLS\n");
        }
    }

    @Test
    void whatAClientDoesNotReadInClearIsInFrontOfTheHandshake() throws Exception {
        String much = "y".repeat(10_000_000);
        Lines bulky = new Lines() {
            @Override
            public void handle(ByteBuffer line, Reply reply) {
                if (text(line).equals("much")) {
                    reply.send(bytes(much));
                } else {
                    super.handle(line, reply);
                }
            }
        };
        try (TestServer server = new TestServer(bulky, builder -> builder.limits(
                                Limits.defaults().withOutboundBytes(16 << 20).withMarks(15 << 20, 1 << 10))
                        .listen(endpoint(), bulky));
                Client client = new Client(
                        server.server, 5000, server.server.listeners().get(1).port())) {
            client.send("much\nSTARTTLS\n");
            Await.until(
                    "it goes over",
                    () -> !bulky.opened.isEmpty()
                            && bulky.opened.get(0).unsentBytes() > 0
                            && ((TlsConnection) bulky.opened.get(0)).phase() == TlsConnection.Phase.HELLO);
            assertEquals(much, client.read(much));
            assertEquals("STARTTLS in clear\n", client.read("STARTTLS in clear\n"));
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
        }
    }

    /** So much in clear that it isn't read any more, and behind that so much by TLS that it would not be again. */
    @Test
    void muchInFrontAndMuchBehindDoNotKeepTheHandshakeFromBeingRead() throws IOException {
        String clear = "c".repeat(400_000);
        String behind = "b".repeat(40_000);
        DuplexProtocol<ByteBuffer> bulky = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            if (connection.mayStartTls()) {
                connection.send(bytes(clear));
                connection.startTls();
                connection.send(bytes(behind));
            } else {
                connection.send(line, LineEncoder.LF);
            }
        });
        Endpoint narrow = endpoint().withOptions(TcpOptions.defaults().withSendBuffer(8192));
        try (TestServer server = new TestServer(lines, builder -> builder.listen(narrow, bulky));
                Client client = new Client(
                        server.server, 5000, server.server.listeners().get(1).port())) {
            client.send("go\n");
            assertEquals(clear, client.read(clear));
            TlsPeer peer = secure(client, "TLSv1.3");
            assertEquals(behind, peer.read(behind.length()));
            says(peer, "x\n", "x\n");
        }
    }

    @Test
    void aHandshakeWaitsForItsTurn() throws IOException {
        Limits one = Limits.defaults().withHandshakes(1);
        try (TestServer server = server(builder -> builder.limits(one));
                Client slow = client(server);
                Client client = client(server);
                Client plain = client(server)) {
            says(slow, "STARTTLS\n", "STARTTLS in clear\n");
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            SSLEngine half = context.createSSLEngine("localhost", ++engines);
            half.setUseClientMode(true);
            half.beginHandshake();
            slow.send(new TlsPeer(slow.socket, half).flight());
            Await.until("it has begun", () -> server.server.handshakes() == 1);
            SSLEngine whole = context.createSSLEngine("localhost", ++engines);
            whole.setUseClientMode(true);
            whole.beginHandshake();
            TlsPeer peer = new TlsPeer(client.socket, whole);
            peer.send(peer.flight());
            Await.until("it waits", () -> server.server.handshakesWaiting() == 1);
            says(plain, "a\n", "a in clear\n");
            slow.reset();
            says(peer.goOn(), "b\n", "b by TLS\n");
        }
    }

    @Test
    void aProxysHeaderMayComeInFront() throws IOException {
        Endpoint behind = endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        try (TestServer server = new TestServer(lines, builder -> builder.listen(behind, lines));
                Client client = client(server)) {
            client.send("PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\na\n");
            assertEquals("a in clear\n", client.read("a in clear\n"));
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
            assertEquals("192.0.2.7:1234", Addresses.text(lines.opened.get(0).remoteAddress()));
        }
    }

    // ---- what came in clear is never taken for what came by TLS

    @ParameterizedTest
    @ValueSource(strings = {"STARTTLS\nMAIL FROM:<a@b>\n", "STARTTLS\nMA", "a\nSTARTTLS\nMAIL FROM:<a@b>\n"})
    void whatCameBehindTheRequestEndsIt(String injected) throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send(injected);
            String clear = injected.startsWith("a") ? "a in clear\nSTARTTLS in clear\n" : "STARTTLS in clear\n";
            assertEquals(clear, client.read(clear));
            assertArrayEquals(NOT_NOW, client.read(7));
            assertTrue(client.isEnded());
            client.close();
            assertInstanceOf(SSLException.class, failed(server).cause());
            assertFalse(lines.requests.contains("MAIL FROM:<a@b>"));
            assertTrue(lines.events.isEmpty(), lines.events::toString);
        }
    }

    @Test
    void aWholeHandshakeBehindTheRequestIsNotRead() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            SSLEngine engine = context.createSSLEngine("localhost", ++engines);
            engine.setUseClientMode(true);
            engine.beginHandshake();
            TlsPeer peer = new TlsPeer(client.socket, engine);
            peer.send("STARTTLS\n".getBytes(StandardCharsets.US_ASCII), peer.flight());
            assertEquals("STARTTLS in clear\n", client.read("STARTTLS in clear\n"));
            assertArrayEquals(NOT_NOW, client.read(7));
            client.close();
            failed(server);
        }
    }

    @Test
    void whatComesInClearLaterIsNoHandshake() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            client.send("MAIL FROM:<a@b>\n");
            assertArrayEquals(NOT_NOW, client.read(7));
            assertTrue(client.isEnded());
            client.close();
            failed(server);
            assertEquals(List.of("STARTTLS"), lines.requests);
        }
    }

    @Test
    void whatWasDeliveredBehindALateDecisionEndsIt() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send("later\nMAIL FROM:<a@b>\n");
            Await.until("both are there", () -> lines.requests.size() == 2);
            deferred.get(0).thenStartTls();
            deferred.get(0).send(bytes("now\n"));
            assertEquals("now\n", client.read("now\n"));
            assertArrayEquals(NOT_NOW, client.read(7));
            client.close();
            failed(server);
        }
    }

    // ---- where it may not

    @Test
    void onlyWhereTheEndpointSaysSo() throws IOException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        TestServer.Recorder asking = new TestServer.Recorder((line, reply) -> {
            assertFalse(reply.connection().mayStartTls());
            thrown.set(assertThrows(IllegalStateException.class, reply::thenStartTls));
            reply.send(line, LineEncoder.LF);
        });
        try (TestServer server = new TestServer(asking, builder -> builder);
                Client client = server.client()) {
            says(client, "a\n", "a\n");
            assertEquals(
                    "neither its endpoint nor its connector has startTls",
                    thrown.get().getMessage());
        }
    }

    @Test
    void onlyOnceAndBeforeTheReplyIsGiven() throws IOException {
        List<String> thrown = new CopyOnWriteArrayList<>();
        TestServer.Recorder asking = new TestServer.Recorder((line, reply) -> {
            if (text(line).equals("late")) {
                reply.send(line, LineEncoder.LF);
                thrown.add(assertThrows(IllegalStateException.class, reply::thenStartTls)
                        .getMessage());
                return;
            }
            thrown.add(assertThrows(IllegalStateException.class, reply.connection()::startTls)
                    .getMessage());
            if (text(line).equals("now")) {
                reply.thenStartTls();
            }
            if (!text(line).equals("plain")) {
                thrown.add(assertThrows(IllegalStateException.class, reply::thenStartTls)
                        .getMessage());
            }
            reply.send(line, LineEncoder.LF);
        });
        try (TestServer server = new TestServer(asking, builder -> builder.listen(endpoint(), asking));
                Client client = client(server)) {
            says(client, "late\n", "late\n");
            says(client, "plain\n", "plain\n");
            says(client, "now\n", "now\n");
            says(secure(client, "TLSv1.3"), "again\n", "again\n");
            String duplex = "startTls is for duplex protocols; use Reply.thenStartTls";
            String already = "it goes over to TLS, or has gone over, already";
            assertEquals(List.of("this reply is complete already", duplex, duplex, already, duplex, already), thrown);
        }
    }

    // ---- its end

    @Test
    void theHandshakeHasATime() throws IOException {
        Deadlines brief = Deadlines.defaults().withHandshake(Duration.ofMillis(100));
        try (TestServer server = server(builder -> builder.deadlines(brief));
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            client.send(new byte[] {22, 3, 1, 0});
            assertTrue(client.isEnded());
            CloseReason.DeadlinePassed passed = assertInstanceOf(CloseReason.DeadlinePassed.class, server.reason());
            assertEquals(CloseReason.Deadline.HANDSHAKE, passed.deadline());
        }
    }

    @Test
    void thePeerMayEndInTheHandshake() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            client.send(new byte[] {22, 3, 1, 0});
            client.endOutput();
            assertTrue(client.isEnded());
            failed(server);
        }
    }

    @Test
    void thePeerMayEndBehindTheRequest() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send("STARTTLS\n");
            client.endOutput();
            assertEquals("STARTTLS in clear\n", client.read("STARTTLS in clear\n"));
            assertTrue(client.isEnded());
            failed(server);
        }
    }

    @Test
    void itMayBeClosedInTheHandshakeWhateverWaitsForThat() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            Connection connection = lines.opened.get(0);
            Await.until("it goes over", () -> ((TlsConnection) connection).phase() == TlsConnection.Phase.HELLO);
            assertTrue(connection.send(bytes("never said in clear")));
            connection.close();
            assertEquals("", client.readAll());
            client.close();
            assertInstanceOf(CloseReason.ClosedHere.class, server.reason());
        }
    }

    @Test
    void aDrainWaitsForTheHandshakeAndEndsInOrder() throws Exception {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            Connection connection = lines.opened.get(0);
            Await.until("it goes over", () -> ((TlsConnection) connection).phase() == TlsConnection.Phase.HELLO);
            CompletableFuture<DrainReport> drained = server.server.beginDrain(Duration.ofSeconds(20));
            Await.until("it is told", () -> lines.events.contains("draining"));
            TlsPeer peer = secure(client, "TLSv1.3");
            assertEquals("", peer.readAll()); // close_notify, or this would throw
            peer.close();
            drained.get(20, TimeUnit.SECONDS);
            assertInstanceOf(CloseReason.Stopped.class, server.reason());
        }
    }

    @Test
    void itIsIdleFromTheHandshakeOn() throws IOException {
        Deadlines brief = Deadlines.defaults().withIdle(Duration.ofMillis(300));
        try (TestServer server = server(builder -> builder.deadlines(brief));
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            TlsPeer peer = secure(client, "TLSv1.3");
            assertEquals("", peer.readAll());
            peer.close();
            CloseReason.DeadlinePassed passed = assertInstanceOf(CloseReason.DeadlinePassed.class, server.reason());
            assertEquals(CloseReason.Deadline.IDLE, passed.deadline());
            assertEquals(List.of("secured"), lines.events);
        }
    }

    @Test
    void recordsThatBringNothingEndIt() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            TlsPeer peer = secure(client, "TLSv1.3");
            for (int i = 0; i < 100; i++) {
                peer.engine.beginHandshake(); // of TLS 1.3: an update of its keys
                peer.send(peer.flight());
            }
            failed(server);
        }
    }

    @Test
    void whoeverIsOneTooManyIsToldSoInClear() throws IOException {
        Limits one = Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE);
        try (TestServer server = server(builder -> builder.limits(one));
                Client client = client(server)) {
            says(client, "a\n", "a in clear\n");
            try (Client other = client(server)) {
                assertEquals("refused REFUSED\n", other.readAll());
            }
        }
    }

    @Test
    void anIdleConnectionHoldsNothing() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "STARTTLS\n", "STARTTLS in clear\n");
            says(secure(client, "TLSv1.3"), "b\n", "b by TLS\n");
            assertEquals(0, server.server.readers().get(0).lentBytes());
            assertNull(lines.opened.get(0).attachment());
        }
    }
}
