// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.programs.Program.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example {@code l4} with routes by SNI and ALPN, between curl and OpenSSL and two nginx with TLS. */
final class L4TlsTest {
    private static final String TRUSTED = "Verify return code: 0 (ok)";

    @TempDir
    private Path directory;

    private TlsNginx web;
    private TlsNginx api;
    private RunningL4 l4;

    @BeforeEach
    void start() throws Exception {
        web = TlsNginx.start(directory, "www.example");
        api = TlsNginx.start(directory, "api.example", " http2");
        l4 = RunningL4.start(directory, """
                [[route]]
                sni = "*.example"
                alpn = "h2"
                to = "api"
                [[route]]
                sni = "www.example"
                to = "web"
                """ + upstream("web", web) + upstream("api", api));
    }

    private static String upstream(String name, TlsNginx backend) {
        return "[upstream." + name + "]\nbackends = \"127.0.0.1:" + backend.port + "\"\n";
    }

    @AfterEach
    void stop() throws Exception {
        try (TlsNginx first = web;
                TlsNginx second = api;
                RunningL4 third = l4) {}
    }

    @Test
    void theNameLeadsToTheBackendWhoseOwnCertificateCurlTrusts() throws Exception {
        byte[] large = new byte[5 << 20];
        new Random(6).nextBytes(large);
        Files.write(web.home.resolve("large"), large);
        Said said = web.curl(l4.port, "www.example", "/large", "--http1.1", "--no-alpn");
        assertEquals(0, said.status(), said::errors);
        assertArrayEquals(large, said.bytes());
    }

    @Test
    void theProtocolLeadsToAnother() throws Exception {
        Said said = api.curl(l4.port, "api.example", "/", "--http2", "--write-out", " %{http_version}");
        assertEquals("api.example 2", said.text(), said::toString);
        Said wrong = web.curl(l4.port, "www.example", "/", "--http2");
        assertEquals(60, wrong.status(), wrong::toString); // the other's certificate, which it doesn't trust
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslSeesTheCertificateOfWhereItsHelloLeads(String version) throws Exception {
        Said first = TlsNginx.connect(l4.port, version, "-servername", "www.example", "-CAfile", web.certificate());
        assertTrue(first.text().contains(TRUSTED), first::toString);
        Said second = TlsNginx.connect(
                l4.port, version, "-servername", "api.example", "-alpn", "h2", "-CAfile", api.certificate());
        assertTrue(second.text().contains(TRUSTED), second::toString);
        assertTrue(second.text().contains("ALPN protocol: h2"), second::toString);
    }

    @Test
    void whomNoRouteTakesIsToldSoByTls() throws Exception {
        for (String[] hello : new String[][] {
            {"-servername", "api.example"}, {"-noservername", "-alpn", "h2"}, {"-servername", "example", "-alpn", "h2"}
        }) {
            Said said = TlsNginx.connect(l4.port, hello);
            assertNotEquals(0, said.status());
            assertTrue(said.errors().contains("unrecognized name"), said::errors);
        }
        await(() -> l4.sum("l4_listener_unrouted_total") == 3, l4::toString);
    }
}
