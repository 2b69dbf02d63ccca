// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsInfo;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers and clients of TLS on real sockets, the other side of each being the JDK's own. */
class TlsScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final String PASSWORD = "changeit";

    @TempDir
    private static Path directory;

    private static Path store;
    private static ServerTls serverTls;
    private static ClientTls clientTls;
    private static SSLContext context;

    @BeforeAll
    static void makeKeys() throws Exception {
        store = directory.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder((keytool
                                + " -genkeypair -alias a -keyalg EC -groupname secp256r1 -dname CN=localhost -ext"
                                + " san=dns:localhost,ip:127.0.0.1 -validity 2 -storetype PKCS12 -storepass " + PASSWORD
                                + " -keystore " + store)
                        .split(" "))
                .inheritIO()
                .start();
        assertEquals(0, process.waitFor());
        serverTls = ServerTls.of(IdentityFile.pkcs12(store).withPassword(PASSWORD.toCharArray()));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(store.toFile())) {
            keys.load(in, PASSWORD.toCharArray());
        }
        X509Certificate certificate = (X509Certificate) keys.getCertificate("a");
        clientTls = ClientTls.builder().trust(List.of(certificate)).build();
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("a", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
    }

    private static Endpoint endpoint() {
        return Endpoint.tcp("127.0.0.1", 0).withTls(serverTls);
    }

    private static TestServer lines() throws IOException {
        return new TestServer(endpoint(), builder -> builder);
    }

    private static SSLSocket connect(TestServer server, String... versions) throws IOException {
        return connect(server.server.port(), versions);
    }

    private static SSLSocket connect(int port, String... versions) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("localhost")));
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void linesAreEchoed(String version) throws IOException {
        try (TestServer server = lines();
                SSLSocket client = connect(server, version)) {
            send(client, "one\ntwo\n");
            assertEquals("one\ntwo\n", read(client, 8));
            send(client, "three\n");
            assertEquals("three\n", read(client, 6));
            assertEquals(version, client.getSession().getProtocol());
        }
    }

    @Test
    void muchGoesBothWaysWithoutAnybodyWaitingForTheOther() throws Exception {
        byte[] much = new byte[12 << 20];
        new Random(3).nextBytes(much);
        DuplexProtocol<ByteBuffer> echo =
                DuplexProtocol.of(RawFramer::new, (bytes, connection) -> connection.send(bytes));
        try (TestServer server = new TestServer(
                        new TestServer.Recorder(TestServer::echo), builder -> builder.listen(endpoint(), echo));
                SSLSocket client = (SSLSocket) context.getSocketFactory()
                        .createSocket(
                                "localhost", server.server.listeners().get(1).port())) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(much);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertArrayEquals(much, client.getInputStream().readNBytes(much.length));
            sending.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatWasAgreedOnIsTold() throws IOException {
        AtomicReference<TlsInfo> info = new AtomicReference<>();
        TestServer.Recorder recorder = new TestServer.Recorder((line, reply) -> {
            info.set(reply.connection().tlsInfo());
            reply.send(line, LineEncoder.LF);
        });
        try (TestServer server = new TestServer(recorder, builder -> builder.listen(endpoint(), recorder));
                SSLSocket client = connect(server.server.listeners().get(1).port())) {
            send(client, "x\n");
            assertEquals("x\n", read(client, 2));
            assertEquals("TLSv1.3", info.get().version());
            assertEquals("localhost", info.get().serverName());
            assertNull(info.get().peer());
            try (Client plain = server.client()) {
                plain.send("y\n");
                assertEquals("y\n", plain.read("y\n"));
                assertNull(info.get());
            }
        }
    }

    @Test
    void anEndInOrderIsOne() throws IOException {
        try (TestServer server = lines();
                SSLSocket client = connect(server)) {
            send(client, "last\n");
            client.shutdownOutput();
            assertEquals("last\n", new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            client.close();
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.PEER_CLOSED) == 1);
        }
    }

    @Test
    void anEndWithoutWordsIsATruncation() throws IOException {
        try (TestServer server = lines();
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
            SSLSocket client = (SSLSocket)
                    context.getSocketFactory().createSocket(plain, "localhost", server.server.port(), false);
            send(client, "x\n");
            assertEquals("x\n", read(client, 2));
            plain.shutdownOutput();
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.TLS_TRUNCATED) == 1);
        }
    }

    @Test
    void theServersEndIsOneInOrder() throws IOException {
        try (TestServer secure = lines();
                SSLSocket client = connect(secure)) {
            send(client, "x\n");
            assertEquals("x\n", read(client, 2));
            CompletableFuture<DrainReport> drained = secure.server.beginDrain(Duration.ofSeconds(5));
            assertEquals(-1, client.getInputStream().read()); // close_notify, or this would throw
            client.close();
            drained.join();
        }
    }

    @Test
    void garbageIsAnsweredByAnAlert() throws IOException {
        try (TestServer server = lines();
                Client client = new Client(server.server)) {
            client.send("GET / HTTP/1.1\r\n\r\n");
            byte[] alert = client.read(7);
            assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 10}, alert);
            assertTrue(client.isEnded());
            client.close();
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
        }
    }

    @Test
    void aHandshakeHasATime() throws IOException {
        try (TestServer server = new TestServer(
                        endpoint(),
                        builder -> builder.deadlines(Deadlines.defaults().withHandshake(Duration.ofMillis(100))));
                Client client = new Client(server.server)) {
            client.send(new byte[] {22, 3, 1});
            assertTrue(client.isEnded());
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 1);
        }
    }

    @Test
    void aClientOfOursTalksToAServerOfOurs() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        DuplexProtocol<ByteBuffer> client =
                DuplexProtocol.of(LineFramer::new, (line, connection) -> answer.complete(TestServer.text(line)));
        try (TestServer server = lines();
                Connector connector = Connector.builder(client).tls(clientTls).start()) {
            Connection connection = connector
                    .connect(new InetSocketAddress("localhost", server.server.port()))
                    .get(20, TimeUnit.SECONDS);
            assertTrue(connection.send(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII))));
            assertEquals("hello", answer.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aServerThatIsNotTrustedIsNotTalkedTo() throws Exception {
        ClientTls stranger = ClientTls.builder().build();
        DuplexProtocol<ByteBuffer> client = DuplexProtocol.of(LineFramer::new, (line, connection) -> {});
        try (TestServer server = lines();
                Connector connector = Connector.builder(client).tls(stranger).start()) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> connector
                    .connect(new InetSocketAddress("localhost", server.server.port()))
                    .get(20, TimeUnit.SECONDS));
            assertTrue(e.getCause().getMessage().contains("TLS"), e.getCause()::getMessage);
            Await.until("it is over", () -> connector.connections() == 0);
            Await.until("the server knows", () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
        }
    }

    @Test
    void aClientThatDoesNotTrustSaysSo() throws Exception {
        try (TestServer server = lines();
                SSLSocket client = (SSLSocket)
                        SSLContext.getDefault().getSocketFactory().createSocket("localhost", server.server.port())) {
            assertThrows(SSLException.class, client::startHandshake);
            Await.until("the server knows", () -> server.server.closed().get(CloseReason.Kind.TLS_FAILED) == 1);
        }
    }

    @Test
    void anIdleConnectionHoldsNoBuffer() throws IOException {
        try (TestServer server = lines();
                SSLSocket client = connect(server)) {
            send(client, "x\n");
            assertEquals("x\n", read(client, 2));
            assertEquals(0, server.server.readers().get(0).lentBytes());
        }
    }
}
