// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The JDK's own client, which is somebody else's reading of the RFC. */
class HttpClientTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);

    @AfterEach
    void stop() {
        scheduler.shutdown();
    }

    private void answer(dev.sluice.http.HttpRequest request, HttpReply reply) {
        switch (request.target()) {
            case "/echo" -> reply.field("Method", request.method()).send("text/plain", request.body());
            case "/later" -> {
                HttpReply later = reply.defer();
                scheduler.schedule(() -> later.send("text/plain", "later"), 5, TimeUnit.MILLISECONDS);
            }
            case "/chunks" -> {
                HttpReplyStream stream = reply.stream("text/plain");
                for (int i = 0; i < 100; i++) {
                    stream.write(bytes("part " + i + "\n"));
                }
                stream.end();
            }
            case "/none" -> reply.status(204).send();
            case "/same" -> reply.status(304).field("ETag", "\"x\"").send();
            case "/moved" -> reply.status(302).field("Location", "/echo").send();
            case "/close" -> reply.thenClose().send("text/plain", "bye");
            case "/throw" -> throw new IllegalStateException("deliberate");
            default -> reply.status(404).send("text/plain", "h\u00e9 " + request.target());
        }
    }

    private static HttpRequest.Builder to(HttpServer server, String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.test.server.port() + target))
                .timeout(TIMEOUT);
    }

    private HttpResponse<String> get(HttpServer server, String target) throws Exception {
        return client.send(to(server, target).build(), BodyHandlers.ofString());
    }

    @Test
    void readsEachKindOfReply() throws Exception {
        try (HttpServer server = new HttpServer(this::answer)) {
            assertEquals("later", get(server, "/later").body());
            String chunks = get(server, "/chunks").body();
            assertTrue(chunks.startsWith("part 0\npart 1\n") && chunks.endsWith("part 99\n"));
            assertEquals(204, get(server, "/none").statusCode());
            HttpResponse<String> same = get(server, "/same");
            assertEquals(304, same.statusCode());
            assertEquals("\"x\"", same.headers().firstValue("etag").orElseThrow());
            assertEquals(302, get(server, "/moved").statusCode());
            HttpResponse<String> missing = get(server, "/missing");
            assertEquals(404, missing.statusCode());
            assertEquals("h\u00e9 /missing", missing.body());
            assertEquals(
                    "Sun, 06 Nov 1994 08:49:37 GMT",
                    missing.headers().firstValue("date").orElseThrow());
            assertEquals(1, server.opened.size(), "all on one connection");
            assertEquals("bye", get(server, "/close").body());
            assertEquals(500, get(server, "/throw").statusCode());
            assertEquals("", get(server, "/echo").body());
            assertEquals(3, server.opened.size());
        }
    }

    @Test
    void readsRepliesToHead() throws Exception {
        try (HttpServer server = new HttpServer(this::answer)) {
            for (String target : List.of("/chunks", "/missing", "/none")) {
                HttpRequest head = to(server, target)
                        .method("HEAD", BodyPublishers.noBody())
                        .build();
                assertEquals("", client.send(head, BodyHandlers.ofString()).body());
            }
            assertEquals("later", get(server, "/later").body());
            assertEquals(1, server.opened.size(), "all on one connection");
        }
    }

    @Test
    void sendsBodiesOfKnownAndUnknownLengthWaitingOrNot() throws Exception {
        String body = "0123456789".repeat(20_000);
        HttpProtocol streaming = HttpProtocol.streaming((request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            return (part, same) -> {
                stream.write(part.bytes());
                if (part.isLast()) {
                    stream.end();
                }
            };
        });
        for (HttpProtocol protocol : List.of(HttpProtocol.gathering((HttpHandler) this::answer), streaming)) {
            try (HttpServer server = new HttpServer(protocol, b -> b)) {
                for (boolean waits : new boolean[] {false, true}) {
                    byte[] bytes = body.getBytes();
                    for (HttpRequest.BodyPublisher publisher : List.of(
                            BodyPublishers.ofString(body),
                            BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes)))) {
                        HttpRequest post = to(server, "/echo")
                                .expectContinue(waits && protocol != streaming)
                                .POST(publisher)
                                .build();
                        assertEquals(
                                body, client.send(post, BodyHandlers.ofString()).body());
                    }
                }
                assertEquals(1, server.opened.size(), "all on one connection");
            }
        }
    }

    @Test
    void manyAtOnceInEachTopology() throws Exception {
        for (Topology topology : TestServer.topologies(scheduler)) {
            try (HttpServer server = new HttpServer(this::answer, b -> b.topology(topology))) {
                List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    HttpRequest request = i % 2 == 0
                            ? to(server, "/later").build()
                            : to(server, "/echo")
                                    .POST(BodyPublishers.ofString("body " + i))
                                    .build();
                    all.add(client.sendAsync(request, BodyHandlers.ofString()));
                }
                for (int i = 0; i < all.size(); i++) {
                    String expected = i % 2 == 0 ? "later" : "body " + i;
                    assertEquals(expected, all.get(i).get(20, TimeUnit.SECONDS).body(), topology.toString());
                }
            }
        }
    }
}
