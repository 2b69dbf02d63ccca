// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.programs.Asking.ask;
import static dev.sluice.examples.programs.Asking.assertOk;
import static dev.sluice.examples.programs.Asking.body;
import static dev.sluice.examples.programs.Asking.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.files.FileServer;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples {@code http} and {@code files} behind nginx. */
final class NginxTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    @BeforeEach
    void find() {
        Nginx.installed();
    }

    private static Server server(HttpHandler handler) throws IOException {
        return Http.server(Endpoint.tcp("127.0.0.1", 0), handler).start();
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new Random(1).nextBytes(random);
        return random;
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void manyClientsShareOneConnectionToTheServer(String buffering) throws Exception {
        try (Server server = server(Http::whoAmI);
                Nginx nginx = Nginx.inFrontOf(server, directory, "proxy_buffering " + buffering + ";")) {
            Set<String> addresses = new HashSet<>();
            for (int i = 0; i < 30; i++) {
                addresses.add(body(Asking.get(nginx.port, "/")));
            }
            assertEquals(1, addresses.size(), nginx::toString);
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    /** What nginx does where nobody has told it anything: HTTP/1.0, and a connection for each request. */
    @Test
    void aServerIsAnsweredAsNginxAsksByDefault() throws Exception {
        try (Server server = server(Http.application())) {
            int port = Program.freePort();
            String site = "server { listen 127.0.0.1:" + port + "; location / { proxy_pass http://127.0.0.1:"
                    + server.port() + "; } }";
            try (Nginx nginx = Nginx.start(directory, site, port)) {
                for (int i = 0; i < 3; i++) {
                    assertEquals("Hello, World!", body(Asking.get(nginx.port, "/plaintext")));
                }
                assertEquals(
                        "line 1\n",
                        new String(ask("GET", nginx.port, "/stream?lines=1").body(), UTF_8));
                assertEquals(4, server.counters().accepted());
            }
        }
    }

    @Test
    void aSocketFileBetweenThemTakesNoPorts() throws Exception {
        Path socket = directory.resolve("http.sock");
        try (Server server = Http.server(Endpoint.parse("unix:" + socket), Http::whoAmI)
                        .start();
                Nginx nginx = Nginx.inFrontOf("server unix:" + socket + ";", directory)) {
            for (int i = 0; i < 3; i++) {
                assertEquals("a process of this machine\n", body(Asking.get(nginx.port, "/")));
            }
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void bodiesGoUpAndComeBack(String buffering) throws Exception {
        byte[] bytes = random(3 * MIB);
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(4 * MIB);
        try (Server server = Server.builder()
                        .listen(
                                Endpoint.tcp("127.0.0.1", 0),
                                HttpProtocol.gathering(Http::echo).withLimits(limits))
                        .limits(Limits.defaults().withFrameBytes(4 * MIB))
                        .start();
                Nginx nginx = Nginx.inFrontOf(
                        server,
                        directory,
                        "client_max_body_size 4m;",
                        "proxy_buffering " + buffering + ";",
                        "proxy_request_buffering " + buffering + ";")) {
            HttpResponse<byte[]> known = ask("POST", nginx.port, "/", BodyPublishers.ofByteArray(bytes));
            assertOk(known);
            assertArrayEquals(bytes, known.body());
            HttpResponse<byte[]> chunked =
                    ask("POST", nginx.port, "/", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)));
            assertOk(chunked);
            assertArrayEquals(bytes, chunked.body());
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    @Test
    void headsValidatorsAndRangesPass() throws Exception {
        byte[] bytes = random(MIB);
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.write(site.resolve("large.bin"), bytes);
        try (Server server = FileServer.server(Endpoint.tcp("127.0.0.1", 0), site, false)
                        .start();
                Nginx nginx = Nginx.inFrontOf(server, directory)) {
            HttpResponse<byte[]> whole = ask("GET", nginx.port, "/large.bin");
            assertArrayEquals(bytes, whole.body());
            HttpResponse<byte[]> head = ask("HEAD", nginx.port, "/large.bin");
            assertOk(head);
            assertEquals(String.valueOf(MIB), field(head, "content-length"));
            HttpResponse<byte[]> same = ask("GET", nginx.port, "/large.bin", "If-None-Match", field(whole, "etag"));
            assertEquals(304, same.statusCode());
            HttpResponse<byte[]> part = ask("GET", nginx.port, "/large.bin", "Range", "bytes=1000-200999");
            assertEquals(206, part.statusCode());
            assertArrayEquals(Arrays.copyOfRange(bytes, 1_000, 201_000), part.body());
            assertEquals(404, ask("GET", nginx.port, "/absent").statusCode());
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    @Test
    void eventsPassOneByOneWhereNothingIsBuffered() throws Exception {
        try (Server server = server(Http.application());
                Nginx nginx = Nginx.inFrontOf(server, directory, "proxy_buffering off;")) {
            try (Socket client = Asking.connect(nginx.port)) {
                Asking.begin(client, "/events");
                Asking.readUntil(client.getInputStream(), "data: tick 1\n");
                Asking.readUntil(client.getInputStream(), "data: tick 2\n");
            }
            await(() -> server.connections() == 0, () -> "nginx ends what nobody listens to, " + server.explain());
        }
    }

    /** 32 MiB are more than the four sockets on the way take: what the server has written, nginx has put into a file. */
    @Test
    void nginxTakesTheWholeReplyForAClientThatDoesNotRead() throws Exception {
        byte[] bytes = random(32 * MIB);
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.write(site.resolve("large.bin"), bytes);
        try (Server server = FileServer.server(Endpoint.tcp("127.0.0.1", 0), site, false)
                        .start();
                Nginx nginx = Nginx.inFrontOf(server, directory);
                Socket slow = Asking.connect(nginx.port)) {
            Asking.begin(slow, "/large.bin");
            await(() -> server.counters().bytesWritten() > bytes.length, () -> server.explain() + nginx);
            Asking.readUntil(slow.getInputStream(), "\r\n\r\n");
            assertArrayEquals(bytes, slow.getInputStream().readAllBytes());
        }
    }

    @Test
    void nothingIsLostWhileOneOfTwoServersDrains() throws Exception {
        try (Backends backends = new Backends()) {
            String servers =
                    "server 127.0.0.1:" + backends.first.port() + "; server 127.0.0.1:" + backends.second.port() + ";";
            try (Nginx nginx = Nginx.inFrontOf(servers, directory)) {
                String errors = backends.drainTheFirstUnderLoad(nginx.port);
                assertTrue(errors.isEmpty(), () -> errors + nginx);
            }
        }
    }
}
