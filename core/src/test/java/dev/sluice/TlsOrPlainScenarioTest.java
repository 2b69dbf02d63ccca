// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One port for clients with TLS and for those without. */
class TlsOrPlainScenarioTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static SSLContext context;
    private static int engines;

    @BeforeAll
    static void makeKeys() throws Exception {
        context = TlsKeys.ofLocalhost().context();
    }

    private final TestServer.Recorder lines = new TestServer.Recorder((line, reply) -> {
        String how = reply.connection().tlsInfo() == null ? " in clear" : " by TLS";
        reply.send(bytes(text(line) + how), LineEncoder.LF);
    });

    private TestServer server(Endpoint endpoint, UnaryOperator<Server.Builder> configuration) throws IOException {
        return new TestServer(lines, builder -> configuration.apply(builder.listen(endpoint, lines)));
    }

    private TestServer server() throws IOException {
        return server(endpoint(), builder -> builder);
    }

    private static Endpoint endpoint() {
        return Endpoint.tcp("127.0.0.1", 0).withTlsOrPlain(TlsKeys.ofLocalhost().server());
    }

    private static Client client(TestServer server) throws IOException {
        return new Client(server.server, 0, server.server.listeners().get(1).port());
    }

    private static TlsPeer secure(Client client, int pieceBytes) throws IOException {
        SSLEngine engine = context.createSSLEngine("localhost", ++engines);
        engine.setUseClientMode(true);
        return new TlsPeer(client.socket, engine, pieceBytes, Long.MAX_VALUE).handshake();
    }

    private static void says(Client client, String text, String answer) throws IOException {
        client.send(text);
        assertEquals(answer, client.read(answer));
    }

    private static void says(TlsPeer peer, String text, String answer) throws IOException {
        peer.send(peer.seal(text));
        assertEquals(answer, peer.read(answer.length()));
    }

    @ParameterizedTest
    @ValueSource(ints = {ALL, 1})
    void eachIsServedAsItBegins(int pieceBytes) throws IOException {
        try (TestServer server = server();
                Client plain = client(server);
                Client secret = client(server)) {
            TlsPeer peer = secure(secret, pieceBytes);
            says(peer, "a\nb\n", "a by TLS\nb by TLS\n");
            for (char c : "c\n".toCharArray()) {
                plain.send(String.valueOf(c));
            }
            assertEquals("c in clear\n", plain.read("c in clear\n"));
            says(plain, "d\ne\n", "d in clear\ne in clear\n");
            says(peer, "f\n", "f by TLS\n");
            assertFalse(lines.opened.get(1).mayStartTls());
            plain.endOutput();
            assertEquals("", plain.readAll());
            peer.send(peer.closeNotify());
            assertEquals("", peer.readAll());
            peer.close();
            for (CloseReason reason : server.reasons(2)) {
                assertInstanceOf(CloseReason.PeerClosed.class, reason);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProxysHeaderMayComeInFront(boolean inOneRead) throws IOException {
        Endpoint behind = endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        String header = "PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\n";
        try (TestServer server = server(behind, builder -> builder);
                Client plain = client(server);
                Client secret = client(server)) {
            SSLEngine engine = context.createSSLEngine("localhost", ++engines);
            engine.setUseClientMode(true);
            engine.beginHandshake();
            TlsPeer peer = new TlsPeer(secret.socket, engine);
            if (inOneRead) {
                plain.send(header + "a\nb\n");
                peer.send(header.getBytes(StandardCharsets.US_ASCII), peer.flight());
            } else {
                plain.send(header);
                plain.send("a\n");
                plain.send("b\n");
                secret.send(header);
            }
            assertEquals("a in clear\nb in clear\n", plain.read("a in clear\nb in clear\n"));
            says(peer.goOn(), "c\n", "c by TLS\n");
            for (Connection connection : lines.opened) {
                assertEquals("192.0.2.7:1234", Addresses.text(connection.remoteAddress()));
            }
        }
    }

    @Test
    void aHandshakeWaitsForItsTurnAndPlainClientsDoNot() throws IOException {
        Limits one = Limits.defaults().withHandshakes(1);
        try (TestServer server = server(endpoint(), builder -> builder.limits(one));
                Client slow = client(server);
                Client secret = client(server);
                Client plain = client(server)) {
            SSLEngine half = context.createSSLEngine("localhost", ++engines);
            half.setUseClientMode(true);
            half.beginHandshake();
            slow.send(new TlsPeer(slow.socket, half).flight());
            Await.until("it has begun", () -> server.server.handshakes() == 1);
            SSLEngine whole = context.createSSLEngine("localhost", ++engines);
            whole.setUseClientMode(true);
            whole.beginHandshake();
            TlsPeer peer = new TlsPeer(secret.socket, whole);
            for (byte b : peer.flight()) {
                secret.send(new byte[] {b});
            }
            Await.until("it waits", () -> server.server.handshakesWaiting() == 1);
            says(plain, "a\n", "a in clear\n");
            slow.reset();
            says(peer.goOn(), "b\n", "b by TLS\n");
        }
    }

    @Test
    void whoeverSaysNothingIsNotWaitedForForEver() throws IOException {
        Deadlines brief = Deadlines.defaults().withHandshake(Duration.ofMillis(100));
        try (TestServer server = server(endpoint(), builder -> builder.deadlines(brief));
                Client client = client(server)) {
            assertTrue(client.isEnded());
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 1);
            assertTrue(lines.opened.isEmpty());
        }
    }

    @Test
    void aHandshakeThatHasBegunHasItsTime() throws IOException {
        Deadlines brief = Deadlines.defaults().withHandshake(Duration.ofMillis(100));
        try (TestServer server = server(endpoint(), builder -> builder.deadlines(brief));
                Client client = client(server)) {
            client.send(new byte[] {22});
            assertTrue(client.isEnded());
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 1);
            assertTrue(lines.opened.isEmpty());
        }
    }

    @Test
    void aPlainRequestThatTricklesHasTheTimeOfAFrame() throws IOException {
        Deadlines brief = Deadlines.defaults().withFrame(Duration.ofMillis(100));
        try (TestServer server = server(endpoint(), builder -> builder.deadlines(brief));
                Client client = client(server)) {
            client.send("a");
            assertEquals("refused DEADLINE_PASSED\n", client.readAll());
            CloseReason.DeadlinePassed passed = assertInstanceOf(CloseReason.DeadlinePassed.class, server.reason());
            assertEquals(CloseReason.Deadline.FRAME, passed.deadline());
        }
    }

    @Test
    void whoeverEndsWithoutAByteIsNoFailure() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            client.endOutput();
            assertTrue(client.isEnded());
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.PEER_CLOSED) == 1);
            assertTrue(lines.opened.isEmpty());
        }
    }

    @Test
    void aRecordThatIsNoHandshakeIsAFrameOfTheProtocol() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            says(client, "\25\3\3\n", "\25\3\3 in clear\n");
        }
    }

    @Test
    void garbageBehindTheFirstByteOfTlsIsNoRequest() throws IOException {
        try (TestServer server = server();
                Client client = client(server)) {
            client.send(new byte[] {22, 'G', 'E', 'T', '\n'});
            assertEquals(7, client.read(7).length);
            assertTrue(client.isEnded());
            client.close();
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
            assertTrue(lines.requests.isEmpty());
        }
    }

    @Test
    void aProtocolMayEndItWhenItOpens() throws IOException {
        TestServer.Recorder closing = new TestServer.Recorder((line, reply) -> {}) {
            @Override
            public void opened(Connection connection) {
                super.opened(connection);
                connection.send(bytes("no\n"));
                connection.close();
            }
        };
        try (TestServer server = new TestServer(closing, builder -> builder.listen(endpoint(), closing));
                Client client = client(server)) {
            client.send("a\n");
            assertEquals("no\n", client.readAll());
            client.close();
            assertInstanceOf(CloseReason.ClosedHere.class, server.reason());
            assertTrue(closing.requests.isEmpty());
        }
    }

    @Test
    void aProtocolMayPauseItWhenItOpens() throws IOException {
        TestServer.Recorder pausing = new TestServer.Recorder(TestServer::echo) {
            @Override
            public void opened(Connection connection) {
                super.opened(connection);
                connection.pause();
            }
        };
        try (TestServer server = new TestServer(pausing, builder -> builder.listen(endpoint(), pausing));
                Client client = client(server)) {
            client.send("a\nb\n");
            Await.until("it is open", () -> pausing.opened.size() == 1);
            pausing.opened.get(0).resume();
            assertEquals("a\nb\n", client.read("a\nb\n"));
        }
    }

    @Test
    void aDrainEndsWhoeverHasSaidNothing() throws Exception {
        try (TestServer server = server();
                Client client = client(server);
                Client plain = client(server)) {
            says(plain, "a\n", "a in clear\n");
            Await.until("both are there", () -> server.server.connections() == 2);
            CompletableFuture<DrainReport> drained = server.server.beginDrain(Duration.ofSeconds(2));
            assertTrue(client.isEnded());
            assertEquals("", plain.readAll());
            plain.close();
            drained.get(20, TimeUnit.SECONDS);
            assertEquals(2, server.server.closed().get(CloseReason.Kind.STOPPED));
        }
    }

    @Test
    void aPlainOneIsIdleAsEver() throws IOException {
        Deadlines brief = Deadlines.defaults().withIdle(Duration.ofMillis(100));
        try (TestServer server = server(endpoint(), builder -> builder.deadlines(brief));
                Client client = client(server)) {
            says(client, "a\n", "a in clear\n");
            assertEquals("", client.readAll());
            CloseReason.DeadlinePassed passed = assertInstanceOf(CloseReason.DeadlinePassed.class, server.reason());
            assertEquals(CloseReason.Deadline.IDLE, passed.deadline());
        }
    }
}
