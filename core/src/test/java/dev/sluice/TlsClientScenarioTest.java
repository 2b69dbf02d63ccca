// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.TlsVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of ours whose server isn't the right one, breaks the rules, or stops in the middle. */
class TlsClientScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Deadlines SHORT =
            Deadlines.defaults().withHandshake(Duration.ofMillis(200)).withLinger(Duration.ofMillis(200));

    /** Lines in the order in which they come, whichever connection they come from. */
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private final List<CloseReason> reasons = new java.util.concurrent.CopyOnWriteArrayList<>();

    private final class Lines implements DuplexProtocol<ByteBuffer> {
        @Override
        public LineFramer newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void prepare(dev.sluice.frame.Framer<ByteBuffer> framer, Connection connection) {
            assertEquals("ours", connection.attachment());
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            lines.add(TestServer.text(line));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }
    }

    private Connector connector(ClientTls tls, Deadlines deadlines) throws IOException {
        return Connector.builder(new Lines()).tls(tls).deadlines(deadlines).start();
    }

    private static ClientTls trusting() throws IOException {
        return TlsKeys.ofLocalhost().client().build();
    }

    private static CompletableFuture<Connection> connect(Connector connector, String host, int port) {
        return connector.connect(null, InetSocketAddress.createUnresolved(host, port), "ours");
    }

    private static Throwable failure(CompletableFuture<Connection> connect) {
        return assertThrows(ExecutionException.class, () -> connect.get(20, TimeUnit.SECONDS))
                .getCause();
    }

    private static void isOver(Connector connector) {
        Await.until("all is given back", () -> connector.connections() == 0);
        for (Reader reader : connector.readers()) {
            assertEquals(0, reader.lentBuffers());
        }
    }

    private String line() throws InterruptedException {
        String line = lines.poll(20, TimeUnit.SECONDS);
        assertNotNull(line, "no line has come");
        return line;
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(TIMEOUT_MILLIS);
        return listener;
    }

    private static TlsPeer accept(ServerSocket listener, String version, int pieceBytes, long maySend)
            throws Exception {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        SSLEngine engine = TlsKeys.ofLocalhost().context().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {version});
        return new TlsPeer(socket, engine, pieceBytes, maySend);
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aNameIsLookedUpAndVerified(TlsVersion version) throws Exception {
        ClientTls tls = TlsKeys.ofLocalhost().client().versions(version).build();
        try (TestServer server = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                Connector connector = connector(tls, Deadlines.defaults())) {
            for (String host : List.of("localhost", "127.0.0.1")) {
                Connection connection =
                        connect(connector, host, server.server.port()).get(20, TimeUnit.SECONDS);
                connection.send(TestServer.bytes(host), LineEncoder.LF);
                assertEquals(host, line());
                connection.close();
            }
            isOver(connector);
            Await.until(
                    "both have ended in order", () -> server.server.closed().get(CloseReason.Kind.PEER_CLOSED) == 2);
        }
    }

    @Test
    void aServerOfAnotherNameIsRefused() throws Exception {
        TlsKeys wrong = TlsKeys.ofAnotherHost();
        try (TestServer server = new TestServer(wrong.endpoint(), builder -> builder);
                Connector connector = connector(wrong.client().build(), SHORT)) {
            Throwable failure = failure(connect(connector, "localhost", server.server.port()));
            assertInstanceOf(IOException.class, failure);
            assertInstanceOf(SSLException.class, failure.getCause().getCause(), failure::toString);
            isOver(connector);
            Await.until("the server knows", () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
        }
    }

    @Test
    void aServerThatSaysNothingIsNotWaitedForForEver() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), SHORT)) {
            Throwable failure = failure(connect(connector, "localhost", listener.getLocalPort()));
            assertInstanceOf(SocketTimeoutException.class, failure.getCause());
            assertTrue(failure.getMessage().contains("handshake"), failure::getMessage);
            isOver(connector);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void whoeverGivesUpInTheHandshakeHoldsNothing(String host) throws Exception {
        Deadlines patient = Deadlines.defaults().withHandshake(Duration.ofMinutes(5));
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), patient)) {
            CompletableFuture<Connection> connect = connect(connector, host, listener.getLocalPort());
            try (Client silent = new Client(listener.accept())) {
                silent.read(1);
                assertTrue(connect.cancel(false));
                isOver(connector);
                silent.readAll();
            }
        }
    }

    /** A Unix domain socket connects at once, so there is no moment in which that could be given up. */
    @Test
    void theSameWhereAConnectTakesNoTime(@TempDir Path directory) throws Exception {
        Deadlines patient = Deadlines.defaults().withHandshake(Duration.ofMinutes(5));
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Connector connector = connector(trusting(), patient)) {
            listener.bind(address);
            CompletableFuture<Connection> connect = connector.connect(null, address, "ours");
            try (SocketChannel silent = listener.accept()) {
                silent.read(ByteBuffer.allocate(1));
                assertTrue(connect.cancel(false));
                isOver(connector);
            }
        }
    }

    @Test
    void aServerThatSpeaksInClearIsNotUnderstood() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), SHORT)) {
            CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
            try (Socket socket = listener.accept()) {
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertTrue(failure(connect).getMessage().contains("TLS"));
                isOver(connector);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theServerMayEndBehindAnyByteOfItsHandshake(String version) throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), Deadlines.defaults().withLinger(Duration.ofMillis(200)))) {
            boolean whole = false;
            for (long bytes = 0; !whole; bytes += 1 + bytes / 50) {
                CompletableFuture<Connection> connect = connect(connector, "127.0.0.1", listener.getLocalPort());
                try (TlsPeer peer = accept(listener, version, Integer.MAX_VALUE, bytes)) {
                    try {
                        peer.handshake();
                        whole = true;
                    } catch (TlsPeer.Stopped e) {
                        peer.socket.setSoLinger(bytes % 2 == 0, 0);
                    }
                }
                try {
                    connect.get(20, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertInstanceOf(IOException.class, e.getCause());
                }
            }
            isOver(connector);
        }
    }

    @Test
    void aServerMaySpeakByteByByteAndFirst() throws Exception {
        for (String version : List.of("TLSv1.3", "TLSv1.2")) {
            for (int pieceBytes : new int[] {1, 100_000}) {
                try (ServerSocket listener = listen();
                        Connector connector = connector(trusting(), Deadlines.defaults())) {
                    CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
                    try (TlsPeer peer = accept(listener, version, pieceBytes, Long.MAX_VALUE)) {
                        peer.handshake();
                        peer.send(peer.seal("hello\n"), peer.closeNotify());
                        assertEquals("hello", line());
                        connect.get(20, TimeUnit.SECONDS);
                        assertEquals("", peer.readAll());
                        isOver(connector);
                    }
                }
            }
        }
    }

    /** In one write with the end of its handshake, which TLS 1.3 allows: RFC 8446, section 2. */
    @Test
    void whatTheServerSendsWithItsHandshakeWaitsForTheProtocol() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(
                        TlsKeys.ofLocalhost()
                                .client()
                                .versions(TlsVersion.TLS_1_2)
                                .build(),
                        Deadlines.defaults())) {
            CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
            try (TlsPeer peer = accept(listener, "TLSv1.2", Integer.MAX_VALUE, Long.MAX_VALUE)) {
                peer.engine.beginHandshake();
                byte[] last = new byte[0];
                while (peer.engine.getHandshakeStatus()
                        != javax.net.ssl.SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING) {
                    peer.send(last);
                    last = peer.flight();
                    if (last.length == 0) {
                        peer.step();
                    }
                }
                peer.send(last, peer.seal("first\nsec"));
                assertEquals("first", line());
                connect.get(20, TimeUnit.SECONDS);
                peer.send(peer.seal("ond\n"));
                assertEquals("second", line());
            }
        }
    }

    @Test
    void whoeverGivesUpInTheHandshakeGetsNoConnection() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), Deadlines.defaults())) {
            CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
            try (TlsPeer peer = accept(listener, "TLSv1.3", Integer.MAX_VALUE, Long.MAX_VALUE)) {
                Reader reader = connector.readers().get(0);
                Await.until("its hello is sent", () -> reader.bytesWritten() > 0);
                connect.cancel(false);
                assertThrows(IOException.class, peer::handshake);
                isOver(connector);
            }
        }
    }

    @Test
    void aConnectorThatStopsEndsItsHandshakes() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), Deadlines.defaults())) {
            CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
            try (Socket socket = listener.accept()) {
                InputStream in = socket.getInputStream();
                assertEquals(22, in.read());
                connector.close();
                Throwable why = failure(connect);
                assertTrue(why.getMessage().contains("it is stopped"), why::toString);
                assertEquals(null, why.getCause(), "it says nothing about the server");
                isOver(connector);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aSessionIsResumed(TlsVersion version) throws Exception {
        ClientTls tls = TlsKeys.ofLocalhost().client().versions(version).build();
        try (TestServer server = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                Connector connector = connector(tls, Deadlines.defaults())) {
            long[] read = new long[3];
            long before = 0;
            for (int i = 0; i < read.length; i++) {
                Connection connection =
                        connect(connector, "localhost", server.server.port()).get(20, TimeUnit.SECONDS);
                connection.send(TestServer.bytes("x"), LineEncoder.LF);
                assertEquals("x", line());
                connection.close();
                isOver(connector);
                long now = connector.readers().get(0).bytesRead();
                read[i] = now - before;
                before = now;
            }
            // a certificate has some hundred bytes
            assertTrue(read[1] < read[0] - 300, () -> read[0] + " bytes, and then " + read[1]);
            assertTrue(read[2] < read[0] - 300, () -> read[0] + " bytes, and then " + read[2]);
        }
    }

    @Test
    void aStreamThatIsCutIsNotAnEnd() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting(), Deadlines.defaults())) {
            CompletableFuture<Connection> connect = connect(connector, "localhost", listener.getLocalPort());
            try (TlsPeer peer = accept(listener, "TLSv1.3", Integer.MAX_VALUE, Long.MAX_VALUE)) {
                peer.handshake();
                connect.get(20, TimeUnit.SECONDS);
                peer.send(peer.seal("half a li"));
                peer.socket.shutdownOutput();
                Await.until("it has ended", () -> reasons.size() == 1);
                assertInstanceOf(CloseReason.TlsTruncated.class, reasons.get(0));
            }
        }
    }
}
