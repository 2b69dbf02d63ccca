// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of a TLS server that break its rules, stop in the middle, or are slow. */
class TlsHostileScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final byte[] WARNING = {21, 3, 3, 0, 2, 1, 90}; // user_canceled
    private static SSLContext context;
    private static int engines;

    @BeforeAll
    static void makeKeys() throws Exception {
        context = TlsKeys.ofLocalhost().context();
    }

    private static TestServer lines() throws IOException {
        return new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
    }

    private static TestServer lines(Deadlines deadlines) throws IOException {
        return new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder.deadlines(deadlines));
    }

    private static TestServer lines(Limits limits) throws IOException {
        return new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder.limits(limits));
    }

    /** A server that speaks another protocol over TLS, at its second listener. */
    private static TestServer serving(Protocol<?> protocol, Limits limits) throws IOException {
        return new TestServer(new TestServer.Recorder(TestServer::echo), builder -> builder.limits(limits)
                .listen(TlsKeys.ofLocalhost().endpoint(), protocol));
    }

    private static int port(TestServer server) {
        List<Listener> listeners = server.server.listeners();
        return listeners.get(listeners.size() - 1).port();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return socket;
    }

    private static SSLEngine engine(String version) {
        SSLEngine engine = context.createSSLEngine("localhost", ++engines); // for each number, sessions of its own
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        return engine;
    }

    private static TlsPeer peer(TestServer server, String version) throws IOException {
        return new TlsPeer(connect(port(server)), engine(version));
    }

    private static TlsPeer secured(TestServer server, String version) throws IOException {
        return peer(server, version).handshake();
    }

    private static void echoes(TlsPeer peer, String line) throws IOException {
        peer.send(peer.seal(line));
        assertEquals(line, peer.read(line.length()));
    }

    private static void ends(TestServer server, CloseReason.Kind kind) {
        ends(server, kind, 1);
    }

    private static void ends(TestServer server, CloseReason.Kind kind, long number) {
        Await.until(
                () -> number + " have ended as " + kind + ": " + server.server.closed(),
                () -> server.server.closed().get(kind) == number);
    }

    // ---- handshakes that come to nothing

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aHandshakeMayEndBehindAnyByte(String version) throws Exception {
        long whole;
        try (TestServer server = lines();
                TlsPeer peer = secured(server, version)) {
            whole = peer.sent;
            echoes(peer, "x\n");
        }
        assertTrue(whole > 300, () -> "a handshake has " + whole + " bytes");
        try (TestServer server = lines()) {
            for (long bytes = 0; bytes < whole; bytes++) {
                boolean inOrder = bytes % 2 == 0;
                try (Socket socket = connect(port(server))) {
                    TlsPeer peer = new TlsPeer(socket, engine(version), Integer.MAX_VALUE, bytes);
                    assertThrows(TlsPeer.Stopped.class, peer::handshake);
                    if (inOrder) {
                        socket.shutdownOutput();
                        Await.until("it has been told", () -> hasEnded(socket));
                    } else {
                        socket.setSoLinger(true, 0);
                    }
                }
            }
            Await.until("all have ended", () -> server.server.connections() == 0);
            assertEquals(0, server.server.closed().get(CloseReason.Kind.HANDLER_FAILED));
            assertEquals(0, server.server.readers().get(0).lentBuffers());
            assertTrue(server.recorder.opened.isEmpty());
        }
    }

    private static boolean hasEnded(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void abortedHandshakesLeaveNothing() throws Exception {
        try (TestServer server = lines()) {
            int before = openFiles();
            Random random = new Random(4);
            for (int i = 0; i < 1000; i++) {
                try (Socket socket = connect(port(server))) {
                    TlsPeer peer =
                            new TlsPeer(socket, engine(i % 2 == 0 ? "TLSv1.3" : "TLSv1.2"), 2000, random.nextInt(500));
                    try {
                        peer.handshake();
                    } catch (TlsPeer.Stopped e) {
                        socket.setSoLinger(i % 3 > 0, 0);
                    }
                }
            }
            Await.until("all have ended", () -> server.server.connections() == 0);
            assertEquals(0, server.server.readers().get(0).lentBuffers());
            Await.until(() -> openFiles() + " files are open, not " + before, () -> openFiles() <= before);
            assertEquals(0, server.server.closed().get(CloseReason.Kind.HANDLER_FAILED));
        }
    }

    private static int openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void allMayComeByteByByte(String version) throws Exception {
        try (TestServer server = lines();
                Socket socket = connect(port(server))) {
            TlsPeer peer = new TlsPeer(socket, engine(version), 1, Long.MAX_VALUE).handshake();
            echoes(peer, "one\n");
            peer.send(peer.seal("two\nthree\n"), peer.seal("fo"), peer.seal("ur\n"));
            assertEquals("two\nthree\nfour\n", peer.read(15));
            peer.send(peer.closeNotify());
            assertEquals("", peer.readAll());
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void anyByteOfAHandshakeMayBeWrong(String version) throws Exception {
        Random random = new Random(5);
        Deadlines withoutWaiting = Deadlines.defaults().withHandshake(Duration.ofMillis(200));
        try (TestServer server = lines(withoutWaiting)) {
            for (int i = 0; i < 200; i++) {
                try (TlsPeer peer = peer(server, version)) {
                    peer.engine.beginHandshake();
                    byte[] hello = peer.flight();
                    hello[random.nextInt(hello.length)] ^= (byte) (1 << random.nextInt(8));
                    peer.send(hello);
                    peer.goOn();
                } catch (IOException e) {
                    // it was refused, most likely
                }
            }
            Await.until("all have ended", () -> server.server.connections() == 0);
            assertEquals(0, server.server.closed().get(CloseReason.Kind.HANDLER_FAILED));
        }
    }

    @Test
    void garbageBehindTheFirstMessageEndsIt() throws Exception {
        Random random = new Random(6);
        try (TestServer server = lines()) {
            for (int i = 0; i < 50; i++) {
                try (TlsPeer peer = peer(server, "TLSv1.3")) {
                    peer.engine.beginHandshake();
                    byte[] garbage = new byte[1 + random.nextInt(40_000)];
                    random.nextBytes(garbage);
                    peer.send(peer.flight(), garbage);
                    peer.socket.shutdownOutput();
                    peer.socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // a reset, as it has not read all of that
                }
            }
            ends(server, CloseReason.Kind.TLS_FAILED, 50);
        }
    }

    @Test
    void aSecondFirstMessageEndsIt() throws Exception {
        for (String version : List.of("TLSv1.3", "TLSv1.2")) {
            try (TestServer server = lines();
                    TlsPeer peer = peer(server, version)) {
                peer.engine.beginHandshake();
                byte[] hello = peer.flight();
                peer.send(hello, hello);
                assertThrows(IOException.class, () -> peer.goOn().readAll());
                ends(server, CloseReason.Kind.TLS_FAILED);
            }
        }
    }

    @Test
    void aFloodOfWarningsInTheHandshakeEndsIt() throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = peer(server, "TLSv1.2")) {
            peer.engine.beginHandshake();
            peer.send(peer.flight());
            for (int i = 0; i < 100; i++) {
                peer.send(WARNING);
            }
            ends(server, CloseReason.Kind.TLS_FAILED);
        }
    }

    @Test
    void aRecordTooLongEndsIt() throws Exception {
        for (int length : new int[] {16_385 + 256, 40_000, 65_535}) {
            try (TestServer server = lines();
                    TlsPeer peer = secured(server, "TLSv1.3")) {
                byte[] record = new byte[5 + length];
                System.arraycopy(new byte[] {23, 3, 3, (byte) (length >> 8), (byte) length}, 0, record, 0, 5);
                try {
                    peer.send(record);
                } catch (IOException e) {
                    // it has seen enough
                }
                ends(server, CloseReason.Kind.TLS_FAILED);
            }
        }
    }

    // ---- records that bring nothing

    @Test
    void keysMayBeUpdatedButNotWithoutEnd() throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = secured(server, "TLSv1.3")) {
            for (int i = 0; i < 200; i++) {
                peer.engine.beginHandshake();
                peer.send(peer.flight());
                echoes(peer, "line " + i + "\n");
            }
            for (int i = 0; i < 100; i++) {
                peer.engine.beginHandshake();
                peer.send(peer.flight());
            }
            ends(server, CloseReason.Kind.TLS_FAILED);
        }
    }

    @Test
    void nobodyRenegotiates() throws Exception {
        try (TestServer server = lines();
                SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket("localhost", port(server))) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            client.setEnabledProtocols(new String[] {"TLSv1.2"});
            client.getOutputStream().write("x\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertEquals('x', client.getInputStream().read());
            assertEquals('\n', client.getInputStream().read());
            assertThrows(IOException.class, () -> {
                client.startHandshake();
                client.getInputStream().read();
            });
            ends(server, CloseReason.Kind.TLS_FAILED);
        }
    }

    // ---- ends

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void whatCameInFrontOfTheEndIsAnswered(String version) throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = secured(server, version)) {
            peer.send(peer.seal("one\n"), peer.seal("two\nlast\n"), peer.closeNotify());
            assertEquals("one\ntwo\nlast\n", peer.readAll());
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    @Test
    void moreThanATurnsRequestsInFrontOfTheEndAreAnswered() throws Exception {
        try (TestServer server = lines(Limits.defaults().withRequestsPerTurn(3));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("x\n".repeat(1000)), peer.closeNotify());
            assertEquals("x\n".repeat(1000), peer.readAll());
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    @Test
    void bytesBehindTheEndAreNotLookedAt() throws Exception {
        for (boolean paused : new boolean[] {false, true}) {
            AtomicReference<Reply> waiting = new AtomicReference<>();
            TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> {
                if (paused) {
                    reply.connection().pause();
                }
                waiting.set(reply.defer());
            });
            try (TestServer server = new TestServer(
                            recorder,
                            builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                    TlsPeer peer = secured(server, "TLSv1.3")) {
                byte[] line = peer.seal("x\n");
                byte[] end = peer.closeNotify();
                peer.send(line, end, new byte[] {23, 3, 3, 0, 9, 1});
                Await.until("the request is there", () -> waiting.get() != null);
                waiting.get().send(TestServer.bytes("y"), LineEncoder.LF);
                recorder.opened.get(0).resume();
                assertEquals("y\n", peer.readAll());
                ends(server, CloseReason.Kind.PEER_CLOSED);
            }
        }
    }

    @Test
    void aDeferredReplyLeavesBehindThePeersEnd() throws Exception {
        CopyOnWriteArrayList<Reply> waiting = new CopyOnWriteArrayList<>();
        TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> waiting.add(reply.defer()));
        try (TestServer server = new TestServer(
                        recorder,
                        builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("a\nb\n"), peer.closeNotify());
            Await.until("the requests are there", () -> waiting.size() == 2);
            waiting.get(1).send(TestServer.bytes("second"), LineEncoder.LF);
            waiting.get(0).send(TestServer.bytes("first"), LineEncoder.LF);
            assertEquals("first\nsecond\n", peer.readAll());
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    /** In TLS 1.2 the end is that of both directions: RFC 5246, section 7.2.1. */
    @Test
    void whatIsNotSentBehindTheEndOfTls12DoesNotLookWhole() throws Exception {
        CopyOnWriteArrayList<Reply> waiting = new CopyOnWriteArrayList<>();
        TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> waiting.add(reply.defer()));
        try (TestServer server = new TestServer(
                        recorder,
                        builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                TlsPeer peer = secured(server, "TLSv1.2")) {
            peer.send(peer.seal("a\nb\n"), peer.closeNotify());
            Await.until("the requests are there", () -> waiting.size() == 2);
            waiting.get(0).send(TestServer.bytes("first"), LineEncoder.LF);
            assertThrows(IOException.class, peer::readAll);
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    @Test
    void aStreamThatIsCutInARecordIsATruncation() throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = secured(server, "TLSv1.3")) {
            echoes(peer, "x\n");
            byte[] record = peer.seal("y\n");
            peer.send(Arrays.copyOf(record, record.length - 1));
            peer.socket.shutdownOutput();
            assertThrows(IOException.class, peer::readAll);
            ends(server, CloseReason.Kind.TLS_TRUNCATED);
        }
    }

    @Test
    void aResetInTheMiddleOfARecordIsOne() throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = secured(server, "TLSv1.3")) {
            echoes(peer, "x\n");
            peer.send(Arrays.copyOf(peer.seal("y\n"), 9));
            Await.until("it has come", () -> server.server.readers().get(0).lentBuffers() == 1);
            peer.socket.setSoLinger(true, 0);
            peer.close();
            ends(server, CloseReason.Kind.PEER_RESET);
        }
    }

    @Test
    void aHandlerThatThrowsInAReplyDoesNotMakeItLookWhole() throws Exception {
        TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> {
            reply.write(TestServer.bytes("a part"));
            throw new IOException("deliberate");
        });
        try (TestServer server = new TestServer(
                        recorder,
                        builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("x\n"));
            assertThrows(IOException.class, peer::readAll);
            ends(server, CloseReason.Kind.HANDLER_FAILED);
        }
    }

    @Test
    void aHandlerThatThrowsInTheFirstRequestEndsIt() throws Exception {
        TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> {
            throw new IOException("deliberate");
        });
        try (TestServer server = new TestServer(
                        recorder,
                        builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                TlsPeer peer = peer(server, "TLSv1.3")) {
            peer.engine.beginHandshake();
            peer.goOn();
            peer.send(peer.seal("x\n"));
            peer.readAll();
            ends(server, CloseReason.Kind.HANDLER_FAILED);
        }
    }

    /** A client whose first request lies in one read with the end of its handshake. */
    @Test
    void theProtocolIsToldOfAConnectionBeforeItsFirstBytes() throws Exception {
        CopyOnWriteArrayList<String> told = new CopyOnWriteArrayList<>();
        DuplexProtocol<ByteBuffer> protocol = new DuplexProtocol<>() {
            @Override
            public LineFramer newFramer(int maxFrameBytes) {
                return new LineFramer(maxFrameBytes);
            }

            @Override
            public void opened(Connection connection) {
                told.add("opened");
            }

            @Override
            public void prepare(dev.sluice.frame.Framer<ByteBuffer> framer, Connection connection) {
                told.add("prepare");
            }

            @Override
            public void received(ByteBuffer frame, Connection connection) {
                told.add(TestServer.text(frame));
                connection.send(frame, LineEncoder.LF);
            }
        };
        try (TestServer server = serving(protocol, Limits.defaults());
                TlsPeer peer = peer(server, "TLSv1.3")) {
            peer.engine.beginHandshake();
            peer.send(peer.flight());
            byte[] last = lastFlight(peer);
            peer.send(last, peer.seal("one\n"), peer.closeNotify());
            assertEquals("one\n", peer.readAll());
            assertEquals(List.of("opened", "prepare", "one"), told.subList(0, 3));
        }
    }

    private static byte[] lastFlight(TlsPeer peer) throws IOException {
        ByteArrayOutputStream last = new ByteArrayOutputStream();
        while (peer.engine.getHandshakeStatus() != javax.net.ssl.SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
                && peer.engine.getHandshakeStatus() != javax.net.ssl.SSLEngineResult.HandshakeStatus.FINISHED) {
            byte[] flight = peer.flight();
            last.writeBytes(flight);
            if (flight.length == 0) {
                peer.step();
            }
        }
        return last.toByteArray();
    }

    // ---- half-closed

    @Test
    void aServerThatHasEndedItsOutputReadsOn() throws Exception {
        CopyOnWriteArrayList<String> lines = new CopyOnWriteArrayList<>();
        DuplexProtocol<ByteBuffer> protocol = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            lines.add(TestServer.text(line));
            if (lines.size() == 1) {
                connection.send(TestServer.bytes("bye\n"));
                connection.endOutput();
            }
        });
        try (TestServer server = serving(protocol, Limits.defaults());
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("one\n"));
            assertEquals("bye\n", peer.readAll());
            peer.send(peer.seal("two\n"));
            Await.until(() -> "there are two: " + lines, () -> lines.size() == 2);
            peer.send(peer.closeNotify());
            ends(server, CloseReason.Kind.PEER_CLOSED);
        }
    }

    // ---- time and memory

    @Test
    void aRecordThatTricklesHasTheTimeOfAFrame() throws Exception {
        Deadlines short_ =
                Deadlines.defaults().withFrame(Duration.ofMillis(300)).withMinBytesPerSecond(1 << 20);
        try (TestServer server = lines(short_);
                TlsPeer peer = secured(server, "TLSv1.3")) {
            echoes(peer, "x\n");
            byte[] record = peer.seal("y".repeat(15_000));
            int sent = 0;
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (server.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 0 && sent < record.length) {
                try {
                    peer.send(new byte[] {record[sent++]});
                } catch (IOException e) {
                    break;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
                assertTrue(System.nanoTime() < end, "it goes on for ever");
            }
            assertTrue(sent < record.length, "all of it was taken");
            ends(server, CloseReason.Kind.DEADLINE_PASSED);
        }
    }

    @Test
    void aClientThatSaysNothingBehindItsHandshakeHasTheTimeOfTheFirstByte() throws Exception {
        try (TestServer server = lines(Deadlines.defaults().withFirstByte(Duration.ofMillis(100)));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            assertEquals("refused DEADLINE_PASSED\n", peer.readAll());
            ends(server, CloseReason.Kind.DEADLINE_PASSED);
        }
    }

    @Test
    void aPeerThatDoesNotReadIsFoundOut() throws Exception {
        DuplexProtocol<ByteBuffer> protocol = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            while (connection.isWritable()) {
                connection.send(ByteBuffer.allocate(100_000));
            }
        });
        Deadlines short_ = Deadlines.defaults().withWriteStall(Duration.ofMillis(200));
        try (TestServer server =
                        new TestServer(new TestServer.Recorder(TestServer::echo), builder -> builder.deadlines(short_)
                                .listen(TlsKeys.ofLocalhost().endpoint(), protocol));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("x\n"));
            ends(server, CloseReason.Kind.DEADLINE_PASSED);
            assertThrows(IOException.class, peer::readAll);
        }
    }

    @Test
    void moreThanTheLimitIsNotHeldForAPeer() throws Exception {
        DuplexProtocol<ByteBuffer> protocol = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            for (int i = 0; i < 10_000; i++) {
                connection.send(ByteBuffer.allocate(2000));
            }
        });
        Limits small = Limits.defaults().withMarks(2000, 1000).withOutboundBytes(8000);
        try (TestServer server = serving(protocol, small);
                TlsPeer peer = secured(server, "TLSv1.3")) {
            peer.send(peer.seal("x\n"));
            ends(server, CloseReason.Kind.OUTBOUND_LIMIT);
            assertThrows(IOException.class, peer::readAll);
        }
    }

    /** What is held is sealed when the socket takes more, and may have to wait again: it isn't twice as much by that. */
    @ParameterizedTest
    @ValueSource(ints = {4000, 64_000, 300_000})
    void allThatMayBeHeldLeavesHoweverSlowItsReaderIs(int most) throws Exception {
        CompletableFuture<Connection> opened = new CompletableFuture<>();
        DuplexProtocol<ByteBuffer> protocol =
                DuplexProtocol.of(LineFramer::new, (line, connection) -> opened.complete(connection));
        Limits limits = Limits.defaults().withMarks(most, most / 8).withOutboundBytes(most);
        Endpoint narrow = TlsKeys.ofLocalhost()
                .endpoint()
                .withOptions(TcpOptions.defaults().withSendBuffer(8192));
        try (TestServer server =
                        new TestServer(new TestServer.Recorder(TestServer::echo), builder -> builder.limits(limits)
                                .listen(narrow, protocol));
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(2000);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(server)), TIMEOUT_MILLIS);
            TlsPeer peer = new TlsPeer(socket, engine("TLSv1.3")).handshake();
            peer.send(peer.seal("x\n"));
            Connection connection = opened.get(20, TimeUnit.SECONDS);
            int sent = 0;
            for (int piece = 1; piece > 0; sent += piece) {
                CompletableFuture<Integer> next = new CompletableFuture<>();
                connection.reader().execute(() -> next.complete(sendPiece(connection, most)));
                piece = next.get(20, TimeUnit.SECONDS);
            }
            for (int left = sent; left > 0; ) { // it has no room for all at once
                left -= peer.read(Math.min(left, 10_000)).length();
            }
            assertTrue(connection.isOpen());
        }
    }

    private static int sendPiece(Connection connection, int most) {
        int piece = (int) Math.min(1000, most - connection.unsentBytes());
        if (piece > 0) {
            connection.send(ByteBuffer.allocate(piece));
            connection.reader().outbound.flush();
        }
        return piece;
    }

    /** Its reader takes a little at a time, and many times: that isn't spinning. */
    @Test
    void aSlowReaderGetsAll() throws Exception {
        byte[] much = new byte[3 << 20];
        new Random(1).nextBytes(much);
        DuplexProtocol<ByteBuffer> protocol =
                DuplexProtocol.of(LineFramer::new, (line, connection) -> connection.send(ByteBuffer.wrap(much)));
        try (TestServer server = serving(protocol, Limits.defaults());
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(2000);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(server)), TIMEOUT_MILLIS);
            TlsPeer peer = new TlsPeer(socket, engine("TLSv1.3")).handshake();
            peer.send(peer.seal("x\n"));
            for (int at = 0; at < much.length; at += 1 << 16) {
                String expected = new String(much, at, 1 << 16, java.nio.charset.StandardCharsets.ISO_8859_1);
                assertEquals(expected, peer.read(1 << 16));
            }
        }
    }

    @Test
    void aBudgetThatIsUsedUpEndsSomebodyAndIsGivenBack() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(256 << 10);
        DuplexProtocol<ByteBuffer> protocol =
                DuplexProtocol.of(RawFramer::new, (bytes, connection) -> connection.send(ByteBuffer.allocate(50_000)));
        try (TestServer server =
                new TestServer(new TestServer.Recorder(TestServer::echo), builder -> builder.budget(budget)
                        .listen(
                                TlsKeys.ofLocalhost()
                                        .endpoint()
                                        .withOptions(TcpOptions.defaults().withSendBuffer(16 << 10)),
                                protocol))) {
            TlsPeer[] peers = new TlsPeer[30];
            for (int i = 0; i < peers.length; i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(2000); // or the kernel takes many MB for it
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(server)), TIMEOUT_MILLIS);
                peers[i] = new TlsPeer(socket, engine("TLSv1.3")).handshake();
            }
            Await.until("the budget is used up", () -> {
                for (TlsPeer peer : peers) {
                    try {
                        peer.send(peer.seal("x"));
                    } catch (IOException e) {
                        // that one has ended
                    }
                }
                return server.server.closed().get(CloseReason.Kind.BUDGET_EXHAUSTED) > 0;
            });
            for (TlsPeer peer : peers) {
                peer.close();
            }
            Await.until("all have ended", () -> server.server.connections() == 0);
            assertEquals(0, server.server.readers().get(0).lentBytes());
        }
    }

    // ---- the server ends, or is full

    @Test
    void aServerThatStopsLetsGoOfHandshakes() throws Exception {
        try (TestServer server = lines();
                TlsPeer begun = peer(server, "TLSv1.3");
                TlsPeer silent = peer(server, "TLSv1.3")) {
            begun.engine.beginHandshake();
            begun.send(begun.flight());
            Await.until("both are there", () -> server.server.connections() == 2);
            Await.until("one has begun", () -> server.server.readers().get(0).bytesRead() > 100);
            CompletableFuture<DrainReport> drained = server.server.beginDrain(Duration.ofSeconds(15));
            assertTrue(hasEnded(silent.socket));
            assertTrue(hasEnded(begun.socket));
            drained.get(10, java.util.concurrent.TimeUnit.SECONDS);
            ends(server, CloseReason.Kind.STOPPED, 2);
            assertTrue(server.recorder.events.isEmpty(), server.recorder.events::toString);
        }
    }

    @Test
    void whoeverIsOneTooManyIsTurnedAway() throws Exception {
        Limits one = Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE);
        try (TestServer server = lines(one);
                TlsPeer first = peer(server, "TLSv1.3")) {
            Await.until("it is there", () -> server.server.connections() == 1);
            try (TlsPeer second = peer(server, "TLSv1.3")) {
                assertThrows(IOException.class, second::handshake);
            }
            first.handshake();
            echoes(first, "x\n");
        }
    }

    @Test
    void nobodyIsEvictedInAHandshake() throws Exception {
        Limits one = Limits.defaults().withConnections(1).withWhenFull(WhenFull.EVICT_IDLEST);
        try (TestServer server = lines(one);
                TlsPeer first = peer(server, "TLSv1.3")) {
            first.engine.beginHandshake();
            first.send(first.flight());
            try (TlsPeer second = peer(server, "TLSv1.3")) {
                first.goOn();
                second.handshake(); // the first is idle now
                echoes(second, "x\n");
                ends(server, CloseReason.Kind.EVICTED);
            }
        }
    }

    @Test
    void whatGoesOnCanBeExplained() throws Exception {
        try (TestServer server = lines();
                TlsPeer shaking = peer(server, "TLSv1.3");
                TlsPeer peer = secured(server, "TLSv1.3")) {
            shaking.engine.beginHandshake();
            shaking.send(Arrays.copyOf(shaking.flight(), 50));
            peer.send(Arrays.copyOf(peer.seal("y\n"), 9));
            Await.until("both have begun", () -> server.server.readers().get(0).lentBuffers() == 2);
            String text = server.server.explain();
            assertTrue(text.contains("in a frame for"), text);
            assertFalse(text.contains("failed"), text);
        }
    }

    // ---- behind a proxy, and from Reader to Reader

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void aProxysHeaderMayComeInFront(int pieceBytes) throws Exception {
        Endpoint endpoint =
                TlsKeys.ofLocalhost().endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        byte[] header =
                "PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (TestServer server = new TestServer(endpoint, builder -> builder);
                Socket socket = connect(port(server))) {
            TlsPeer peer = new TlsPeer(socket, engine("TLSv1.3"), pieceBytes, Long.MAX_VALUE);
            peer.engine.beginHandshake();
            peer.send(header, peer.flight());
            peer.goOn();
            echoes(peer, "x\n");
            assertEquals(
                    new InetSocketAddress("192.0.2.1", 1111),
                    server.recorder.opened.get(0).remoteAddress());
            try (TlsPeer broken = peer(server, "TLSv1.3")) {
                broken.send(header, new byte[] {22, 3, 1, 0, 0});
                assertThrows(IOException.class, broken::handshake);
                ends(server, CloseReason.Kind.TLS_FAILED);
            }
            try (TlsPeer silent = peer(server, "TLSv1.3")) {
                silent.send(header);
            }
        }
    }

    @Test
    void aConnectionMovesToAnotherReader() throws Exception {
        TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo);
        try (TestServer server = new TestServer(recorder, builder -> builder.topology(Topology.acceptorAndReaders(2))
                        .listen(TlsKeys.ofLocalhost().endpoint(), recorder));
                TlsPeer peer = secured(server, "TLSv1.3")) {
            for (int i = 0; i < 20; i++) {
                echoes(peer, "line " + i + "\n");
                Connection connection = recorder.opened.get(0);
                Reader other =
                        server.server.readers().get(1 - connection.reader().index());
                assertTrue(connection.moveTo(other).get(10, java.util.concurrent.TimeUnit.SECONDS));
                assertEquals(other, connection.reader());
            }
            peer.send(peer.closeNotify());
            assertEquals("", peer.readAll());
        }
    }

    @Test
    void aHandlerMayWriteToOtherConnectionsOfItsReader() throws Exception {
        CopyOnWriteArrayList<Connection> all = new CopyOnWriteArrayList<>();
        DuplexProtocol<ByteBuffer> protocol = new DuplexProtocol<>() {
            @Override
            public LineFramer newFramer(int maxFrameBytes) {
                return new LineFramer(maxFrameBytes);
            }

            @Override
            public void opened(Connection connection) {
                all.add(connection);
            }

            @Override
            public void received(ByteBuffer frame, Connection connection) {
                all.forEach(each -> each.send(frame, LineEncoder.LF));
            }
        };
        try (TestServer server = serving(protocol, Limits.defaults())) {
            TlsPeer[] peers = {secured(server, "TLSv1.3"), secured(server, "TLSv1.2"), secured(server, "TLSv1.3")};
            Await.until("all are open", () -> all.size() == peers.length); // which clients know before the server does
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                text.append("line ").append(i).append('\n');
            }
            peers[0].send(peers[0].seal(text.toString()));
            for (TlsPeer peer : peers) {
                assertEquals(text.toString(), peer.read(text.length()));
                peer.close();
            }
        }
    }

    @Test
    void anErrorOfTheEngineIsTold() throws Exception {
        try (TestServer server = lines();
                TlsPeer peer = secured(server, "TLSv1.3")) {
            byte[] record = peer.seal("x\n");
            record[record.length - 1] ^= 1;
            peer.send(record);
            SSLException e = assertThrows(SSLException.class, peer::readAll);
            assertTrue(e.getMessage().contains("bad_record_mac"), e::toString);
            ends(server, CloseReason.Kind.TLS_FAILED);
        }
    }
}
