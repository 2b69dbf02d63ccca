// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Https;
import dev.sluice.examples.programs.Program.Said;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example {@code https}, asked by curl, OpenSSL and wrk, and by nginx, which verifies it as its backend. */
final class HttpsTest {
    private final TestCa authority = TestCa.create("a CA to throw away");

    @TempDir
    private Path directory;

    private ServerTls tls;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
        writeCertificate();
        tls = ServerTls.of(IdentityFile.pem(directory.resolve("cert.pem"), directory.resolve("key.pem")));
        server = Https.server(Endpoint.tcp("127.0.0.1", 0), tls, Http::echo).start();
    }

    private TestCertificate writeCertificate() throws Exception {
        TestCertificate made = authority.server("localhost", "127.0.0.1");
        Files.writeString(directory.resolve("cert.pem"), made.chainPem());
        Files.writeString(directory.resolve("key.pem"), made.keyPem());
        return made;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Said curl(String... arguments) throws Exception {
        return curl("https://localhost:" + server.port() + "/", List.of(arguments));
    }

    private String get(String url) throws Exception {
        return curl(url, List.of()).text();
    }

    private Said curl(String url, List<String> arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("--disable", "--silent", "--show-error", "--max-time", "60"));
        all.addAll(List.of("--cacert", directory.resolve("ca.pem").toString()));
        all.addAll(arguments);
        all.add(url);
        Said said = Program.run(Program.installed("curl", "curl"), all);
        assertEquals(0, said.status(), said::toString);
        return said;
    }

    /** What a scanner finds that tries every version, suite and trick it knows. */
    @Test
    void aScannerFindsNothingOld() throws Exception {
        String found = Program.run(
                        Program.installed("sslscan", "sslscan"), List.of("--no-colour", "localhost:" + server.port()))
                .text();
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")) {
            assertTrue(found.matches("(?s).*" + version + " +disabled.*"), () -> version + " in\n" + found);
        }
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertTrue(found.matches("(?s).*" + version + " +enabled.*"), () -> version + " in\n" + found);
            assertTrue(found.contains(version + " not vulnerable to heartbleed"), found);
        }
        assertTrue(found.contains("Session renegotiation not supported"), found);
        List<String> suites = found.lines()
                .filter(line -> line.startsWith("Preferred") || line.startsWith("Accepted"))
                .toList();
        assertTrue(suites.size() >= 4, found);
        for (String suite : suites) {
            assertTrue(suite.matches(".*(GCM|POLY1305).*"), suite);
            assertTrue(suite.matches(".*(TLS_|ECDHE).*"), suite);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--tlsv1.3", "--tls-max 1.2"})
    void curlVerifiesItAndGetsWhatItSent(String version) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(version.split(" ")));
        arguments.addAll(List.of("--data-binary", "some words"));
        assertEquals("some words", curl(arguments.toArray(String[]::new)).text());
    }

    @Test
    void browsersAreToldNotToGuess() throws Exception {
        String reply = curl("--include", "--http1.1").text();
        assertTrue(reply.contains("\r\nX-Content-Type-Options: nosniff\r\n"), reply);
        assertTrue(!reply.contains("Strict-Transport-Security"), reply);
    }

    @Test
    void aNameIsBoundOnlyForWhoSaysSo() throws Exception {
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0);
        try (Server binding =
                Https.server(endpoint, tls, Https.binding(Http::echo, 600)).start()) {
            String reply = curl("https://localhost:" + binding.port() + "/", List.of("--include"))
                    .text();
            assertTrue(reply.contains("\r\nStrict-Transport-Security: max-age=600\r\n"), reply);
        }
    }

    @Test
    void muchGoesBothWays() throws Exception {
        byte[] much = new byte[900_000];
        new Random(9).nextBytes(much);
        Path file = Files.write(directory.resolve("much"), much);
        assertArrayEquals(much, curl("--data-binary", "@" + file).bytes());
    }

    @Test
    void curlGetsItInClearAndByTlsAtOnePort() throws Exception {
        Endpoint either = Endpoint.tcp("127.0.0.1", 0).withTlsOrPlain(tls);
        HttpHandler how = (request, reply) -> reply.send(
                "text/plain",
                StandardCharsets.US_ASCII.encode(reply.connection().tlsInfo() == null ? "in clear" : "by TLS"));
        try (Server both =
                Server.builder().listen(either, HttpProtocol.gathering(how)).start()) {
            for (int i = 0; i < 3; i++) {
                assertEquals("by TLS", get("https://localhost:" + both.port() + "/"));
                assertEquals("in clear", get("http://localhost:" + both.port() + "/"));
            }
        }
    }

    @Test
    void opensslVerifiesIt() throws Exception {
        Said said = TlsNginx.connect(
                server.port(),
                "-servername",
                "localhost",
                "-verify_return_error",
                "-CAfile",
                directory.resolve("ca.pem").toString());
        assertTrue(said.text().contains("Verify return code: 0 (ok)"), said::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void oldVersionsAreNotSpoken(String version) throws Exception {
        Said said = TlsNginx.connect(server.port(), version, "-cipher", "ALL:@SECLEVEL=0");
        assertNotEquals(0, said.status(), said::toString);
    }

    @Test
    void anotherCertificateIsServedAfterAReload() throws Exception {
        String before = serial();
        writeCertificate();
        assertEquals(before, serial());
        tls.reload();
        assertNotEquals(before, serial());
        assertEquals("x", curl("--data-binary", "x").text());
    }

    /** Of the certificate that is served. */
    private String serial() throws Exception {
        String shown = TlsNginx.connect(server.port(), "-showcerts").text();
        return shown.substring(shown.indexOf("-----BEGIN"), shown.indexOf("-----END"));
    }

    @Test
    void wrkAsksWithoutErrors() throws Exception {
        Said said = Program.run(
                Program.installed("wrk", "wrk"),
                List.of("-t1", "-c20", "-d1", "https://127.0.0.1:" + server.port() + "/"));
        assertEquals(0, said.status(), said::toString);
        assertTrue(said.text().contains("requests in"), said::toString);
        assertTrue(!said.text().contains("Socket errors") && !said.text().contains("Non-2xx"), said::toString);
    }

    @Test
    void nginxVerifiesItAsItsBackend() throws Exception {
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + ";",
                "location / {",
                "proxy_pass https://127.0.0.1:" + server.port() + ";",
                "proxy_http_version 1.1;",
                "proxy_ssl_verify on;",
                "proxy_ssl_trusted_certificate " + directory.resolve("ca.pem") + ";",
                "proxy_ssl_name localhost;",
                "proxy_ssl_server_name on;",
                "proxy_ssl_session_reuse on;",
                "}",
                "}");
        Path home = Files.createDirectory(directory.resolve("nginx"));
        try (Nginx nginx = Nginx.start(home, site, port)) {
            for (int i = 0; i < 5; i++) {
                var answer = Asking.ask(
                        "POST", nginx.port, "/", java.net.http.HttpRequest.BodyPublishers.ofString("through " + i));
                Asking.assertOk(answer);
                assertEquals("through " + i, new String(answer.body(), java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
    }
}
