// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.programs.Asking.ask;
import static dev.sluice.examples.programs.Asking.assertOk;
import static dev.sluice.examples.programs.Asking.body;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.files.FileServer;
import dev.sluice.http.HttpHandler;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples {@code http} and {@code files} behind HAProxy. */
final class HaproxyTest {
    private static final String CHECKED = " check inter 200ms fall 2 rise 1";

    @TempDir
    private Path directory;

    @BeforeEach
    void find() {
        Haproxy.installed();
    }

    private static Server server(HttpHandler handler) throws IOException {
        return Http.server(Endpoint.tcp("127.0.0.1", 0), handler).start();
    }

    private static String line(String name, Server server) {
        return "server " + name + " 127.0.0.1:" + server.port();
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2"})
    void theServerSeesWhoTheClientIs(String sends) throws Exception {
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0).withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.1"));
        try (Server server = Http.server(endpoint, Http::whoAmI).start();
                Haproxy haproxy =
                        Haproxy.start(directory, line("a", server) + " " + sends + " check check-send-proxy");
                Socket client = new Socket("127.0.0.1", haproxy.port)) {
            client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(answer.endsWith("\r\n\r\n127.0.0.1:" + client.getLocalPort() + "\n"), answer);
        }
    }

    @Test
    void clientsShareOneConnectionToTheServer() throws Exception {
        try (Server server = server(Http::whoAmI);
                Haproxy haproxy = Haproxy.start(directory, "http-reuse always", line("a", server))) {
            Set<String> addresses = new HashSet<>();
            for (int i = 0; i < 30; i++) {
                addresses.add(body(Asking.get(haproxy.port, "/")));
            }
            assertEquals(1, addresses.size(), haproxy::toString);
            assertEquals("1", haproxy.statistic("a", "connect"), haproxy::toString);
            assertEquals("29", haproxy.statistic("a", "reuse"), haproxy::toString);
        }
    }

    /** Unless told otherwise it asks {@code OPTIONS /} in HTTP/1.0, without Host. */
    @Test
    void itsOwnHealthCheckFindsUpWhateverAnswersThat() throws Exception {
        try (Server files = FileServer.server(Endpoint.tcp("127.0.0.1", 0), directory, false)
                        .start();
                Server any = server(Http::whoAmI);
                Server noSuchPath = server(Http.application());
                Haproxy haproxy = Haproxy.start(
                        directory,
                        "option httpchk",
                        line("files", files) + CHECKED,
                        line("any", any) + CHECKED,
                        line("noSuchPath", noSuchPath) + CHECKED)) {
            await(() -> haproxy.isChecked("files", "L7OK"), haproxy::toString);
            await(() -> haproxy.isChecked("any", "L7OK"), haproxy::toString);
            await(() -> haproxy.isChecked("noSuchPath", "L7STS"), haproxy::toString);
            assertEquals("404", haproxy.statistic("noSuchPath", "check_code"));
            assertTrue(haproxy.is("files", "UP") && haproxy.is("any", "UP"), haproxy::toString);
            await(() -> haproxy.is("noSuchPath", "DOWN"), haproxy::toString);
        }
    }

    @Test
    void aHealthCheckMayAskForWhatTheApplicationAnswers() throws Exception {
        try (Server server = server(Http.application());
                Haproxy haproxy = Haproxy.start(
                        directory,
                        "option httpchk",
                        "http-check send meth GET uri /plaintext ver HTTP/1.1 hdr Host h",
                        "http-check expect string Hello,",
                        line("a", server) + CHECKED)) {
            await(() -> haproxy.isChecked("a", "L7OK"), haproxy::toString);
            await(() -> server.counters().accepted() > 3, haproxy::toString);
            assertTrue(haproxy.is("a", "UP"), haproxy::toString);
        }
    }

    @Test
    void bodiesGoUpAndComeBack() throws Exception {
        byte[] bytes = new byte[900_000];
        new Random(1).nextBytes(bytes);
        try (Server server = server(Http::echo);
                Haproxy haproxy = Haproxy.start(directory, "http-reuse always", line("a", server))) {
            HttpResponse<byte[]> response = ask("POST", haproxy.port, "/", BodyPublishers.ofByteArray(bytes));
            assertOk(response);
            assertArrayEquals(bytes, response.body());
            assertEquals(1, server.counters().accepted(), haproxy::toString);
        }
    }

    @Test
    void eventsPassOneByOne() throws Exception {
        try (Server server = server(Http.application());
                Haproxy haproxy = Haproxy.start(directory, line("a", server))) {
            try (Socket client = Asking.connect(haproxy.port)) {
                Asking.begin(client, "/events");
                Asking.readUntil(client.getInputStream(), "data: tick 1\n");
                Asking.readUntil(client.getInputStream(), "data: tick 2\n");
            }
            await(() -> server.connections() == 0, () -> "HAProxy ends what nobody listens to, " + server.explain());
        }
    }

    @Test
    void nothingIsLostWhileOneOfTwoServersDrains() throws Exception {
        try (Backends backends = new Backends();
                Haproxy haproxy = Haproxy.start(
                        directory,
                        "http-reuse always",
                        "option redispatch",
                        "retry-on conn-failure empty-response",
                        "http-request disable-l7-retry unless METH_GET",
                        line("first", backends.first) + CHECKED,
                        line("second", backends.second) + CHECKED)) {
            String errors = backends.drainTheFirstUnderLoad(haproxy.port);
            assertTrue(errors.isEmpty(), () -> errors + haproxy);
            await(() -> haproxy.is("first", "DOWN"), haproxy::toString);
            assertTrue(haproxy.is("second", "UP"), haproxy::toString);
        }
    }
}
