// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Https;
import dev.sluice.examples.programs.Program.Said;
import dev.sluice.examples.programs.Witness.Seen;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientCertificates;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs each configuration that docs/nginx-to-backends.md shows, with a server of Sluice behind it. */
final class NginxToBackendsTest {
    private static final String PAGE = "docs/nginx-to-backends.md";
    private static final String PLAIN = "10.0.0.7:8080";
    private static final String TLS = "10.0.0.7:8443";
    private static final String NAME = "backend.internal";
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);
    private static final ProxyProtocol NGINX = ProxyProtocol.requiredFrom("127.0.0.1");

    private final TestCa authority = TestCa.create("a CA to throw away");
    private final Witness witness = new Witness();

    @TempDir
    private Path directory;

    @BeforeEach
    void find() throws Exception {
        Nginx.installed();
        Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
        write("proxy", authority.client("nginx"));
    }

    private IdentityFile write(String name, TestCertificate made) throws IOException {
        Path certificate = directory.resolve(name + ".pem");
        Path key = directory.resolve(name + ".key");
        Files.writeString(certificate, made.chainPem());
        Files.writeString(key, made.keyPem());
        return IdentityFile.pem(certificate, key);
    }

    private ServerTls tls(TestCertificate made) throws Exception {
        return ServerTls.of(write("server", made));
    }

    private ServerTls tls() throws Exception {
        return tls(authority.server(NAME));
    }

    // snippet: mutual
    private static ServerTls onlyFor(IdentityFile own, Path authorities) throws IOException {
        return ServerTls.builder()
                .defaultIdentity(own)
                .clientCertificates(ClientCertificates.REQUIRED, authorities)
                .build();
    }
    // end snippet

    private Server https(ServerTls tls) throws IOException {
        return Https.server(ANY_PORT, tls, witness::answer).start();
    }

    /** The page's configuration in front of a server. */
    private Nginx nginx(String name, String address, Server behind) throws Exception {
        return nginx(PageBlock.of(PAGE, name).asks(address, behind.port()));
    }

    private Nginx nginx(PageBlock block) throws Exception {
        int port = Program.freePort();
        return Nginx.start(directory, filled(block, port), port);
    }

    private Nginx stream(PageBlock block) throws Exception {
        int port = Program.freePort();
        return Nginx.startStream(directory, filled(block, port), port);
    }

    private String filled(PageBlock block, int port) {
        return block.at(port).text().replace("/etc/nginx/tls", directory.toString());
    }

    private static int status(Nginx nginx) throws Exception {
        return Asking.ask("GET", nginx.port, "/").statusCode();
    }

    private static void assertPasses(Nginx nginx) throws Exception {
        assertEquals(200, status(nginx), nginx::toString);
    }

    // ---- the ways

    @Test
    void plain() throws Exception {
        try (Server server = Http.server(ANY_PORT, witness::answer).start();
                Nginx nginx = nginx("plain", PLAIN, server)) {
            for (int i = 0; i < 5; i++) {
                Asking.assertOk(Asking.ask("GET", nginx.port, "/", "X-Forwarded-For", "203.0.113.9"));
            }
            Seen seen = witness.all().get(0);
            assertNull(seen.tls());
            assertEquals("127.0.0.1", seen.forwardedFor());
            assertEquals("http", seen.forwardedProto());
            assertEquals("127.0.0.1", seen.host());
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    @Test
    void encryptedButNotVerified() throws Exception {
        TestCa somebody = TestCa.create("whoever it is");
        try (Server server = https(tls(somebody.server("somebody.example")));
                Nginx nginx = nginx("insecure", TLS, server)) {
            assertPasses(nginx);
            assertNotNull(witness.only().tls());
            assertNull(witness.only().tls().serverName());
        }
    }

    @Test
    void verified() throws Exception {
        TestCa intermediate = authority.intermediate("an authority below");
        try (Server server = https(tls(intermediate.server(NAME)));
                Nginx nginx = nginx("verified", TLS, server)) {
            assertPasses(nginx);
            Seen seen = witness.only();
            assertEquals("TLSv1.3", seen.tls().version());
            assertEquals(NAME, seen.tls().serverName());
            assertNull(seen.tls().peer());
            assertEquals("127.0.0.1", seen.forwardedFor());
        }
    }

    /** Backends that are not the one. */
    enum Wrong {
        MISNAMED("does not match"),
        NAMED_BY_ADDRESS_ONLY("does not match"),
        UNTRUSTED("certificate verify error"),
        EXPIRED("certificate has expired");

        private final String inLog;

        Wrong(String inLog) {
            this.inLog = inLog;
        }

        private ServerTls tls(NginxToBackendsTest test) throws Exception {
            TestCa authority = test.authority;
            return switch (this) {
                case MISNAMED -> test.tls(authority.server("other.internal"));
                case NAMED_BY_ADDRESS_ONLY -> test.tls(authority.server("127.0.0.1"));
                case UNTRUSTED -> test.tls(TestCa.create("another CA").server(NAME));
                case EXPIRED -> {
                    Instant now = Instant.now();
                    TestCertificate old = authority
                            .certificate(NAME)
                            .names(NAME)
                            .valid(now.minus(Duration.ofDays(3)), now.minus(Duration.ofDays(1)))
                            .issue();
                    yield ServerTls.builder()
                            .defaultIdentity(test.write("server", old))
                            .allowWrongDates()
                            .build();
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongBackendIsRefusedIfItIsVerified(Wrong wrong) throws Exception {
        try (Server server =
                        Https.server(ANY_PORT, wrong.tls(this), witness::answer).start();
                Nginx nginx = nginx("verified", TLS, server)) {
            assertEquals(502, status(nginx), nginx::toString);
            witness.hasSeenNothing();
            await(() -> nginx.toString().contains(wrong.inLog), nginx::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongBackendGetsEverythingIfItIsNotVerified(Wrong wrong) throws Exception {
        try (Server server = https(wrong.tls(this));
                Nginx nginx = nginx("insecure", TLS, server)) {
            Asking.assertOk(Asking.ask("GET", nginx.port, "/", "Authorization", "a secret"));
            assertEquals(1, witness.all().size());
            assertTrue(!nginx.toString().contains(wrong.inLog), nginx::toString);
        }
    }

    /** A certificate without names of hosts, but with an address, whose subject has that common name. */
    private ServerTls onlyForTheAddress(String commonName) throws Exception {
        return tls(authority.certificate(commonName).names("127.0.0.1").issue());
    }

    /** Without proxy_ssl_name the name that is verified is that of proxy_pass: here an address, which no name matches. */
    @Test
    void addressesInCertificatesAreNotCompared() throws Exception {
        try (Server server = https(onlyForTheAddress("a server"));
                Nginx nginx = nginx(PageBlock.of(PAGE, "verified")
                        .asks(TLS, server.port())
                        .with("proxy_ssl_name " + NAME + ";", ""))) {
            assertEquals(502, status(nginx), nginx::toString);
            witness.hasSeenNothing();
        }
    }

    @Test
    void aCommonNameCountsWhereThereAreNoNames() throws Exception {
        try (Server server = https(onlyForTheAddress(NAME));
                Nginx nginx = nginx("verified", TLS, server)) {
            assertPasses(nginx);
        }
    }

    @Test
    void eachShowsItsCertificate() throws Exception {
        ServerTls tls = onlyFor(write("server", authority.server(NAME)), directory.resolve("ca.pem"));
        try (Server server = https(tls);
                Nginx nginx = nginx("mutual", TLS, server)) {
            assertPasses(nginx);
            Seen seen = witness.only();
            assertEquals("CN=nginx", seen.tls().peer().getSubjectX500Principal().getName());
            assertEquals("TLSv1.3", seen.tls().version());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoHasNoCertificateReachesNothing(String version) throws Exception {
        ServerTls tls = onlyFor(write("server", authority.server(NAME)), directory.resolve("ca.pem"));
        try (Server server = https(tls);
                Nginx nginx = nginx(
                        PageBlock.of(PAGE, "verified").asks(TLS, server.port()).with("TLSv1.2 TLSv1.3", version))) {
            assertEquals(502, status(nginx), nginx::toString);
            witness.hasSeenNothing();
        }
    }

    // ---- the cost of handshakes

    /** What the server has sent on each of some connections, one for each request. */
    private List<Long> bytesOfEach(Server server, Nginx nginx) throws Exception {
        List<Long> bytes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long before = server.counters().bytesWritten();
            assertPasses(nginx);
            await(() -> server.connections() == 0, server::explain);
            bytes.add(server.counters().bytesWritten() - before);
        }
        assertEquals(4, server.counters().accepted());
        return bytes;
    }

    private static int size(TestCertificate certificate) throws CertificateEncodingException {
        return certificate.chain().get(0).getEncoded().length;
    }

    /** So large that it can't be overlooked on the wire. */
    private TestCertificate large() {
        List<String> names = new ArrayList<>(List.of(NAME));
        for (int i = 0; i < 60; i++) {
            names.add("another-name-of-the-same-server-" + i + ".internal");
        }
        return authority.server(names.toArray(String[]::new));
    }

    /** Whether the first of them sent its certificate and another one didn't; tickets, which have a copy of it, go over both. */
    private static void assertResumed(List<Long> bytes, int connection, int certificate) {
        long less = bytes.get(0) - bytes.get(connection);
        assertTrue(less > certificate * 9L / 10, () -> connection + ": " + bytes + ", certificate " + certificate);
    }

    @Test
    void aResumedSessionSendsNoCertificate() throws Exception {
        TestCertificate certificate = large();
        try (Server server = https(tls(certificate));
                Nginx nginx = nginx("resumed", TLS, server)) {
            List<Long> bytes = bytesOfEach(server, nginx);
            for (int i = 1; i < bytes.size(); i++) {
                assertResumed(bytes, i, size(certificate));
            }
            assertEquals("TLSv1.3", witness.all().get(3).tls().version());
        }
    }

    /** The JDK sends a new ticket each time; OpenSSL then takes the old session for used up, and nginx has kept that one. */
    @Test
    void withTls12EverySecondSessionIsResumedAtLeast() throws Exception {
        TestCertificate certificate = large();
        try (Server server = https(tls(certificate));
                Nginx nginx = nginx(
                        PageBlock.of(PAGE, "resumed").asks(TLS, server.port()).with("TLSv1.2 TLSv1.3", "TLSv1.2"))) {
            List<Long> bytes = bytesOfEach(server, nginx);
            assertResumed(bytes, 1, size(certificate));
            assertResumed(bytes, 3, size(certificate));
            assertEquals("TLSv1.2", witness.all().get(3).tls().version());
        }
    }

    @Test
    void withoutReuseEachConnectionHasAWholeHandshake() throws Exception {
        TestCertificate certificate = large();
        try (Server server = https(tls(certificate));
                Nginx nginx = nginx(PageBlock.of(PAGE, "resumed")
                        .asks(TLS, server.port())
                        .with("proxy_ssl_session_reuse on", "proxy_ssl_session_reuse off"))) {
            List<Long> bytes = bytesOfEach(server, nginx);
            for (long each : bytes) { // two tickets' random bytes may differ in length by a few
                assertEquals(bytes.get(0), each, size(certificate) / 10.0, bytes::toString);
            }
        }
    }

    @Test
    void oneConnectionIsKeptForManyRequests() throws Exception {
        try (Server server = https(tls());
                Nginx nginx = nginx("kept", TLS, server)) {
            for (int i = 0; i < 20; i++) {
                assertPasses(nginx);
            }
            assertEquals(20, witness.all().size());
            assertEquals(1, server.counters().accepted(), nginx::toString);
            assertEquals(NAME, witness.all().get(0).tls().serverName());
        }
    }

    // ---- below HTTP

    private static void assertAnswered(Nginx nginx, Socket client) throws IOException {
        Asking.begin(client, "/");
        String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
        assertTrue(answer.endsWith(Witness.ANSWER), () -> answer + nginx);
    }

    @Test
    void aHeaderSaysWhoTheClientIs() throws Exception {
        try (Server server = Http.server(ANY_PORT.withProxyProtocol(NGINX), witness::answer)
                        .start();
                Nginx nginx = stream(PageBlock.of(PAGE, "proxy-header").asks(PLAIN, server.port()));
                Socket client = Asking.connect(nginx.port)) {
            assertAnswered(nginx, client);
            Seen seen = witness.only();
            assertEquals(client.getLocalSocketAddress(), seen.client());
            assertEquals(ProxyVersion.V1, seen.header().version());
        }
    }

    @Test
    void aHeaderComesBeforeTls() throws Exception {
        try (Server server = Https.server(ANY_PORT.withProxyProtocol(NGINX), tls(), witness::answer)
                        .start();
                Nginx nginx = stream(PageBlock.of(PAGE, "proxy-header-tls").asks(TLS, server.port()));
                Socket client = Asking.connect(nginx.port)) {
            assertAnswered(nginx, client);
            Seen seen = witness.only();
            assertEquals(client.getLocalSocketAddress(), seen.client());
            assertEquals(NAME, seen.tls().serverName());
            assertEquals("TLSv1.3", seen.tls().version());
        }
    }

    @Test
    void whatIsPassedThroughIsTheBackendsOwn() throws Exception {
        Endpoint endpoint = ANY_PORT.withProxyProtocol(NGINX);
        Witness elsewhere = new Witness();
        ServerTls shop = tls(authority.server("shop.example"));
        ServerTls other =
                ServerTls.of(write("other", TestCa.create("another CA").server("other.example")));
        try (Server first = Https.server(endpoint, shop, witness::answer).start();
                Server second = Https.server(endpoint, other, elsewhere::answer).start();
                Nginx nginx = stream(PageBlock.of(PAGE, "passthrough")
                        .asks(TLS, first.port())
                        .asks("10.0.0.8:8443", second.port()))) {
            Said said = curl("shop.example", nginx.port);
            assertEquals(Witness.ANSWER, said.text(), said::toString);
            Seen seen = witness.only();
            assertEquals("shop.example", seen.tls().serverName());
            assertEquals(seen.header().source(), seen.client());
            Said refused = curl("other.example", nginx.port);
            assertEquals(60, refused.status(), refused::toString); // the other backend's own, which curl doesn't trust
            elsewhere.hasSeenNothing();
        }
    }

    private Said curl(String host, int port) throws Exception {
        return Program.run(
                Program.installed("curl", "curl"),
                List.of(
                        "--disable",
                        "--silent",
                        "--show-error",
                        "--max-time",
                        "60",
                        "--cacert",
                        directory.resolve("ca.pem").toString(),
                        "--resolve",
                        host + ":" + port + ":127.0.0.1",
                        "https://" + host + ":" + port + "/"));
    }
}
