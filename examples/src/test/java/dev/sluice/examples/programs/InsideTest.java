// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Connector;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Https;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The inner wire of docs/http-to-the-backend.md: a client that is a balancer's half, and a backend, plain and with TLS. */
final class InsideTest {
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);

    private final TestCa authority = TestCa.create("a CA to throw away");
    private final Witness witness = new Witness();

    @TempDir
    private Path directory;

    private Path trusted;

    @BeforeEach
    void writeAuthority() throws IOException {
        trusted = Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
    }

    // snippet: inside
    /** What asks the backends: by TLS that is verified, or plain where there is no authority. */
    static Connector connector(Path authority) throws IOException {
        Connector.Builder connector = Connector.builder(HttpClientProtocol.gathering());
        if (authority != null) {
            connector.tls(ClientTls.builder()
                    .trust(authority)
                    .serverName("backend.internal")
                    .build());
        }
        return connector.start();
    }
    // end snippet

    private static int ask(Connector connector, Server server) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", server.port());
        HttpCaller caller = HttpCaller.of(connector.connect(address).get(30, TimeUnit.SECONDS));
        CompletableFuture<Integer> status = new CompletableFuture<>();
        caller.send(HttpRequestHead.of("GET", "/", "shop.example"), response -> status.complete(response.status()));
        return status.get(30, TimeUnit.SECONDS);
    }

    private Server https(TestCa issuer) throws IOException {
        TestCertificate made = issuer.server("backend.internal");
        Path certificate = Files.writeString(directory.resolve("server.pem"), made.chainPem());
        Path key = Files.writeString(directory.resolve("server.key"), made.keyPem());
        return Https.server(ANY_PORT, ServerTls.of(IdentityFile.pem(certificate, key)), witness::answer)
                .start();
    }

    @Test
    void plain() throws Exception {
        try (Server server = Http.server(ANY_PORT, witness::answer).start();
                Connector connector = connector(null)) {
            assertEquals(200, ask(connector, server));
            assertNull(witness.only().tls());
        }
    }

    @Test
    void verified() throws Exception {
        try (Server server = https(authority);
                Connector connector = connector(trusted)) {
            assertEquals(200, ask(connector, server));
            assertEquals("backend.internal", witness.only().tls().serverName());
            assertEquals("shop.example", witness.only().host());
        }
    }

    @Test
    void somebodyElseGetsNothing() throws Exception {
        try (Server server = https(TestCa.create("another CA"));
                Connector connector = connector(trusted)) {
            Throwable failed = assertThrows(ExecutionException.class, () -> ask(connector, server));
            assertTrue(failed.getCause() instanceof IOException, failed::toString);
            witness.hasSeenNothing();
        }
    }
}
