// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendState;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.Health;
import dev.sluice.upstream.HealthCheck;
import dev.sluice.upstream.HealthChecks;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.PooledConnection;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections of pools, and checks, to servers that speak TLS, behind a PROXY header or not. */
class UpstreamTlsScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;

    private TestServer proxy;

    @BeforeEach
    void start() throws IOException {
        proxy = new TestServer(TestServer::echo);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    private static ClientTls trusting() throws IOException {
        return TlsKeys.ofLocalhost().client().build();
    }

    private static byte[] local() {
        return RelayTlsScenarioTest.header(ProxyHeader.local());
    }

    // ---- pools

    private static final class Lines implements DuplexProtocol<ByteBuffer> {
        final BlockingQueue<String> received = new LinkedBlockingQueue<>();

        @Override
        public LineFramer newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            received.add(TestServer.text(line));
        }
    }

    private PooledConnection take(ConnectionPool pool, SocketAddress address) throws Exception {
        CompletableFuture<PooledConnection> told = new CompletableFuture<>();
        proxy.server
                .readers()
                .get(0)
                .execute(() -> pool.take(address, new ConnectionPool.Taker() {
                    @Override
                    public void taken(PooledConnection connection) {
                        told.complete(connection);
                    }

                    @Override
                    public void failed(Throwable why) {
                        told.completeExceptionally(why);
                    }
                }));
        return told.get(20, TimeUnit.SECONDS);
    }

    private static void release(ConnectionPool pool, PooledConnection connection) {
        connection.release();
        Await.until("it is idle", () -> pool.status().idle() == 1);
    }

    @Test
    void aConnectionIsUsedAgainAndItsSessionToo() throws Exception {
        ClientTls tls = trusting();
        Lines lines = new Lines();
        try (TestServer server = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                ConnectionPool pool =
                        ConnectionPool.builder(lines).start(protocol -> proxy.server.connector(protocol, tls))) {
            Reader reader = proxy.server.readers().get(0);
            PooledConnection first = take(pool, server.server.address());
            first.send(TestServer.bytes("one"), LineEncoder.LF);
            assertEquals("one", lines.received.poll(20, TimeUnit.SECONDS));
            long firstBytes = reader.bytesRead(); // with the tickets, which come in front of that
            release(pool, first);
            PooledConnection again = take(pool, server.server.address());
            assertSame(first, again);
            again.send(TestServer.bytes("two"), LineEncoder.LF);
            assertEquals("two", lines.received.poll(20, TimeUnit.SECONDS));

            long before = reader.bytesRead();
            PooledConnection second = take(pool, server.server.address());
            assertNotSame(first, second);
            CompletableFuture<Object> info = new CompletableFuture<>();
            second.reader().execute(() -> info.complete(second.tlsInfo()));
            assertNotNull(info.get(20, TimeUnit.SECONDS));
            second.send(TestServer.bytes("six"), LineEncoder.LF);
            assertEquals("six", lines.received.poll(20, TimeUnit.SECONDS));
            long bytes = reader.bytesRead() - before; // a certificate has some hundred
            assertTrue(bytes < firstBytes - 100, () -> firstBytes + " bytes, and then " + bytes);
            second.close();
            again.close();
            Await.until("both are gone", () -> pool.status().connections() == 0);
        }
    }

    private static TlsPeer accept(ServerSocket listener) throws Exception {
        Socket socket = listener.accept();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        SSLEngine engine = TlsKeys.ofLocalhost().context().createSSLEngine();
        engine.setUseClientMode(false);
        return new TlsPeer(socket, engine);
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(TIMEOUT_MILLIS);
        return listener;
    }

    /** A server's tickets, which come behind its handshake, are no reason; its end is. */
    @Test
    void anIdleOneThatItsServerEndsIsDropped() throws Exception {
        ClientTls tls = trusting();
        try (ServerSocket listener = listen();
                ConnectionPool pool =
                        ConnectionPool.builder(new Lines()).start(protocol -> proxy.server.connector(protocol, tls))) {
            for (boolean inOrder : new boolean[] {true, false}) {
                long staleBefore = pool.status().stale();
                CompletableFuture<TlsPeer> accepted = CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return accept(listener).handshake();
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        },
                        task -> new Thread(task).start());
                PooledConnection connection = take(pool, listener.getLocalSocketAddress());
                try (TlsPeer peer = accepted.get(20, TimeUnit.SECONDS)) {
                    release(pool, connection);
                    assertEquals(staleBefore, pool.status().stale());
                    if (inOrder) {
                        peer.send(peer.closeNotify());
                    } else {
                        peer.socket.shutdownOutput();
                    }
                    Await.until("it is dropped", () -> pool.status().stale() == staleBefore + 1);
                    assertEquals(0, pool.status().idle());
                }
            }
        }
    }

    @Test
    void aPrefaceComesBeforeTls() throws Exception {
        Endpoint endpoint =
                TlsKeys.ofLocalhost().endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        ClientTls tls = trusting();
        Lines lines = new Lines();
        try (TestServer server = new TestServer(endpoint, builder -> builder);
                ConnectionPool pool = ConnectionPool.builder(lines)
                        .preface(local())
                        .start(protocol -> proxy.server.connector(protocol, tls))) {
            PooledConnection connection = take(pool, server.server.address());
            connection.send(TestServer.bytes("hello"), LineEncoder.LF);
            assertEquals("hello", lines.received.poll(20, TimeUnit.SECONDS));
            connection.close();
            Await.until("it is gone", () -> pool.status().connections() == 0);
        }
    }

    @Test
    void aPrefaceComesFirstInClearToo() throws Exception {
        try (ServerSocket listener = listen();
                ConnectionPool pool = ConnectionPool.builder(new Lines())
                        .preface("first\n".getBytes(StandardCharsets.US_ASCII))
                        .start(proxy.server::connector)) {
            PooledConnection connection = take(pool, listener.getLocalSocketAddress());
            connection.send(TestServer.bytes("second"), LineEncoder.LF);
            try (Socket socket = listener.accept()) {
                assertEquals(
                        "first\nsecond\n",
                        new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII));
            }
            Await.until("it is gone", () -> pool.status().connections() == 0);
        }
    }

    /** A body whose end is that of the connection, which somebody has cut. */
    @Test
    void anAnswerOfHttpThatIsCutIsNotWhole() throws Exception {
        ClientTls tls = trusting();
        try (ServerSocket listener = listen();
                ConnectionPool pool = ConnectionPool.builder(HttpClientProtocol.gathering())
                        .start(protocol -> proxy.server.connector(protocol, tls))) {
            for (boolean inOrder : new boolean[] {true, false}) {
                CompletableFuture<TlsPeer> accepted = CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                TlsPeer peer = accept(listener).handshake();
                                peer.read(20);
                                peer.send(peer.seal("HTTP/1.0 200 OK\r\n\r\nhalf"));
                                if (inOrder) {
                                    peer.send(peer.closeNotify());
                                }
                                peer.socket.shutdownOutput();
                                return peer;
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        },
                        task -> new Thread(task).start());
                PooledConnection connection = take(pool, listener.getLocalSocketAddress());
                CompletableFuture<String> answer = new CompletableFuture<>();
                connection.reader().execute(() -> HttpCaller.of(connection)
                        .send(
                                HttpRequestHead.of("GET", "/", "localhost"),
                                response -> answer.complete(TestServer.text(response.body()))));
                try (TlsPeer peer = accepted.get(20, TimeUnit.SECONDS)) {
                    Await.until("it is gone", () -> pool.status().connections() == 0);
                    assertEquals(inOrder, answer.isDone() && !answer.isCompletedExceptionally());
                }
            }
        }
    }

    @Test
    void aServerOfAnotherNameCountsAsOneThatIsNotThere() throws Exception {
        ClientTls tls = TlsKeys.ofAnotherHost().client().build();
        Upstream upstream = Upstream.builder("web")
                .backends(List.of(Backend.of("a", proxy.server.address())))
                .health(Health.defaults().withFailuresInRow(1).withMostEjectedPercent(100))
                .build();
        try (TestServer server = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                ConnectionPool pool =
                        ConnectionPool.builder(new Lines()).start(protocol -> proxy.server.connector(protocol, tls))) {
            Lease lease = (Lease) upstream.pick(0);
            Throwable why = assertThrows(ExecutionException.class, () -> take(pool, server.server.address()))
                    .getCause();
            lease.connectFailed(why);
            assertEquals(BackendState.EJECTED, upstream.status().get(0).state());
            assertTrue(why.getMessage().contains("issued by nobody who is trusted"), why::getMessage);
            Await.until("it is gone", () -> pool.status().connections() == 0);
        }
    }

    // ---- checks

    private static Upstream upstream(SocketAddress address) {
        return Upstream.builder("web")
                .backends(List.of(Backend.of("a", address)))
                .build();
    }

    private static HealthCheck quick(HealthCheck check) {
        return check.withInterval(Duration.ofMillis(10)).withFall(1).withRise(1);
    }

    /** What is known of a backend once it is down. */
    private static BackendStatus down(TestServer proxy, ClientTls tls, HealthCheck check, SocketAddress address)
            throws IOException {
        Upstream upstream = upstream(address);
        try (HealthChecks checks =
                HealthChecks.start(upstream, quick(check), protocol -> proxy.server.connector(protocol, tls))) {
            assertFalse(checks.toString().isEmpty());
            Await.until(
                    () -> "it is down: " + upstream.status(),
                    () -> upstream.status().get(0).state() == BackendState.DOWN);
            return upstream.status().get(0);
        }
    }

    @Test
    void checksSpeakTlsBehindTheirPreface() throws Exception {
        Endpoint endpoint =
                TlsKeys.ofLocalhost().endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        HealthCheck ping = HealthCheck.sendExpect(
                "ping\n".getBytes(StandardCharsets.US_ASCII), "ping\n".getBytes(StandardCharsets.US_ASCII));
        ClientTls tls = trusting();
        try (TestServer server = new TestServer(endpoint, builder -> builder)) {
            try (HealthChecks checks = HealthChecks.start(
                    upstream(server.server.address()),
                    quick(ping.withPreface(local())),
                    protocol -> proxy.server.connector(protocol, tls))) {
                assertFalse(checks.toString().isEmpty());
                Await.until("it was asked", () -> server.recorder.requests.contains("ping"));
            }
            BackendStatus without = down(proxy, tls, ping, server.server.address());
            assertTrue(without.lastFailure().contains("TLS"), without::lastFailure);
        }
    }

    @Test
    void aCheckOfTheConnectIsOneOfTheCertificateToo() throws Exception {
        TestCa ca = TestCa.create("ca");
        Instant now = Instant.now();
        TestCertificate expired = ca.certificate("old")
                .names("127.0.0.1")
                .valid(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)))
                .issue();
        ServerTls old = ServerTls.builder()
                .defaultIdentity(TlsIdentity.of(expired.key(), expired.chain()))
                .allowWrongDates()
                .build();
        ClientTls tls = ClientTls.builder().trust(List.of(ca.certificate())).build();
        try (TestServer server = new TestServer(Endpoint.tcp("127.0.0.1", 0).withTls(old), builder -> builder)) {
            BackendStatus status = down(proxy, tls, HealthCheck.connect(), server.server.address());
            assertTrue(status.lastFailure().contains("has expired"), status::lastFailure);
        }
    }
}
