// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import dev.sluice.Connector;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.Echo;
import dev.sluice.examples.Seen;
import dev.sluice.examples.Tap;
import dev.sluice.examples.TlsSides;
import dev.sluice.frame.FrameView;
import dev.sluice.testing.TestCa;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client and a backend with a proxy between that ends TLS, all over sockets. */
final class E2eScenarioTest {
    private static final TestCa CA = TestCa.create("a CA to throw away");
    private static final ServerKey KEY = ServerKey.generate();
    private static final Trust PINNED = Trust.pinned(KEY.publicKey());
    private static final String SECRET = "the password of the vault is swordfish";
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);

    private final List<Server> servers = new ArrayList<>();
    private final Seen seen = new Seen();

    @AfterEach
    void stop() {
        servers.forEach(Server::close);
        servers.clear();
    }

    private Server start(Server.Builder builder) throws IOException {
        Server server = builder.start();
        servers.add(0, server); // who asks is stopped before who is asked
        return server;
    }

    private static ServerTls serverTls() throws Exception {
        return TlsSides.server(CA, "localhost", "127.0.0.1");
    }

    private static ClientTls clientTls() throws Exception {
        return TlsSides.client(CA, "localhost");
    }

    /** A proxy that ends TLS, in front of a backend without TLS. */
    private Server proxy(Server backend, Tap.Watcher watcher) throws Exception {
        return start(Tap.server(ANY_PORT.withTls(serverTls()), backend.address(), null, watcher));
    }

    private static List<ByteBuffer> ask(Server at, Trust trust, byte[]... messages) throws Exception {
        List<ByteBuffer> all = new ArrayList<>();
        for (byte[] message : messages) {
            all.add(ByteBuffer.wrap(message));
        }
        return E2e.ask(at.address(), clientTls(), trust, all);
    }

    private static byte[] secret() {
        return SECRET.getBytes(StandardCharsets.US_ASCII);
    }

    // ---- what is seen

    /** What all the effort is for: TLS protects the way to the proxy, and there it ends. */
    @Test
    void withTlsAloneTheProxyReadsEverything() throws Exception {
        Server proxy = proxy(start(Echo.server(ANY_PORT)), seen);
        try (Socket client = tlsSocket(proxy.port())) {
            client.getOutputStream().write(secret());
            assertEquals(SECRET, new String(client.getInputStream().readNBytes(SECRET.length())));
        }
        assertEquals(SECRET, seen.ofClient());
        assertEquals(SECRET, seen.ofBackend());
    }

    private static Socket tlsSocket(int port) throws Exception {
        Socket socket = TlsSides.context(CA.certificate()).getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProxyThatEndsTlsSeesCiphertextOnly(boolean tlsToBackend) throws Exception {
        Server backend = start(E2e.server(tlsToBackend ? ANY_PORT.withTls(serverTls()) : ANY_PORT, KEY));
        Server proxy = start(
                Tap.server(ANY_PORT.withTls(serverTls()), backend.address(), tlsToBackend ? clientTls() : null, seen));
        byte[] large = new byte[Session.MESSAGE_BYTES];
        new Random(7).nextBytes(large);
        List<ByteBuffer> replies = ask(proxy, PINNED, secret(), large, new byte[0]);
        assertEquals(3, replies.size());
        assertEquals(SECRET, StandardCharsets.US_ASCII.decode(replies.get(0)).toString());
        assertArrayEquals(large, FrameView.copy(replies.get(1)).array());
        assertEquals(0, replies.get(2).remaining());
        await(() -> proxy.connections() == 0, () -> "both connections end, but " + proxy.explain());
        assertNull(seen.anyOf(SECRET));
        assertNull(seen.anyOf(large));
        assertNull(seen.anyOf(KEY.publicKey()), "the server's key is sealed too");
    }

    /** Records are opened on the Reader, messages handled on workers, one after another. */
    @Test
    void messagesComeInOrderWithWorkersToo() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(4);
        try {
            Server backend = start(E2e.server(ANY_PORT, KEY).topology(Topology.workers(2, workers)));
            byte[][] messages = new byte[200][];
            for (int i = 0; i < messages.length; i++) {
                messages[i] = ("message " + i).getBytes(StandardCharsets.US_ASCII);
            }
            List<ByteBuffer> replies = ask(proxy(backend, seen), PINNED, messages);
            assertEquals(messages.length, replies.size());
            for (int i = 0; i < messages.length; i++) {
                assertArrayEquals(messages[i], FrameView.copy(replies.get(i)).array());
            }
        } finally {
            stop();
            workers.shutdown();
        }
    }

    /** What stays visible: how many messages went which way, about how long each was, and when. */
    @Test
    void lengthsAreSeenInStepsOf64() throws Exception {
        Server proxy = proxy(start(E2e.server(ANY_PORT, KEY)), seen);
        ask(proxy, PINNED, new byte[3], new byte[63], new byte[64]);
        await(() -> proxy.connections() == 0, () -> "both connections end, but " + proxy.explain());
        assertEquals(List.of(32, 80, 80, 144, 80), lengths(seen.ofClient()));
        assertEquals(List.of(32 + 48 + 16, 80, 80, 144, 80), lengths(seen.ofBackend()));
    }

    private static List<Integer> lengths(String stream) {
        List<Integer> lengths = new ArrayList<>();
        for (int at = 0; at < stream.length(); at += Session.LENGTH_BYTES + lengths.get(lengths.size() - 1)) {
            lengths.add(stream.charAt(at) << 8 | stream.charAt(at + 1));
        }
        return lengths;
    }

    @Test
    void aServerWithASignedKeyIsBelieved() throws Exception {
        KeyPair authority = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Instant until = Instant.now().plusSeconds(3600);
        byte[] note = KeyNote.sign(authority.getPrivate(), "vault", KEY.publicKey(), until);
        Server proxy = proxy(start(E2e.server(ANY_PORT, KEY.withNote(note))), seen);
        Trust trust = Trust.signedBy(authority.getPublic(), "vault", Clock.systemUTC());
        assertEquals(1, ask(proxy, trust, secret()).size());
        Trust another = Trust.signedBy(authority.getPublic(), "mail", Clock.systemUTC());
        IOException refused = assertThrows(IOException.class, () -> ask(proxy, another, secret()));
        assertEquals("BAD_NOTE: the note is about another server", refused.getMessage());
    }

    /** The end of a server that stops isn't taken for one that somebody between has made. */
    @Test
    void aServerThatStopsTellsItsClientsThatThisWasAll() throws Exception {
        Server backend = start(E2e.server(ANY_PORT, KEY));
        Server proxy = proxy(backend, seen);
        CompletableFuture<E2eConnection> ready = new CompletableFuture<>();
        CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        E2eHandler waiting = new E2eHandler() {
            @Override
            public void ready(E2eConnection connection) {
                ready.complete(connection);
            }

            @Override
            public void received(ByteBuffer message, E2eConnection connection) {}

            @Override
            public void closed(E2eConnection connection, CloseReason reason) {
                closed.complete(reason);
            }
        };
        try (Connector connector = Connector.builder(E2eProtocol.client(PINNED, waiting))
                .tls(clientTls())
                .start()) {
            connector.connect(proxy.address()).get(30, TimeUnit.SECONDS);
            E2eConnection client = ready.get(30, TimeUnit.SECONDS);
            backend.stop(Duration.ofSeconds(30));
            CloseReason reason = closed.get(30, TimeUnit.SECONDS);
            assertNull(E2eFailure.of(reason), reason::toString);
            assertTrue(client.peerHasFinished());
            assertFalse(client.send(ByteBuffer.wrap(secret())));
        }
    }

    // ---- what a proxy may try

    /** It speaks the protocol to the client with a key of its own, and would pass on what it reads. */
    @Test
    void aProxyWithAKeyOfItsOwnIsNoticedAndToldNothing() throws Exception {
        AtomicInteger told = new AtomicInteger();
        E2eHandler reading = (message, connection) -> told.incrementAndGet();
        Server impostor = start(Server.builder()
                .listen(ANY_PORT.withTls(serverTls()), E2eProtocol.server(ServerKey.generate(), reading)));
        IOException noticed = assertThrows(IOException.class, () -> ask(impostor, PINNED, secret()));
        assertEquals("WRONG_SERVER_KEY: the server's key is not the pinned one", noticed.getMessage());
        await(() -> impostor.connections() == 0, () -> "the client goes, but " + impostor.explain());
        assertEquals(0, told.get());
    }

    /** Anything that a proxy changes in what the backend sends is noticed at the client, by its name. */
    @ParameterizedTest
    @EnumSource
    void whatIsDoneToRepliesIsNoticedByTheClient(Meddling meddling) throws Exception {
        Server proxy = proxy(start(E2e.server(ANY_PORT, KEY)), new Meddler(Tap.From.BACKEND, meddling));
        IOException noticed =
                assertThrows(IOException.class, () -> ask(proxy, PINNED, secret(), secret(), secret(), secret()));
        assertTrue(noticed.getMessage().startsWith("NOT_AUTHENTIC: "), noticed::getMessage);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDoneToRequestsIsNoticedByTheServer(Meddling meddling) throws Exception {
        AtomicReference<E2eFailure> failure = new AtomicReference<>();
        List<String> received = new ArrayList<>(); // the Reader's, until the connection has ended
        E2eHandler handler = new E2eHandler() {
            @Override
            public void received(ByteBuffer message, E2eConnection connection) {
                received.add(StandardCharsets.US_ASCII.decode(message).toString());
            }

            @Override
            public void closed(E2eConnection connection, CloseReason reason) {
                failure.set(E2eFailure.of(reason));
            }
        };
        Server backend = start(Server.builder().listen(ANY_PORT, E2eProtocol.server(KEY, handler)));
        Server proxy = proxy(backend, new Meddler(Tap.From.CLIENT, meddling));
        IOException noticed =
                assertThrows(IOException.class, () -> ask(proxy, PINNED, secret(), secret(), secret(), secret()));
        await(() -> failure.get() != null, () -> "the server notices, but " + backend.explain());
        assertEquals(E2eFailure.NOT_AUTHENTIC, failure.get());
        assertEquals(List.of(SECRET), received, "the one in front of it has come");
        assertTrue(
                noticed.getMessage().startsWith("TRUNCATED")
                        || noticed.getMessage().startsWith("PEER_RESET"),
                noticed::getMessage);
    }

    /** What is done to the records behind the handshake and the first message. */
    enum Meddling {
        CHANGE(i -> i),
        DROP(i -> i + 1),
        REPEAT(i -> Math.max(0, i - 1)),
        SWAP(i -> i ^ 1);

        private final IntUnaryOperator order;

        Meddling(IntUnaryOperator order) {
            this.order = order;
        }
    }

    /** Collects a direction's records, and passes the first two on as they are, and then others in their place. */
    private static final class Meddler implements Tap.Watcher {
        private static final int UNTOUCHED = 2; // of the handshake, and the first message

        private final Tap.From from;
        private final Meddling meddling;
        private final List<byte[]> records = new ArrayList<>();
        private ByteBuffer rest = ByteBuffer.allocate(0);
        private int passed;

        private Meddler(Tap.From from, Meddling meddling) {
            this.from = from;
            this.meddling = meddling;
        }

        @Override
        public synchronized ByteBuffer passing(long connection, Tap.From sender, ByteBuffer bytes) {
            if (sender != from) {
                return bytes;
            }
            take(bytes);
            List<byte[]> out = new ArrayList<>();
            while (passed < Math.min(UNTOUCHED, records.size())) {
                out.add(records.get(passed++));
            }
            while (passed >= UNTOUCHED && passed + 1 < records.size()) { // one in advance
                int other = meddling.order.applyAsInt(passed);
                byte[] record = records.get(Math.min(other, records.size() - 1)).clone();
                if (meddling == Meddling.CHANGE) {
                    record[record.length - 1] ^= 1;
                }
                out.add(record);
                passed++;
            }
            return ByteBuffer.wrap(TwoEnds.join(out));
        }

        private void take(ByteBuffer bytes) {
            ByteBuffer all = ByteBuffer.allocate(rest.remaining() + bytes.remaining());
            all.put(rest).put(bytes.duplicate()).flip();
            while (all.remaining() >= Session.LENGTH_BYTES
                    && all.remaining() >= Session.LENGTH_BYTES + (all.getShort(all.position()) & 0xffff)) {
                byte[] record = new byte[Session.LENGTH_BYTES + (all.getShort(all.position()) & 0xffff)];
                all.get(record);
                records.add(record);
            }
            rest = all;
        }
    }

    /** The proxy tells the end of the stream, in order as far as TCP goes, behind a whole record. */
    @Test
    void anEndThatTheServerHasNotToldIsNoticed() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> sayOneThingAndHangUp(listening));
            IOException noticed = assertThrows(
                    IOException.class,
                    () -> E2e.ask(listening.getLocalSocketAddress(), null, PINNED, List.of(ByteBuffer.wrap(secret()))));
            assertEquals("TRUNCATED: the stream ended without its last record", noticed.getMessage());
            serving.join();
        }
    }

    private static void sayOneThingAndHangUp(ServerSocket listening) {
        try (Socket client = listening.accept()) {
            client.setSoTimeout(30_000);
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            Session session = Session.ofServer(KEY, 100);
            out.write(session.read(record(in)).bytes());
            session.read(record(in)); // the message
            session.read(record(in)); // the last
            out.write(session.seal(ByteBuffer.wrap(secret())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] record(DataInputStream in) throws IOException {
        return in.readNBytes(in.readUnsignedShort());
    }
}
