// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayTarget;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientCertificates;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relays that end TLS at one side or both: what comes out where, and that nothing which was cut looks whole. */
class RelayTlsScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final String TLS_1_3 = "TLSv1.3";
    private static final String TLS_1_2 = "TLSv1.2";

    private ServerSocket backend;
    private ClientTls toBackend; // null for in clear
    private byte[] opening; // null for none
    private final List<RelayReport> reports = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        backend.setSoTimeout(TIMEOUT_MILLIS);
    }

    @AfterEach
    void stopListening() throws IOException {
        backend.close();
    }

    private final class Target implements RelayTarget {
        private final SocketAddress address;
        private final SocketAddress instead; // null for none

        Target(SocketAddress address, SocketAddress instead) {
            this.address = address;
            this.instead = instead;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public ClientTls tls() {
            return toBackend;
        }

        @Override
        public ByteBuffer opening(Connection client) {
            return opening == null ? null : ByteBuffer.wrap(opening);
        }

        @Override
        public RelayTarget failed(Throwable why) {
            failures.add(why);
            return instead == null ? null : new Target(instead, null);
        }

        @Override
        public void ended(RelayReport report) {
            reports.add(report);
        }
    }

    private TestServer relay(Endpoint endpoint) throws IOException {
        return relay(endpoint, backend.getLocalSocketAddress(), null);
    }

    private TestServer relay(Endpoint endpoint, SocketAddress to, SocketAddress instead) throws IOException {
        return TestServer.of(Relay.to(request -> new Target(to, instead)), endpoint, builder -> builder);
    }

    private static Endpoint inClear() {
        return Endpoint.tcp("127.0.0.1", 0);
    }

    private static ClientTls trusting() throws IOException {
        return TlsKeys.ofLocalhost().client().build();
    }

    private static TlsPeer client(TestServer proxy, String version) throws Exception {
        return peer(new Client(proxy.server).socket, version, true).handshake();
    }

    private static TlsPeer peer(Socket socket, String version, boolean isClient) throws Exception {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        SSLEngine engine = TlsKeys.ofLocalhost().context().createSSLEngine("localhost", 1);
        engine.setUseClientMode(isClient);
        engine.setEnabledProtocols(new String[] {version});
        return new TlsPeer(socket, engine);
    }

    private Socket accept() throws IOException {
        Socket socket = backend.accept();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private TlsPeer acceptTls(String version) throws Exception {
        return peer(accept(), version, false).handshake();
    }

    private RelayReport report() {
        Await.until("a relay has ended", () -> !reports.isEmpty());
        return reports.get(0);
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads until its stream has ended; fails if it was reset. */
    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void isReset(Socket socket) {
        assertThrows(IOException.class, () -> readAll(socket));
    }

    private static void isCut(TlsPeer peer) {
        assertThrows(IOException.class, peer::readAll); // the stream's end without close_notify, or a reset
    }

    /** A relay's connections have no frames, but those by TLS have records, which have the time of one. */
    @Test
    void aRecordThatTakesTooLongIsNoEndToAnybody() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withFrame(Duration.ofMillis(300));
        toBackend = trusting();
        SocketAddress to = backend.getLocalSocketAddress();
        try (TestServer proxy = TestServer.of(
                        Relay.to(request -> new Target(to, null)),
                        TlsKeys.ofLocalhost().endpoint(),
                        builder -> builder.deadlines(deadlines));
                TlsPeer client = client(proxy, TLS_1_3);
                TlsPeer behind = acceptTls(TLS_1_3)) {
            client.send(Arrays.copyOf(client.seal("all of it"), 20));
            isCut(client);
            isCut(behind);
            CloseReason reason = report().client();
            assertTrue(reason instanceof CloseReason.DeadlinePassed, reason::toString);
        }
    }

    @Test
    void whoSaysNothingInTheHandshakeIsIdleWithoutARelay() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withIdle(Duration.ofMillis(100));
        SocketAddress to = backend.getLocalSocketAddress();
        try (TestServer proxy = TestServer.of(
                        Relay.to(request -> new Target(to, null)),
                        TlsKeys.ofLocalhost().endpoint(),
                        builder -> builder.deadlines(deadlines));
                Client silent = new Client(proxy.server)) {
            assertEquals("", silent.readAll());
            Await.until(
                    () -> "it has ended: " + proxy.server.closed(),
                    () -> proxy.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 1);
        }
    }

    // ---- TLS ends here, and goes on in clear

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void whatComesInTlsGoesOnInClear(String version) throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, version);
                Socket upstream = accept()) {
            client.send(client.seal("to the backend"));
            assertEquals("to the backend", read(upstream, 14));
            write(upstream, "and back");
            assertEquals("and back", client.read(8));
        }
    }

    @Test
    void anEndByTlsWordsIsTheEndOfOneDirection() throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_3);
                Socket upstream = accept()) {
            client.send(client.seal("question"), client.closeNotify());
            assertEquals("question", readAll(upstream));
            write(upstream, "answer");
            assertEquals("answer", client.read(6));
            upstream.close();
            assertEquals("", client.readAll()); // by close_notify
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().client().kind());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().upstream().kind());
        }
    }

    /** RFC 5246, section 7.2.1: nothing may follow in either direction. */
    @Test
    void inTls12ItIsTheEndOfBoth() throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_2);
                Socket upstream = accept()) {
            client.send(client.seal("question"), client.closeNotify());
            assertEquals("question", readAll(upstream));
            write(upstream, "an answer that nobody gets");
            isCut(client);
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().client().kind());
            assertEquals(CloseReason.Kind.ABORTED, report().upstream().kind());
        }
        reports.clear();
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_2);
                Socket upstream = accept()) {
            client.send(client.seal("no question"), client.closeNotify());
            assertEquals("no question", readAll(upstream));
            upstream.close();
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().upstream().kind());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void aClientThatIsCutResetsTheBackend(String version) throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, version);
                Socket upstream = accept()) {
            client.send(client.seal("half of a quest"));
            client.socket.shutdownOutput();
            isReset(upstream);
            assertEquals(CloseReason.Kind.TLS_TRUNCATED, report().client().kind());
            assertEquals(CloseReason.Kind.ABORTED, report().upstream().kind());
        }
    }

    @Test
    void whatCanNotBeOpenedResetsTheBackend() throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_3);
                Socket upstream = accept()) {
            byte[] record = client.seal("changed on its way");
            record[record.length - 1] ^= 1;
            client.send(client.seal("before"), record);
            isReset(upstream);
            assertEquals(CloseReason.Kind.TLS_FAILED, report().client().kind());
        }
    }

    @Test
    void aBackendThatResetsCutsTheClient() throws Exception {
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_3);
                Socket upstream = accept()) {
            write(upstream, "half of an answ");
            assertEquals("half of an answ", client.read(15));
            upstream.setSoLinger(true, 0);
            upstream.close();
            isCut(client);
        }
    }

    // ---- in clear here, TLS to the backend

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void whatComesInClearGoesOnInTls(String version) throws Exception {
        toBackend = trusting();
        try (TestServer proxy = relay(inClear());
                Client client = proxy.client();
                TlsPeer upstream = acceptTls(version)) {
            client.send("to the backend");
            assertEquals("to the backend", upstream.read(14));
            upstream.send(upstream.seal("and back"));
            assertEquals("and back", client.read("and back"));
            client.endOutput();
            assertEquals("", upstream.readAll());
            upstream.send(upstream.closeNotify());
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().upstream().kind());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void aBackendThatIsCutResetsTheClient(String version) throws Exception {
        toBackend = trusting();
        try (TestServer proxy = relay(inClear());
                Client client = proxy.client();
                TlsPeer upstream = acceptTls(version)) {
            upstream.send(upstream.seal("half of an answ"));
            assertEquals("half of an answ", client.read("half of an answ"));
            upstream.socket.shutdownOutput();
            assertTrue(client.isReset());
            assertEquals(CloseReason.Kind.TLS_TRUNCATED, report().upstream().kind());
            assertEquals(CloseReason.Kind.ABORTED, report().client().kind());
        }
    }

    @Test
    void aClientThatResetsIsNoEndToTheBackend() throws Exception {
        toBackend = trusting();
        try (TestServer proxy = relay(inClear());
                Client client = proxy.client();
                TlsPeer upstream = acceptTls(TLS_1_3)) {
            client.send("half of a quest");
            assertEquals("half of a quest", upstream.read(15));
            client.reset();
            isCut(upstream);
        }
    }

    /** A client that goes on sending to a backend which has ended in TLS 1.2 can't be told anything but that it is cut. */
    @Test
    void aBackendThatEndsBothInTls12ResetsWhoGoesOnSending() throws Exception {
        toBackend = trusting();
        try (TestServer proxy = relay(inClear());
                Client client = proxy.client();
                TlsPeer upstream = acceptTls(TLS_1_2)) {
            upstream.send(upstream.seal("enough"), upstream.closeNotify());
            assertEquals("enough", client.readAll());
            assertThrows(IOException.class, () -> {
                while (true) { // until it is seen
                    client.send("more");
                }
            });
        }
    }

    // ---- both

    @Test
    void muchGoesBothWaysInTwoKindsOfTls() throws Exception {
        toBackend = trusting();
        byte[] much = new byte[3 << 20];
        new Random(8).nextBytes(much);
        try (TestServer proxy = relay(TlsKeys.ofLocalhost().endpoint());
                TlsPeer client = client(proxy, TLS_1_3);
                TlsPeer upstream = acceptTls(TLS_1_2)) {
            CompletableFuture<Void> there = send(client, much);
            reads(upstream, much);
            there.get(20, TimeUnit.SECONDS);
            CompletableFuture<Void> back = send(upstream, much);
            reads(client, much);
            back.get(20, TimeUnit.SECONDS);
        }
    }

    private static void reads(TlsPeer peer, byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += 1 << 16) {
            byte[] part = peer.read(1 << 16).getBytes(StandardCharsets.ISO_8859_1);
            assertArrayEquals(Arrays.copyOfRange(bytes, at, at + (1 << 16)), part);
        }
    }

    private static CompletableFuture<Void> send(TlsPeer peer, byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        for (int at = 0; at < bytes.length; at += 16_000) {
                            peer.send(peer.seal(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16_000))));
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    // ---- what comes before TLS, and in it

    @ParameterizedTest
    @ValueSource(strings = {"V1", "V2"})
    void thePROXYHeaderComesBeforeTls(String version) throws Exception {
        toBackend = trusting();
        InetSocketAddress source = new InetSocketAddress("192.0.2.7", 1234);
        InetSocketAddress there = new InetSocketAddress("192.0.2.8", 443);
        opening = header(ProxyHeader.of(ProxyVersion.valueOf(version), source, there));
        Endpoint behindProxy =
                TlsKeys.ofLocalhost().endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        try (TestServer server = new TestServer(behindProxy, builder -> builder);
                TestServer proxy = relay(inClear(), server.server.address(), null);
                Client client = proxy.client()) {
            client.send("hello\n");
            assertEquals("hello\n", client.read("hello\n"));
            Connection seen = server.recorder.opened.get(0);
            assertEquals(source, seen.proxyHeader().source());
            assertEquals(source, seen.remoteAddress());
        }
    }

    static byte[] header(ProxyHeader header) {
        ByteBuffer bytes = dev.sluice.frame.HeapOutput.encode(header, ProxyHeader::encode);
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        return all;
    }

    @Test
    void theBackendIsAskedForItsNameAndProtocolAndAsksForACertificate() throws Exception {
        TestCa ca = TestCa.create("ca");
        TestCertificate own = ca.server("backend.internal");
        TestCertificate proxys = ca.client("the proxy");
        ServerTls tls = ServerTls.builder()
                .identity(identity(own))
                .clientCertificates(ClientCertificates.REQUIRED, List.of(ca.certificate()))
                .alpn("two", "one")
                .build();
        toBackend = ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .serverName("backend.internal")
                .identity(identity(proxys))
                .alpn("one")
                .build();
        try (TestServer server = new TestServer(Endpoint.tcp("127.0.0.1", 0).withTls(tls), builder -> builder);
                TestServer proxy = relay(inClear(), server.server.address(), null)) {
            try (Client client = proxy.client()) {
                client.send("hello\n");
                assertEquals("hello\n", client.read("hello\n"));
                CompletableFuture<dev.sluice.tls.TlsInfo> seen = new CompletableFuture<>();
                Connection connection = server.recorder.opened.get(0);
                connection.reader().execute(() -> seen.complete(connection.tlsInfo()));
                dev.sluice.tls.TlsInfo info = seen.get(20, TimeUnit.SECONDS);
                assertEquals("backend.internal", info.serverName());
                assertEquals("one", info.protocol());
                assertEquals(proxys.chain().get(0), info.peer());
            }
        }
    }

    private static TlsIdentity identity(TestCertificate certificate) {
        return TlsIdentity.of(certificate.key(), certificate.chain());
    }

    /** A further relay to the same backend costs no certificate. */
    @Test
    void sessionsAreResumed() throws Exception {
        toBackend = trusting();
        try (TestServer server = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                TestServer proxy = relay(inClear(), server.server.address(), null)) {
            long[] read = new long[3];
            for (int i = 0; i < read.length; i++) {
                try (Client client = proxy.client()) {
                    client.send("x\n");
                    assertEquals("x\n", client.read("x\n"));
                }
                int number = i + 1;
                Await.until("its relay has ended", () -> reports.size() == number);
                read[i] = reports.get(i).upstream().at().bytesRead();
            }
            assertTrue(read[1] < read[0] - 300, () -> read[0] + " bytes, and then " + read[1]);
            assertTrue(read[2] < read[0] - 300, () -> read[0] + " bytes, and then " + read[2]);
        }
    }

    // ---- backends that aren't the right ones

    private String failure(ServerTls server, ClientTls client) throws Exception {
        toBackend = client;
        try (TestServer wrong = new TestServer(Endpoint.tcp("127.0.0.1", 0).withTls(server), builder -> builder);
                TestServer proxy = relay(inClear(), wrong.server.address(), null);
                Client seen = proxy.client()) {
            assertEquals("", seen.readAll());
            assertEquals(1, failures.size());
            String text = failures.get(0).getMessage();
            String start = "cannot connect to " + Addresses.text(wrong.server.address()) + ": TLS: ";
            assertTrue(text.startsWith(start), text);
            assertTrue(text.lines().count() == 1, text);
            return text.substring(start.length());
        }
    }

    @Test
    void whatIsWrongWithItsCertificateIsOneLine() throws Exception {
        TestCa ca = TestCa.create("ca");
        ClientTls ofCa = ClientTls.builder().trust(List.of(ca.certificate())).build();
        Instant now = Instant.now();
        TestCertificate expired = ca.certificate("old")
                .names("localhost", "127.0.0.1")
                .valid(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)))
                .issue();
        ServerTls old = ServerTls.builder()
                .defaultIdentity(identity(expired))
                .allowWrongDates()
                .build();
        assertTrue(failure(old, ofCa).startsWith("its certificate, or an issuer's, has expired (NotAfter: "));

        failures.clear();
        ServerTls misnamed = ServerTls.builder()
                .defaultIdentity(identity(ca.server("other.example")))
                .build();
        String name = failure(misnamed, ofCa);
        assertTrue(name.startsWith("its certificate is for another name ("), name);

        failures.clear();
        assertEquals(
                "its certificate was issued by nobody who is trusted",
                failure(TlsKeys.ofLocalhost().server(), ofCa));
    }

    @Test
    void aBackendWithoutTlsIsNamed() throws Exception {
        toBackend = trusting();
        try (TestServer proxy = relay(inClear());
                Client client = proxy.client();
                Socket plain = accept()) {
            write(plain, "220 mail.example ESMTP\r\n");
            assertEquals("", client.readAll());
            assertTrue(failures.get(0).getMessage().endsWith(": TLS: it doesn't speak TLS"), failures::toString);
        }
    }

    @Test
    void anotherBackendIsTriedInTheWrongOnesPlace() throws Exception {
        toBackend = trusting();
        TlsKeys wrong = TlsKeys.ofAnotherHost();
        try (TestServer misnamed = new TestServer(wrong.endpoint(), builder -> builder);
                TestServer right = new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder);
                TestServer proxy = relay(inClear(), misnamed.server.address(), right.server.address());
                Client client = proxy.client()) {
            client.send("hello\n");
            assertEquals("hello\n", client.read("hello\n"));
            assertEquals(1, failures.size());
        }
    }

    /** Nobody's certificate is looked at if that is what was asked for. */
    @Test
    void insecureTakesAnybody() throws Exception {
        toBackend = ClientTls.builder().insecure().build();
        try (TestServer misnamed = new TestServer(TlsKeys.ofAnotherHost().endpoint(), builder -> builder);
                TestServer proxy = relay(inClear(), misnamed.server.address(), null);
                Client client = proxy.client()) {
            client.send("hello\n");
            assertEquals("hello\n", client.read("hello\n"));
        }
    }
}
