// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.CloseReason;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.testing.TestCa;
import dev.sluice.tls.ClientCertificates;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/https-inside.md says: behind a proxy that ends TLS, who sees what goes on to the backend, and what happens when
 * another server has the backend's address.
 */
final class HttpsInsideTest {
    private static final TestCa OUTSIDE = TestCa.create("for clients");
    private static final TestCa INSIDE = TestCa.create("for backends");
    private static final String NAME = "shop.internal";
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);
    private static final String TOKEN = "Bearer 8fe4-secret-token";
    private static final String ORDER = "card number 4000 1234";

    private final List<Server> servers = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger(); // how often a backend has got a request

    @AfterEach
    void stop() {
        servers.forEach(Server::close);
    }

    private Server start(Server.Builder builder) throws IOException {
        Server server = builder.start();
        servers.add(0, server);
        return server;
    }

    private Server backend(Endpoint endpoint) throws IOException {
        HttpHandler echo = (request, reply) -> {
            asked.incrementAndGet();
            Http.echo(request, reply);
        };
        return start(Server.builder().listen(endpoint, HttpProtocol.gathering(echo)));
    }

    /** Ends TLS, and goes on to the backend in clear or with TLS. */
    private Server proxy(SocketAddress backend, ClientTls toBackend) throws Exception {
        return start(Tap.server(
                ANY_PORT.withTls(TlsSides.server(OUTSIDE, "127.0.0.1")),
                backend,
                toBackend,
                (connection, from, bytes) -> bytes));
    }

    /** What stands between the proxy and its backend: a switch, a host, a mirrored port. */
    private Server wire(Server backend, Seen seen) throws IOException {
        return start(Tap.server(ANY_PORT, backend.address(), null, seen));
    }

    /** What a client with a token and an order is answered. */
    private static String order(Server proxy) throws Exception {
        try (Socket client =
                TlsSides.context(OUTSIDE.certificate()).getSocketFactory().createSocket("127.0.0.1", proxy.port())) {
            client.setSoTimeout(30_000);
            String request = "POST /order HTTP/1.1\r\nHost: shop.example\r\nAuthorization: " + TOKEN
                    + "\r\nConnection: close\r\nContent-Length: " + ORDER.length() + "\r\n\r\n" + ORDER;
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String reply = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (reply.isEmpty()) {
                throw new EOFException("no reply");
            }
            return reply;
        }
    }

    private static void assertOrdered(String reply) {
        assertTrue(reply.startsWith("HTTP/1.1 200 ") && reply.endsWith(ORDER), reply);
    }

    // ---- who reads it

    @Test
    void withHttpInsideTheWireReadsTokenOrderAndReply() throws Exception {
        Seen seen = new Seen();
        Server proxy = proxy(wire(backend(ANY_PORT), seen).address(), null);
        assertOrdered(order(proxy));
        assertTrue(seen.ofClient().contains("POST /order HTTP/1.1"), seen::ofClient);
        assertTrue(seen.ofClient().contains(TOKEN), seen::ofClient);
        assertTrue(seen.ofClient().contains(ORDER), seen::ofClient);
        assertTrue(seen.ofBackend().contains(ORDER), seen::ofBackend);
    }

    @Test
    void withHttpsInsideItReadsNothing() throws Exception {
        Seen seen = new Seen();
        Server backend = backend(ANY_PORT.withTls(TlsSides.server(INSIDE, NAME)));
        Server proxy = proxy(wire(backend, seen).address(), TlsSides.client(INSIDE, NAME));
        assertOrdered(order(proxy));
        assertTrue(seen.ofClient().length() > 500, "it has passed there");
        for (String part : new String[] {"POST /order HTTP/1.1", TOKEN, ORDER, "HTTP/1.1 200"}) {
            assertNull(seen.anyOf(part));
        }
        assertTrue(seen.ofClient().contains(NAME), "the name is asked for in clear");
    }

    // ---- who gets it: another server has the address now

    @Test
    void withHttpWhoeverHasTheAddressGetsTheRequest() throws Exception {
        Server another = backend(ANY_PORT);
        assertOrdered(order(proxy(another.address(), null)));
        assertEquals(1, asked.get());
    }

    @Test
    void withoutVerificationWhoeverHasTheAddressGetsTheRequest() throws Exception {
        Server another = backend(ANY_PORT.withTls(TlsSides.server(TestCa.create("anybody"), "another.example")));
        ClientTls insecure = ClientTls.builder().insecure().build();
        assertOrdered(order(proxy(another.address(), insecure)));
        assertEquals(1, asked.get());
    }

    @Test
    void verifiedTlsNoticesThatAnotherServerHasTheAddressAndTellsItNothing() throws Exception {
        for (Server another : List.of(
                backend(ANY_PORT.withTls(TlsSides.server(INSIDE, "mail.internal"))), // one of ours: the name is wrong
                backend(ANY_PORT.withTls(TlsSides.server(TestCa.create("anybody"), NAME))), // right, but by nobody
                backend(ANY_PORT))) { // not even TLS
            Server proxy = proxy(another.address(), TlsSides.client(INSIDE, NAME));
            assertThrows(IOException.class, () -> order(proxy));
            await(() -> proxy.closed().get(CloseReason.Kind.TLS_FAILED) >= 1, proxy::explain);
        }
        assertEquals(0, asked.get());
    }

    /** The page's last commands: curl stands for the proxy. */
    @Test
    void curlNoticesItByTheNameAndSendsNothingUnlessToldNotToLook(@TempDir Path folder) throws Exception {
        String curl = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> new File(directory, "curl"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst()
                .orElse(null);
        assumeTrue(curl != null, "curl is not installed");
        Path authority = Files.writeString(folder.resolve("ca.pem"), INSIDE.rootPem());
        Server another = backend(ANY_PORT.withTls(TlsSides.server(INSIDE, "localhost")));
        String[] command = {
            curl,
            "--disable",
            "--silent",
            "--max-time",
            "30",
            "--cacert",
            authority.toString(),
            "-H",
            "Authorization: " + TOKEN,
            "--connect-to",
            NAME + ":443:localhost:" + another.port(),
            "https://" + NAME + "/plaintext",
            "--insecure"
        };
        assertEquals(60, status(Arrays.copyOf(command, command.length - 1)));
        assertEquals(0, asked.get());
        assertEquals(0, status(command));
        assertEquals(1, asked.get());
    }

    private static int status(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "curl goes on");
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    // ---- who may ask

    @Test
    void withMutualTlsOnlyTheProxyMayAskTheBackend() throws Exception {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(TlsSides.identity(INSIDE.server(NAME)))
                .clientCertificates(ClientCertificates.REQUIRED, List.of(INSIDE.certificate()))
                .build();
        Server backend = backend(ANY_PORT.withTls(tls));
        ClientTls known = ClientTls.builder()
                .trust(List.of(INSIDE.certificate()))
                .serverName(NAME)
                .identity(TlsSides.identity(INSIDE.client("proxy")))
                .build();
        assertOrdered(order(proxy(backend.address(), known)));
        Server unknown = proxy(backend.address(), TlsSides.client(INSIDE, NAME));
        assertThrows(IOException.class, () -> order(unknown));
        assertEquals(1, asked.get());
    }
}
