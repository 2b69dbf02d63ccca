// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** Keys of TLS 1.3 that are updated (RFC 8446, section 4.6.3) while data goes both ways, by the peer and by us. */
class KeyUpdateScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int PIECES = 60;
    private static final int PIECE_BYTES = 40_000;
    private static SSLContext context;

    @BeforeAll
    static void makeKeys() throws Exception {
        context = TlsKeys.ofLocalhost().context();
    }

    private static DuplexProtocol<ByteBuffer> echo() {
        return DuplexProtocol.of(RawFramer::new, (bytes, connection) -> connection.send(bytes));
    }

    private static TestServer server() throws IOException {
        return new TestServer(
                new TestServer.Recorder(TestServer::echo),
                builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), echo()));
    }

    private static TlsPeer secured(TestServer server, int receiveBuffer) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(
                new InetSocketAddress(
                        "127.0.0.1", server.server.listeners().get(1).port()),
                TIMEOUT_MILLIS);
        return new TlsPeer(socket, engine).handshake();
    }

    private static String letters(int bytes) {
        return new Random(bytes)
                .ints(bytes, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Each piece comes with an update behind its first half, and the answers to earlier ones are on their way meanwhile. */
    @Test
    void thePeersUpdatesAmidDataLoseNothing() throws Exception {
        String piece = letters(PIECE_BYTES);
        try (TestServer server = server();
                TlsPeer peer = secured(server, 1 << 20)) {
            for (int i = 0; i < PIECES; i++) {
                byte[] first = peer.seal(piece.substring(0, PIECE_BYTES / 2));
                peer.engine.beginHandshake();
                byte[] update = peer.flight();
                assertTrue(update.length > 0, "an update");
                peer.send(first, update, peer.seal(piece.substring(PIECE_BYTES / 2)));
                if (i > 0) {
                    assertEquals(piece, peer.read(PIECE_BYTES));
                }
            }
            assertEquals(piece, peer.read(PIECE_BYTES));
        }
    }

    /** Ours answers an update while what it has sealed before waits for the socket. */
    @Test
    void anUpdateIsAnsweredBehindWhatThePeerHasNotRead() throws Exception {
        Limits wide = Limits.defaults().withOutboundBytes(32 << 20).withMarks(31 << 20, 1 << 10);
        String much = letters(10_000_000);
        AtomicReference<Connection> there = new AtomicReference<>();
        DuplexProtocol<ByteBuffer> bulky = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            there.set(connection);
            if (text(line).equals("much")) {
                connection.send(TestServer.bytes(much));
            }
            connection.send(line);
        });
        try (TestServer server =
                        new TestServer(new TestServer.Recorder(TestServer::echo), builder -> builder.limits(wide)
                                .listen(TlsKeys.ofLocalhost().endpoint(), bulky));
                TlsPeer peer = secured(server, 100_000)) {
            peer.send(peer.seal("much\n"));
            Await.until("it waits", () -> there.get() != null && there.get().unsentBytes() > 0);
            for (int i = 0; i < 5; i++) {
                peer.engine.beginHandshake();
                peer.send(peer.flight(), peer.seal(i + "\n"));
            }
            String all = much + "much01234";
            for (int at = 0; at < all.length(); ) {
                int end = Math.min(all.length(), at + PIECE_BYTES);
                assertEquals(all.substring(at, end), peer.read(end - at));
                at = end;
            }
        }
    }

    /** With data between them there may be any number; without, they are records that bring nothing. */
    @Test
    void updatesWithoutDataAreBounded() throws Exception {
        try (TestServer server = server();
                TlsPeer peer = secured(server, 1 << 20)) {
            for (int i = 0; i < 10; i++) {
                for (int j = 0; j < 60; j++) {
                    peer.engine.beginHandshake();
                    peer.send(peer.flight());
                }
                peer.send(peer.seal("x"));
                assertEquals("x", peer.read(1));
            }
            for (int j = 0; j < 65; j++) {
                peer.engine.beginHandshake();
                peer.send(peer.flight());
            }
            Await.until(
                    () -> "it ends: " + server.server.closed(),
                    () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
        }
    }

    // ---- updates of ours, which the JDK makes when a key has sealed so much; a JVM is told how much when it starts

    /** Run in a JVM of its own. */
    static final class FewBytesForAKey {
        private FewBytesForAKey() {}

        public static void main(String[] args) throws Exception {
            if (!Security.getProperty("jdk.tls.keyLimits").contains("2^16")) {
                throw new AssertionError("the limit isn't set");
            }
            String much = letters(1_000_000);
            StringBuilder heard = new StringBuilder();
            CompletableFuture<String> all = new CompletableFuture<>();
            DuplexProtocol<ByteBuffer> listening = DuplexProtocol.of(RawFramer::new, (bytes, connection) -> {
                heard.append(text(bytes));
                if (heard.length() >= much.length()) {
                    all.complete(heard.toString());
                }
            });
            Limits wide = Limits.defaults().withOutboundBytes(32 << 20).withMarks(31 << 20, 1 << 10);
            try (Server server = Server.builder()
                            .topology(Topology.singleThread())
                            .limits(wide)
                            .listen(TlsKeys.ofLocalhost().endpoint(), echo())
                            .start();
                    Connector connector = Connector.builder(listening)
                            .limits(wide)
                            .tls(TlsKeys.ofLocalhost().client().build())
                            .start()) {
                Connection connection = connector
                        .connect(new InetSocketAddress("localhost", server.port()))
                        .get(20, TimeUnit.SECONDS);
                connection.send(TestServer.bytes(much));
                String echoed = all.get(60, TimeUnit.SECONDS);
                System.out.println(echoed.equals(much) ? "all came back" : "something else came back");
            }
        }
    }

    /** The directory or the JAR that a class comes from, whether by the class path or as a module. */
    private static String place(Class<?> type) {
        String url = type.getResource(type.getSimpleName() + ".class").toString();
        String path = url.substring(url.lastIndexOf(':') + 1);
        int end = path.indexOf("!/");
        return path.substring(0, end < 0 ? path.lastIndexOf(type.getName().replace('.', '/')) : end);
    }

    @Test
    void ourUpdatesAmidDataLoseNothing(@TempDir Path directory) throws Exception {
        Path limits = Files.writeString(
                directory.resolve("limits"),
                "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^16, ChaCha20-Poly1305 KeyUpdate 2^16\n");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Djava.security.properties=" + limits,
                        "-Djavax.net.debug=ssl,handshake",
                        "-cp",
                        Stream.of(KeyUpdateScenarioTest.class, Server.class, Logger.class, Assertions.class)
                                .map(KeyUpdateScenarioTest::place)
                                .collect(Collectors.joining(File.pathSeparator)),
                        FewBytesForAKey.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(said.contains("all came back"), () -> said.substring(Math.max(0, said.length() - 3000)));
            int updates = said.split("Produced KeyUpdate post-handshake message", -1).length - 1;
            assertTrue(updates > 10, () -> updates + " updates");
            assertEquals(0, jvm.waitFor());
        } finally {
            jvm.destroyForcibly();
        }
    }
}
