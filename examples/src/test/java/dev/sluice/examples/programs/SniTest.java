// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Sni;
import dev.sluice.examples.programs.Program.Said;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example {@code sni} between clients of TLS and two nginx, each with a certificate of its own. */
final class SniTest {
    @TempDir
    private Path directory;

    private String openssl;
    private Nginx alpha;
    private Nginx beta;
    private Server router;

    @BeforeEach
    void start() throws Exception {
        openssl = Program.installed("openssl", "openssl");
        alpha = backend("alpha.example");
        beta = backend("beta.example");
        router = Sni.server(
                        Endpoint.tcp("127.0.0.1", 0),
                        Map.of(
                                "alpha.example", new InetSocketAddress("127.0.0.1", alpha.port),
                                "beta.example", new InetSocketAddress("127.0.0.1", beta.port)))
                .start();
    }

    @AfterEach
    void stop() {
        for (AutoCloseable each : new AutoCloseable[] {router, alpha, beta}) {
            if (each != null) {
                close(each);
            }
        }
    }

    private static void close(AutoCloseable running) {
        try {
            running.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** An nginx with TLS, which answers with its name. */
    private Nginx backend(String name) throws Exception {
        Nginx.installed();
        Path home = Files.createDirectory(directory.resolve(name));
        Said made = Program.run(
                openssl,
                List.of(("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name
                                + " -addext subjectAltName=DNS:" + name + " -keyout " + home + "/key.pem -out "
                                + certificate(name))
                        .split(" ")));
        assertEquals(0, made.status(), made::toString);
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + " ssl;",
                "ssl_protocols TLSv1.2 TLSv1.3;",
                "ssl_certificate " + certificate(name) + ";",
                "ssl_certificate_key " + home + "/key.pem;",
                "location / { return 200 " + name + "; }",
                "location /large { root " + home + "; }",
                "}");
        return Nginx.start(home, site, port);
    }

    private String certificate(String name) {
        return directory.resolve(name).resolve("cert.pem").toString();
    }

    private Said curl(String name, String target, String... more) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of(
                "--disable",
                "--silent",
                "--show-error",
                "--max-time",
                "60",
                "--cacert",
                certificate("alpha.example"),
                "--resolve",
                name + ":" + router.port() + ":127.0.0.1"));
        arguments.addAll(List.of(more));
        arguments.add("https://" + name + ":" + router.port() + target);
        return Program.run(Program.installed("curl", "curl"), arguments);
    }

    @Test
    void curlIsServedByTheBackendOfTheNameAndTrustsItsOwnCertificate() throws Exception {
        Said said = curl("alpha.example", "/");
        assertEquals("alpha.example", said.text(), said::toString);
    }

    @Test
    void curlRefusesTheOtherBackendWhoseCertificateItDoesNotTrust() throws Exception {
        Said said = curl("beta.example", "/");
        assertEquals(60, said.status(), said::toString); // the peer's certificate could not be authenticated
    }

    @Test
    void aLargeReplyComesWhole() throws Exception {
        byte[] large = new byte[5 << 20];
        new java.util.Random(5).nextBytes(large);
        Files.write(directory.resolve("alpha.example").resolve("large"), large);
        Said said = curl("alpha.example", "/large");
        assertEquals(0, said.status(), said::errors);
        org.junit.jupiter.api.Assertions.assertArrayEquals(large, said.bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslSeesTheBackendsOwnCertificate(String version) throws Exception {
        Said said = connect(version, "-servername", "beta.example", "-CAfile", certificate("beta.example"));
        assertTrue(
                said.text().contains("CN = beta.example") || said.text().contains("CN=beta.example"), said::toString);
        assertTrue(said.text().contains("Verify return code: 0 (ok)"), said::text);
    }

    @Test
    void whoAsksForAnotherNameIsToldSo() throws Exception {
        Said said = connect("-tls1_3", "-servername", "gamma.example");
        assertNotEquals(0, said.status());
        assertTrue(said.errors().contains("unrecognized name"), said::errors);
    }

    @Test
    void whoAsksForNoNameIsToldSo() throws Exception {
        Said said = connect("-tls1_3", "-noservername");
        assertNotEquals(0, said.status());
        assertTrue(said.errors().contains("unrecognized name"), said::errors);
    }

    private Said connect(String... arguments) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of("s_client", "-connect", "127.0.0.1:" + router.port()));
        all.addAll(List.of(arguments));
        return Program.run(openssl, all);
    }
}
