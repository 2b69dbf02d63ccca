// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.certs.Certs;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tls-termination-or-passthrough.md: whose certificate the client sees, and what the one between reads. */
final class WaysOfTlsTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        for (String whose : new String[] {"proxy", "backend"}) {
            Certs.write(folder.resolve(whose), List.of("localhost"), List.of(), false, "changeit".toCharArray());
        }
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    private static String at(Launched launched) {
        return "localhost:" + launched.address().getPort();
    }

    private X509Certificate certificate(String name) throws Exception {
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private Launched https() throws Exception {
        return Launched.launcher(
                "https", "--port", "0", "--cert", file("backend/server.pem"), "--key", file("backend/server.key"));
    }

    /** A client that trusts one authority only is answered, and was shown that one's certificate. */
    private void assertServedBy(String whose, Launched asked) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(TlsSides.context(certificate(whose + "/ca.pem")))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        URI uri = URI.create("https://" + at(asked) + "/plaintext");
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode());
        assertEquals("Hello, World!", answer.body());
        assertEquals(
                certificate(whose + "/server.pem"),
                answer.sslSession().orElseThrow().getPeerCertificates()[0]);
    }

    @Test
    void theBackendEndsItItself() throws Exception {
        try (Launched backend = https()) {
            assertServedBy("backend", backend);
        }
    }

    @Test
    void aProxyEndsIt() throws Exception {
        try (Launched backend = Launched.launcher("http", "--port", "0");
                Launched proxy = Launched.launcher(
                        "tap",
                        "--port",
                        "0",
                        "--cert",
                        file("proxy/server.pem"),
                        "--key",
                        file("proxy/server.key"),
                        "--backend",
                        at(backend))) {
            assertServedBy("proxy", proxy);
            assertTrue(proxy.stdout().contains("GET /plaintext HTTP/1.1"), proxy::stdout);
        }
    }

    @Test
    void aReverseProxyEndsIt() throws Exception {
        try (Launched backend = Launched.launcher("http", "--port", "0");
                Launched proxy = Launched.launcher(
                        "l7",
                        "--port",
                        "0",
                        "--cert",
                        file("proxy/server.pem"),
                        "--key",
                        file("proxy/server.key"),
                        "--backend",
                        at(backend))) {
            assertServedBy("proxy", proxy);
        }
    }

    @Test
    void aProxyEndsItAndBeginsAnother() throws Exception {
        try (Launched backend = https();
                Launched wire = Launched.launcher("tap", "--port", "0", "--backend", at(backend));
                Launched proxy = Launched.launcher(
                        "tap",
                        "--port",
                        "0",
                        "--cert",
                        file("proxy/server.pem"),
                        "--key",
                        file("proxy/server.key"),
                        "--backend",
                        at(wire),
                        "--backend-ca",
                        file("backend/ca.pem"))) {
            assertServedBy("proxy", proxy);
            assertTrue(proxy.stdout().contains("GET /plaintext HTTP/1.1"), proxy::stdout);
            assertTrue(wire.stdout().contains(", backend, "), wire::stdout);
            assertFalse(wire.stdout().contains("plaintext"), wire::stdout);
        }
    }

    @Test
    void itIsPassedThroughByName() throws Exception {
        try (Launched backend = https();
                Launched router = Launched.launcher("sni", "--port", "0", "--route", "localhost=" + at(backend))) {
            assertServedBy("backend", router);
        }
    }

    @Test
    void itIsPassedThroughByPort() throws Exception {
        try (Launched backend = https();
                Launched proxy = Launched.launcher("l4", "--port", "0", "--backend", at(backend))) {
            assertServedBy("backend", proxy);
        }
    }

    /** Whatever is behind {@code tls} is left out, as the page says. */
    private Launched l4(String name, Launched backend, String ofListener, String ofUpstream) throws Exception {
        Path config = folder.resolve(name);
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "[listener.main]",
                        "address = \"127.0.0.1:0\"",
                        ofListener,
                        "[upstream.main]",
                        "backends = [\"" + at(backend) + "\"]",
                        ofUpstream));
        return Launched.launcher("l4", "--config", config.toString());
    }

    @Test
    void aFileSaysWhoEndsIt() throws Exception {
        String ends = "tls = { cert = '" + file("proxy/server.pem") + "', key = '" + file("proxy/server.key") + "' }";
        String begins = "tls = { ca = '" + file("backend/ca.pem") + "' }";
        try (Launched http = Launched.launcher("http", "--port", "0");
                Launched https = https();
                Launched both = l4("both.toml", https, ends, begins);
                Launched termination = l4("termination.toml", http, ends, "");
                Launched passthrough = l4("passthrough.toml", https, "", "")) {
            assertServedBy("proxy", both);
            assertServedBy("proxy", termination);
            assertServedBy("backend", passthrough);
        }
    }
}
