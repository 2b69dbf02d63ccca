// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyFields;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, byte for byte, where bodies are gathered. */
class HttpScenarioTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

    private static String get(String target, String... fields) {
        return request("GET", target, "HTTP/1.1", fields);
    }

    private static String request(String method, String target, String version, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + target + " " + version + "\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private static HttpHandler text(String text) {
        return (request, reply) -> reply.send("text/plain", text);
    }

    /** All that comes until the server ends the connection, which it does behind these requests. */
    private static String all(HttpHandler handler, String requests) throws Exception {
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            String got = client.send(requests).readAll();
            assertNull(server.opened.get(0).attachment());
            return got;
        }
    }

    // ---- replies

    @Test
    void aReplyHasDateTypeFieldsAndLength() throws Exception {
        HttpReplyFields block = HttpReplyFields.of("Server", "s").and("X", "1");
        HttpHandler handler = (request, reply) -> reply.status(201)
                .field("Location", "/x")
                .fields(block)
                .field("X", "2")
                .send("text/plain; charset=utf-8", "h\u00e9\n");
        assertEquals(
                reply(
                                "201 Created",
                                "Connection: close",
                                "Content-Type: text/plain; charset=utf-8",
                                "Location: /x",
                                "Server: s",
                                "X: 1",
                                "X: 2",
                                "Content-Length: 4")
                        + "h\u00c3\u00a9\n",
                all(handler, LAST));
    }

    /** Each pass of a loop has one time; a clock that jumps at each look shows it. */
    @Test
    void repliesOfOnePassHaveOneDateAndThoseOfTheNextALaterOne() throws Exception {
        AtomicLong seconds = new AtomicLong();
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send())
                .withClock(() -> 1000 * seconds.incrementAndGet());
        try (TestServer test = new TestServer(protocol, builder -> builder);
                Client client = new Client(test.server)) {
            client.send(GET + GET + GET);
            for (int i = 0; i < 3; i++) {
                assertEquals(answerAt(1), client.read(answerAt(1)));
            }
            client.send(GET);
            assertEquals(answerAt(2), client.read(answerAt(2)));
        }
    }

    private static String answerAt(int second) {
        return "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:0" + second + " GMT\r\nContent-Length: 0\r\n\r\n";
    }

    @Test
    void nothingOfAReplyIsInTheNext() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.targetIs("/1")) {
                reply.status(404).field("X", "1").send("text/html", "none");
            } else {
                reply.send();
            }
        };
        assertEquals(
                reply("404 Not Found", "Content-Type: text/html", "X: 1", "Content-Length: 4")
                        + "none"
                        + reply("200 OK", "Connection: close", "Content-Length: 0"),
                all(handler, get("/1") + get("/2", "Connection: close")));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 206, 301, 400, 418, 451, 500, 599})
    void statusesOfEachClassHaveALength(int status) throws Exception {
        String got = all((request, reply) -> reply.status(status).send(null, bytes("body")), LAST);
        assertTrue(got.startsWith("HTTP/1.1 " + status + " "), got);
        assertTrue(got.endsWith("\r\nContent-Length: 4\r\n\r\nbody"), got);
        assertFalse(got.contains("Content-Type"), got);
    }

    @Test
    void aStatusWithoutAPhraseHasItsSpace() throws Exception {
        String got = all((request, reply) -> reply.status(299).send(), LAST);
        assertTrue(got.startsWith("HTTP/1.1 299 \r\nDate"), got);
    }

    @ParameterizedTest
    @ValueSource(strings = {"204 No Content", "304 Not Modified"})
    void statusesWithoutABodySayNothingOfOne(String status) throws Exception {
        int code = Integer.parseInt(status.substring(0, 3));
        HttpHandler handler = (request, reply) -> {
            reply.status(code).field("ETag", "\"1\"");
            assertThrows(IllegalArgumentException.class, () -> reply.send("text/plain", "body"));
            assertThrows(IllegalArgumentException.class, () -> reply.stream("text/plain"));
            reply.send("text/plain", "");
        };
        assertEquals(reply(status, "Connection: close", "ETag: \"1\""), all(handler, LAST));
    }

    @Test
    void resetContentHasALengthOfZero() throws Exception {
        HttpHandler handler = (request, reply) -> {
            reply.status(205);
            assertThrows(IllegalArgumentException.class, () -> reply.send("text/plain", "body"));
            reply.send();
        };
        assertEquals(reply("205 Reset Content", "Connection: close", "Content-Length: 0"), all(handler, LAST));
    }

    @Test
    void headGetsTheSameFieldsAndNoBody() throws Exception {
        assertEquals(
                reply("200 OK", "Content-Type: text/plain", "Content-Length: 5") + ok("hello"),
                all(
                                (request, reply) -> {
                                    if (request.method().equals("GET")) {
                                        reply.thenClose();
                                    }
                                    reply.send("text/plain", "hello");
                                },
                                request("HEAD", "/", "HTTP/1.1") + GET)
                        .replace("Connection: close\r\n", ""));
    }

    @Test
    void wrongStatusesFieldsAndTypesAreRefusedAndTheReplyStaysOpen() throws Exception {
        HttpHandler handler = (request, reply) -> {
            assertThrows(IllegalArgumentException.class, () -> reply.status(100));
            assertThrows(IllegalArgumentException.class, () -> reply.status(600));
            assertThrows(IllegalArgumentException.class, () -> reply.field("X", "a\r\nb"));
            assertThrows(IllegalArgumentException.class, () -> reply.field("Content-Length", "1"));
            assertThrows(IllegalArgumentException.class, () -> reply.send("a\nb", "text"));
            assertThrows(IllegalArgumentException.class, () -> reply.stream("text/plain", -1));
            assertTrue(reply.isOpen());
            reply.thenClose().send("text/plain", "fine");
            assertFalse(reply.isOpen());
            assertThrows(IllegalStateException.class, reply::send);
        };
        assertTrue(all(handler, GET).endsWith("\r\n\r\nfine"));
    }

    @Test
    void fieldsOfManyKilobytesAreSent() throws Exception {
        String value = "v".repeat(60_000);
        String got = all((request, reply) -> reply.field("X", value).send("text/plain", "t"), LAST);
        assertTrue(got.contains("\r\nX: " + value + "\r\nContent-Length: 1\r\n\r\nt"));
    }

    @Test
    void bodiesOfMegabytesAreSent() throws Exception {
        String body = "b".repeat(3_000_000);
        for (HttpHandler handler : List.<HttpHandler>of(
                (request, reply) -> reply.send(null, body), (request, reply) -> reply.send(null, bytes(body)))) {
            try (HttpServer server = new HttpServer(
                            handler, b -> b.limits(Limits.defaults().withOutboundBytes(8 << 20)));
                    Client client = server.client()) {
                String got = client.send(LAST).readAll();
                assertEquals(body, got.substring(got.indexOf("\r\n\r\n") + 4));
            }
        }
    }

    @Test
    void connectGetsNoTunnel() throws Exception {
        HttpHandler handler = (request, reply) -> {
            assertThrows(IllegalArgumentException.class, reply::send);
            reply.status(405).send();
        };
        assertEquals(
                reply("405 Method Not Allowed", "Connection: close", "Content-Length: 0"),
                all(handler, "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n" + GET));
    }

    // ---- connections

    @Test
    void aConnectionGoesOnBehindAReply() throws Exception {
        try (HttpServer server = new HttpServer(text("hello"));
                Client client = server.client()) {
            for (int i = 0; i < 3; i++) {
                assertEquals(ok("hello"), client.send(GET).read(ok("hello")));
            }
            client.endOutput();
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, server.reason().kind());
        }
    }

    @Test
    void requestsSentAtOnceAreAnsweredInOrder() throws Exception {
        HttpHandler echo = (request, reply) -> reply.send("text/plain", request.target());
        StringBuilder requests = new StringBuilder();
        StringBuilder replies = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            requests.append(get("/" + i));
            replies.append(ok("/" + i));
        }
        try (HttpServer server = new HttpServer(echo);
                Client client = server.client()) {
            assertEquals(replies.toString(), client.send(requests.toString()).read(replies.toString()));
        }
    }

    @Test
    void nothingBehindTheLastRequestIsAnswered() throws Exception {
        assertEquals(
                ok("hello") + reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 5")
                        + "hello",
                all(text("hello"), GET + LAST + GET));
    }

    @Test
    void aHandlerMayEndTheConnection() throws Exception {
        assertEquals(
                reply("200 OK", "Connection: close", "Content-Length: 0"),
                all((request, reply) -> reply.thenClose().send(), GET + GET));
    }

    @Test
    void inHttp10AConnectionEndsUnlessItIsToGoOn() throws Exception {
        String keptAlive = request("GET", "/", "HTTP/1.0", "Connection: keep-alive");
        assertEquals(
                reply("200 OK", "Connection: keep-alive", "Content-Length: 0")
                        + reply("200 OK", "Connection: close", "Content-Length: 0"),
                all((request, reply) -> reply.send(), keptAlive + request("GET", "/", "HTTP/1.0") + keptAlive));
    }

    @Test
    void theLastReplyWaitsForThoseBeforeIt() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.targetIs("/later")) {
                deferred.add(reply.defer());
            } else {
                reply.send("text/plain", "now");
                deferred.add(null);
            }
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            client.send(get("/later") + LAST);
            Await.until("both are handled", () -> deferred.size() == 2);
            assertTrue(server.opened.get(0).isOpen());
            deferred.get(0).status(202).send();
            assertTrue(client.readAll().matches("(?s)HTTP/1.1 202 .*Content-Length: 0\r\n\r\nHTTP/1.1 200 .*now"));
        }
    }

    // ---- deferred

    @Test
    void repliesDeferredAndGivenByManyThreadsLeaveInOrder() throws Exception {
        int requests = 100;
        try (HttpServer server = new HttpServer((request, reply) -> {
                    reply.field("For", request.target());
                    deferred.add(reply.defer());
                    assertThrows(IllegalStateException.class, reply::send);
                });
                Client client = server.client()) {
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < requests; i++) {
                client.send(get("/" + i));
                expected.append(reply("200 OK", "For: /" + i, "Content-Length: 0"));
            }
            Await.until("all are deferred", () -> deferred.size() == requests);
            List<HttpReply> shuffled = new ArrayList<>(deferred);
            Collections.shuffle(shuffled, new Random(1));
            ExecutorService threads = Executors.newFixedThreadPool(4);
            shuffled.forEach(reply -> threads.execute(reply::send));
            assertEquals(expected.toString(), client.read(expected.toString()));
            threads.shutdown();
        }
    }

    @Test
    void theLastReplyDeferredPausesTheConnectionAndEndsIt() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(LAST + GET);
            Await.until(
                    "it is deferred and paused",
                    () -> server.test.server.readers().get(0).paused() == 1);
            deferred.get(0).send();
            assertEquals(reply("200 OK", "Connection: close", "Content-Length: 0"), client.readAll());
            assertEquals(1, deferred.size());
            client.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, server.reason().kind());
        }
    }

    @Test
    void aReplyKeptBeyondItsCallIsRefused() throws Exception {
        AtomicReference<HttpReply> kept = new AtomicReference<>();
        all(
                (request, reply) -> {
                    kept.set(reply);
                    reply.send();
                },
                LAST);
        assertThrows(IllegalStateException.class, () -> kept.get().send());
        assertFalse(kept.get().isOpen());
    }

    /** Threads that have not deferred it are told so before they change what the Reader sends, to this client or the next. */
    @Test
    void anotherThreadChangesNothingOfAReplyThatWasNotDeferred() throws Exception {
        List<Consumer<HttpReply>> uses = List.of(
                reply -> reply.status(201),
                reply -> reply.field("Set-Cookie", "a=b"),
                HttpReply::thenClose,
                reply -> reply.send("text/html", "theirs"),
                reply -> reply.send("text/html", bytes("theirs")),
                reply -> reply.sendError(404, "theirs"),
                HttpReply::send,
                HttpReply::defer,
                reply -> reply.stream("text/html"));
        List<Throwable> told = new CopyOnWriteArrayList<>();
        HttpHandler handler = (request, reply) -> {
            Thread other = new Thread(() -> {
                for (Consumer<HttpReply> use : uses) {
                    told.add(assertThrows(IllegalStateException.class, () -> use.accept(reply)));
                }
            });
            other.start();
            other.join();
            reply.send("text/plain", "ours");
        };
        String ours = ok("ours");
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            assertEquals(ours, client.send(GET).read(ours));
        }
        assertEquals(uses.size(), told.size());
        assertTrue(told.get(0).getMessage().contains("defer()"), told.get(0)::getMessage);
    }

    // ---- 100-continue

    @Test
    void aClientThatWaitsIsToldToGoOn() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> reply.send("text/plain", request.body()));
                Client client = server.client()) {
            client.send(request("POST", "/", "HTTP/1.1", "Content-Length: 4", "Expect: 100-continue"));
            String go = "HTTP/1.1 100 Continue\r\n\r\n";
            assertEquals(go, client.read(go));
            assertEquals(ok("body"), client.send("body").read(ok("body")));
        }
    }

    @Test
    void aClientThatDoesNotWaitIsNotKeptFromIt() throws Exception {
        String expecting = request("POST", "/", "HTTP/1.1", "Content-Length: 4", "Expect: 100-continue") + "body";
        String got = all((request, reply) -> reply.send("text/plain", request.body()), expecting + LAST);
        assertTrue(got.startsWith("HTTP/1.1 100 Continue\r\n\r\n" + ok("body")), got);
    }

    // ---- errors

    @Test
    void aHandlerThatThrowsIsAnsweredForWith500() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> {
                    reply.status(201).field("X", "1");
                    throw new IOException("deliberate");
                });
                Client client = server.client()) {
            String text = "Internal Server Error\n";
            assertEquals(
                    reply(
                                    "500 Internal Server Error",
                                    "Connection: close",
                                    "Content-Type: text/plain",
                                    "Content-Length: " + text.length())
                            + text,
                    client.send(GET + GET).readAll());
            client.close();
            assertEquals(CloseReason.Kind.HANDLER_FAILED, server.reason().kind());
        }
    }

    @Test
    void aHandlerThatThrowsBehindItsReplyHasReplied() throws Exception {
        for (String request : List.of(GET, LAST)) {
            try (HttpServer server = new HttpServer((r, reply) -> {
                        reply.send();
                        throw new StackOverflowError("deliberate");
                    });
                    Client client = server.client()) {
                String got = client.send(request).readAll();
                assertTrue(got.startsWith("HTTP/1.1 200") && got.endsWith("Content-Length: 0\r\n\r\n"), got);
                client.close();
                assertEquals(CloseReason.Kind.HANDLER_FAILED, server.reason().kind());
            }
        }
    }

    @Test
    void aHandlerThatForgetsToReplyIsAnsweredForWith500() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> {});
                Client client = server.client()) {
            assertTrue(client.send(GET).readAll().startsWith("HTTP/1.1 500 "));
            client.close();
            CloseReason.HandlerFailed reason = (CloseReason.HandlerFailed) server.reason();
            assertTrue(reason.cause().getMessage().contains("without a reply"));
        }
    }

    @Test
    void badRequestsAreAnsweredWithTheirStatus() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10).withRequestLineBytes(64);
        String[][] cases = {
            {"GET /\r\n\r\n", "400 Bad Request"},
            {get("/", "Content-Length: 11"), "413 Content Too Large"},
            {get("/" + "x".repeat(80)), "414 URI Too Long"},
            {get("/", "Expect: miracle"), "417 Expectation Failed"},
            {get("/", "X: " + "x".repeat(9000)), "431 Request Header Fields Too Large"},
            {get("/", "Transfer-Encoding: gzip, chunked"), "501 Not Implemented"},
            {"GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"},
        };
        for (String[] each : cases) {
            HttpProtocol protocol = HttpProtocol.gathering(text("hello")).withLimits(limits);
            try (HttpServer server = new HttpServer(protocol, b -> b);
                    Client client = server.client()) {
                String got = client.send(GET + each[0]).readAll();
                String refusal = got.substring(ok("hello").length());
                String start = "HTTP/1.1 " + each[1] + "\r\n" + HttpServer.DATE
                        + "Connection: close\r\nContent-Type: text/plain\r\n";
                assertEquals(start, refusal.substring(0, Math.min(refusal.length(), start.length())));
                String body = refusal.substring(refusal.indexOf("\r\n\r\n") + 4);
                assertTrue(refusal.contains("Content-Length: " + body.length() + "\r\n"), refusal);
                assertEquals(body.length() - 1, body.indexOf('\n'), "one line");
                client.close();
                assertEquals(CloseReason.Kind.BAD_FRAME, server.reason().kind());
            }
        }
    }

    @Test
    void aStreamThatEndsInsideARequestIsABadOne() throws Exception {
        try (HttpServer server = new HttpServer(text("hello"));
                Client client = server.client()) {
            client.send(get("/", "Content-Length: 3") + "ab").endOutput();
            assertTrue(client.readAll().startsWith("HTTP/1.1 400 Bad Request\r\n"));
        }
    }

    @Test
    void aRequestThatDoesNotComeInTimeIsToldSo() throws Exception {
        Deadlines deadlines =
                Deadlines.defaults().withFrame(Duration.ofMillis(50)).withFirstByte(Duration.ofMillis(50));
        try (HttpServer server = new HttpServer(text("hello"), b -> b.deadlines(deadlines));
                Client silent = server.client();
                Client slow = server.client()) {
            String got = slow.send(GET + "GET / HTTP").readAll();
            assertTrue(got.startsWith(ok("hello") + "HTTP/1.1 408 Request Timeout\r\n"), got);
            assertEquals("", silent.readAll());
        }
    }

    @Test
    void aClientForWhomThereIsNoRoomIsToldWhenToComeAgain() throws Exception {
        try (HttpServer server = new HttpServer(
                        text("hello"),
                        b -> b.limits(Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE)));
                Client first = server.client()) {
            first.send(GET).read(ok("hello"));
            try (Client second = server.client()) {
                String got = second.readAll();
                assertTrue(got.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), got);
                assertTrue(got.contains("\r\nRetry-After: 1\r\n"), got);
            }
        }
    }

    // ---- drain and topologies

    @Test
    void whileTheServerDrainsRepliesEndTheirConnection() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> deferred.add(reply.defer()));
                Client busy = server.client();
                Client idle = server.client()) {
            idle.send(GET);
            Await.until("it is deferred", () -> deferred.size() == 1);
            deferred.get(0).send();
            idle.read(reply("200 OK", "Content-Length: 0"));
            busy.send(GET);
            Await.until("it is deferred", () -> deferred.size() == 2);
            var drained = server.test.server.beginDrain(Duration.ofSeconds(4));
            assertEquals("", idle.readAll());
            Await.until("it was told", () -> deferred.get(1).connection().isDraining());
            deferred.get(1).send();
            assertEquals(reply("200 OK", "Connection: close", "Content-Length: 0"), busy.readAll());
            assertEquals(0, drained.get().forced());
        }
    }

    @Test
    void requestsAreAnsweredInEachTopology() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            for (Topology topology : TestServer.topologies(workers)) {
                HttpHandler handler = (request, reply) -> {
                    switch (request.target()) {
                        case "/defer" -> {
                            HttpReply later = reply.defer();
                            workers.execute(() -> later.send("text/plain", "later"));
                        }
                        case "/throw" -> throw new IllegalStateException("deliberate");
                        default -> reply.send("text/plain", request.body());
                    }
                };
                String post = request("POST", "/", "HTTP/1.1", "Content-Length: 4") + "body";
                try (HttpServer server = new HttpServer(handler, b -> b.topology(topology));
                        Client client = server.client();
                        Client other = server.client()) {
                    String expected = ok("body") + ok("later") + ok("body");
                    assertEquals(
                            expected, client.send(post + get("/defer") + post).read(expected), topology.toString());
                    assertTrue(client.send(get("/throw")).readAll().startsWith("HTTP/1.1 500 "), topology.toString());
                    assertTrue(other.send(LAST).readAll().endsWith("Content-Length: 0\r\n\r\n"), topology.toString());
                }
            }
        } finally {
            workers.shutdown();
        }
    }

    @Test
    void textsTypesAndFieldsOfAllSizesLeaveWhole() throws Exception {
        HttpHandler handler = (request, reply) -> {
            int size = Integer.parseInt(request.field("size"));
            reply.field("F", "f".repeat(size));
            reply.send("t/" + "t".repeat(size), "x".repeat(size));
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            for (int size = 0; size < 6000; size += 1 + size / 9) {
                client.send(get("/", "Size: " + size));
                String type = "Content-Type: t/" + "t".repeat(size);
                String head = reply("200 OK", type, "F: " + "f".repeat(size), "Content-Length: " + size);
                String expected = head + "x".repeat(size);
                assertEquals(expected, client.read(expected));
            }
        }
    }
}
