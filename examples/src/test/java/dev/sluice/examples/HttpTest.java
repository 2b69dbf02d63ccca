// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.launcher.TopologyName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example {@code http}, asked by the JDK's client. */
final class HttpTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static HttpRequest.Builder to(Launched launched, String target) {
        InetSocketAddress address = launched.address();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + target))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(Launched launched, String target) throws Exception {
        return client.send(to(launched, target).build(), BodyHandlers.ofString());
    }

    private String post(Launched launched, String target, String body) throws Exception {
        HttpRequest request =
                to(launched, target).POST(BodyPublishers.ofString(body)).build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    @ParameterizedTest
    @EnumSource
    void answersInEachTopology(TopologyName topology) throws Exception {
        try (Launched launched =
                Launched.launcher("http", "--port", "0", "--readers", "2", "--topology", topology.toString())) {
            assertEquals("Hello, World!", get(launched, "/plaintext").body());
            HttpResponse<String> json = get(launched, "/json");
            assertEquals("{\"message\":\"Hello, World!\"}", json.body());
            assertEquals(
                    "application/json",
                    json.headers().firstValue("content-type").orElseThrow());
            assertEquals("h\u00e9 \u20ac", post(launched, "/echo", "h\u00e9 \u20ac"));
            assertEquals("20 ms later\n", get(launched, "/slow?ms=20").body());
            assertEquals("0 ms later\n", get(launched, "/slow").body());
            assertEquals("line 1\nline 2\n", get(launched, "/stream?lines=2").body());
            assertEquals("", launched.stderr());
        }
    }

    @Test
    void handlersRunOnVirtualThreadsWhereTheJdkHasThem() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0", "--virtual-threads")) {
            if (Runtime.version().feature() < 21) {
                assertEquals(1, launched.status());
                assertTrue(launched.stderr().contains("it must be 21 or later"), launched::toString);
                return;
            }
            assertEquals("Hello, World!", get(launched, "/plaintext").body());
            assertEquals("20 ms later\n", get(launched, "/slow?ms=20").body());
            assertEquals("body", post(launched, "/echo", "body"));
        }
    }

    @Test
    void theClientOfTheDocumentationIsAnswered() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0")) {
            assertEquals("200 Hello, World!", DocSnippets.ask(launched.address()));
        }
    }

    @Test
    void whatItDoesNotKnowIsRefused() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0")) {
            for (String target : List.of("/slow?ms=10001", "/slow?ms=-1", "/slow?ms=x", "/stream?lines=0")) {
                assertEquals(400, get(launched, target).statusCode(), target);
            }
            assertEquals(404, get(launched, "/nowhere").statusCode());
            HttpResponse<String> wrong = get(launched, "/echo");
            assertEquals(405, wrong.statusCode());
            assertTrue(wrong.headers().firstValue("allow").orElseThrow().contains("POST"));
        }
    }

    @Test
    void eventsComeUntilTheServerIsToldToEnd() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0")) {
            HttpResponse<InputStream> events =
                    client.send(to(launched, "/events").build(), BodyHandlers.ofInputStream());
            assertEquals(
                    "text/event-stream",
                    events.headers().firstValue("content-type").orElseThrow());
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
                List<String> got = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    got.add(lines.readLine());
                }
                assertEquals(List.of("id: 1", "data: tick 1", "", "id: 2", "data: tick 2"), got);
                launched.terminate();
                while (lines.readLine() != null) {
                    // until the stream ends, in order, or this throws
                }
            }
            assertEquals(0, launched.status(), launched::toString);
        }
    }

    @Test
    void headToAnEndlessReplyEnds() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0")) {
            HttpRequest head = to(launched, "/events")
                    .method("HEAD", BodyPublishers.noBody())
                    .build();
            assertEquals(200, client.send(head, BodyHandlers.ofString()).statusCode());
            assertEquals("Hello, World!", get(launched, "/plaintext").body());
        }
    }

    @Test
    void echoAnswersOnEveryPath() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0", "--echo")) {
            assertEquals("body", post(launched, "/any/path?and=query", "body"));
            assertEquals("", get(launched, "/").body());
        }
    }

    @Test
    void whoAmITellsTheClientsAddress() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0", "--whoami");
                Socket socket = launched.connect()) {
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String got = readAll(socket);
            assertTrue(got.endsWith("\r\n\r\n127.0.0.1:" + socket.getLocalPort() + "\n"), got);
        }
    }

    @Test
    void filesOfASiteAreBesideTheApplication(@TempDir Path site) throws Exception {
        Files.createDirectory(site.resolve("static"));
        Files.writeString(site.resolve("static/a.txt"), "a file");
        Files.writeString(site.resolve("b.txt"), "not below /static/");
        try (Launched launched = Launched.launcher("http", "--port", "0", "--site", site.toString())) {
            assertEquals("a file", get(launched, "/static/a.txt").body());
            assertEquals("Hello, World!", get(launched, "/plaintext").body());
            assertEquals(404, get(launched, "/b.txt").statusCode());
        }
    }

    @Test
    void aLineForEachRequestIsInTheAccessLog(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        try (Launched launched = Launched.launcher("http", "--port", "0", "--access-log", log.toString())) {
            get(launched, "/plaintext");
            get(launched, "/stream?lines=1");
            get(launched, "/nowhere");
            launched.terminate();
            assertEquals(0, launched.status(), launched::toString);
        }
        List<String> lines = Files.readAllLines(log);
        String front = "127\\.0\\.0\\.1 - - \\[.*\\] \"GET ";
        String back = " \"-\" \"Java-http-client/.*\"";
        assertTrue(lines.get(0).matches(front + "/plaintext HTTP/1\\.1\" 200 13" + back), lines::toString);
        assertTrue(lines.get(1).matches(front + "/stream\\?lines=1 HTTP/1\\.1\" 200 7" + back), lines::toString);
        assertTrue(lines.get(2).matches(front + "/nowhere HTTP/1\\.1\" 404 13" + back), lines::toString);
        assertEquals(3, lines.size());
    }

    @Test
    void itDoesOneThingOrTheOther() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0", "--echo", "--whoami")) {
            assertEquals(2, launched.status(), launched::toString);
        }
    }

    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
