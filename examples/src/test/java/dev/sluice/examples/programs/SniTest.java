// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.Map;
import java.util.Random;
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

    private TlsNginx alpha;
    private TlsNginx beta;
    private Server router;

    @BeforeEach
    void start() throws Exception {
        alpha = TlsNginx.start(directory, "alpha.example");
        beta = TlsNginx.start(directory, "beta.example");
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

    @Test
    void curlIsServedByTheBackendOfTheNameAndTrustsItsOwnCertificate() throws Exception {
        Said said = alpha.curl(router.port(), "alpha.example", "/");
        assertEquals("alpha.example", said.text(), said::toString);
    }

    @Test
    void curlRefusesTheOtherBackendWhoseCertificateItDoesNotTrust() throws Exception {
        Said said = alpha.curl(router.port(), "beta.example", "/");
        assertEquals(60, said.status(), said::toString); // the peer's certificate could not be authenticated
    }

    @Test
    void aLargeReplyComesWhole() throws Exception {
        byte[] large = new byte[5 << 20];
        new Random(5).nextBytes(large);
        Files.write(alpha.home.resolve("large"), large);
        Said said = alpha.curl(router.port(), "alpha.example", "/large");
        assertEquals(0, said.status(), said::errors);
        assertArrayEquals(large, said.bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslSeesTheBackendsOwnCertificate(String version) throws Exception {
        Said said =
                TlsNginx.connect(router.port(), version, "-servername", "beta.example", "-CAfile", beta.certificate());
        assertTrue(
                said.text().contains("CN = beta.example") || said.text().contains("CN=beta.example"), said::toString);
        assertTrue(said.text().contains("Verify return code: 0 (ok)"), said::text);
    }

    @Test
    void whoAsksForAnotherNameIsToldSo() throws Exception {
        Said said = TlsNginx.connect(router.port(), "-tls1_3", "-servername", "gamma.example");
        assertNotEquals(0, said.status());
        assertTrue(said.errors().contains("unrecognized name"), said::errors);
    }

    @Test
    void whoAsksForNoNameIsToldSo() throws Exception {
        Said said = TlsNginx.connect(router.port(), "-tls1_3", "-noservername");
        assertNotEquals(0, said.status());
        assertTrue(said.errors().contains("unrecognized name"), said::errors);
    }
}
