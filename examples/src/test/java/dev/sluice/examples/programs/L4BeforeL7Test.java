// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.TlsSides;
import dev.sluice.examples.l4.L4;
import dev.sluice.examples.l7.L7;
import dev.sluice.examples.programs.Witness.Seen;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two files that docs/layer-4-or-7.md shows: a proxy of layer 4 before several of layer 7. */
final class L4BeforeL7Test {
    private static final String PAGE = "docs/layer-4-or-7.md";
    private static final String NAME = "www.example.org";
    private static final String DRAIN = "\n[server]\ndrain = \"200ms\"\n"; // idle connections are told over half of it

    private final TestCa authority = TestCa.create("a CA to throw away");
    private final Witness witness = new Witness();
    private final List<Server> applications = new ArrayList<>();
    private final Deque<ProxyProgram> proxies = new ArrayDeque<>(); // the outermost first
    private final List<Integer> inner = new ArrayList<>(); // ports
    private int outer;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        TestCertificate made = authority.server(NAME);
        Files.writeString(directory.resolve("www.pem"), made.chainPem());
        Files.writeString(directory.resolve("www.key"), made.keyPem());
        PageBlock innerFile = PageBlock.file(PAGE, "inner.toml")
                .with("*:443", "127.0.0.1:0")
                .with("10.0.0.1", "127.0.0.1")
                .with("www.", directory + "/www.");
        for (String address : List.of("10.0.1.1:8080", "10.0.1.2:8080")) {
            Server server =
                    Http.server(Endpoint.tcp("127.0.0.1", 0), witness::answer).start();
            applications.add(server);
            innerFile = innerFile.asks(address, server.port());
        }
        PageBlock outerFile = PageBlock.file(PAGE, "outer.toml").with("*:443", "127.0.0.1:0");
        for (String address : List.of("10.0.0.11:443", "10.0.0.12:443", "10.0.0.13:443")) {
            int port = portOf(L7.start(file("inner.toml", innerFile)));
            inner.add(port);
            outerFile = outerFile.asks(address, port);
        }
        outer = portOf(L4.start(file("outer.toml", outerFile)));
    }

    /** A file that is the page's, and ends soon. */
    private Path file(String name, PageBlock block) throws IOException {
        return Files.writeString(directory.resolve(name), block.text() + DRAIN);
    }

    private int portOf(ProxyProgram proxy) {
        proxies.push(proxy);
        String address = proxy.listeners().get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @AfterEach
    void stop() throws Exception {
        for (ProxyProgram proxy : proxies) {
            proxy.stop();
        }
        for (Server server : applications) {
            server.stop(Duration.ZERO);
        }
    }

    /** What a client of that address gets, who says of itself that it is another one. */
    private String ask(String client, int port) throws Exception {
        SSLContext context = TlsSides.context(authority.certificate());
        try (Socket plain = new Socket()) {
            plain.setSoTimeout(30_000);
            plain.bind(new InetSocketAddress(client, 0));
            plain.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, NAME, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            String request =
                    "GET / HTTP/1.1\r\nHost: " + NAME + "\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    void theApplicationIsToldTheClientsAddress() throws Exception {
        for (int i = 2; i < 10; i++) {
            String client = "127.0.0." + i;
            String answer = ask(client, outer);
            assertTrue(answer.endsWith(Witness.ANSWER), answer);
            Seen seen = witness.all().get(i - 2);
            assertEquals(client, seen.forwardedFor());
            assertEquals("https", seen.forwardedProto());
            assertEquals(NAME, seen.host());
        }
    }

    /** From elsewhere, and from the outer proxy's machine too, if no header comes. */
    @Test
    void nobodyComesToTheInnerOnesPastTheOuterOne() throws Exception {
        for (int port : inner) {
            for (String client : List.of("127.0.0.2", "127.0.0.1")) {
                assertEndsSilently(client, port);
            }
        }
        witness.hasSeenNothing();
    }

    private static void assertEndsSilently(String client, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(30_000);
            socket.bind(new InetSocketAddress(client, 0));
            socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
            Asking.begin(socket, "/");
            assertEquals(0, socket.getInputStream().readAllBytes().length);
        } catch (SocketException e) {
            assertTrue(e.getMessage().contains("reset") || e.getMessage().contains("Broken pipe"), e.toString());
        }
    }
}
