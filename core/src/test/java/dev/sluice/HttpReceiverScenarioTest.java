// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpStreamHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Bodies of requests that come in pieces. */
class HttpReceiverScenarioTest {
    private static final String GO = "HTTP/1.1 100 Continue\r\n\r\n";
    private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

    private static String post(int length, String... fields) {
        StringBuilder head = new StringBuilder("POST / HTTP/1.1\r\nHost: h\r\n");
        head.append(length < 0 ? "Transfer-Encoding: chunked" : "Content-Length: " + length);
        for (String field : fields) {
            head.append("\r\n").append(field);
        }
        return head.append("\r\n\r\n").toString();
    }

    private static String counted(int bytes) {
        return ok(bytes + " bytes");
    }

    /** Counts, and answers with the last piece. */
    private class Counter implements HttpReceiver {
        private int bytes;

        @Override
        public void receive(HttpContent part, HttpReply reply) throws Exception {
            received.incrementAndGet();
            bytes += part.bytes().remaining();
            if (part.isLast()) {
                last(reply);
            }
        }

        void last(HttpReply reply) throws Exception {
            reply.send("text/plain", bytes + " bytes");
        }

        @Override
        public void ended() {
            ended.incrementAndGet();
        }
    }

    private HttpReceiver counter(HttpRequest request, HttpReply reply) {
        return new Counter();
    }

    private static HttpReceiver nobody(HttpRequest request, HttpReply reply) {
        reply.send("text/plain", "no");
        return null;
    }

    private HttpReceiver later(HttpRequest request, HttpReply reply) {
        deferred.add(reply.defer());
        return null;
    }

    private void awaitDeferred() {
        Await.until("it is deferred", () -> !deferred.isEmpty());
    }

    @Test
    void piecesComeAsTheyArriveAndTheLastSaysSo() throws Exception {
        try (HttpServer server = HttpServer.streaming(this::counter);
                Client client = server.client()) {
            client.send(post(6) + "ab");
            Await.until("a piece came", () -> received.get() == 1);
            client.send("cdef" + post(-1) + "3\r\nabc\r\n1\r\nd\r\n0\r\nX: 1\r\n\r\n" + post(0));
            String expected = counted(6) + counted(4) + counted(0);
            assertEquals(expected, client.read(expected));
            client.send(LAST).readAll();
            assertNull(server.opened.get(0).attachment());
        }
        assertEquals(0, ended.get());
    }

    @Test
    void whatWasAttachedIsAttachedAgain() throws Exception {
        HttpStreamHandler handler = (request, reply) -> {
            if (received.get() == 0) {
                reply.connection().attach("mine");
            }
            assertEquals("mine", reply.connection().attachment());
            return new Counter();
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            String expected = counted(2) + counted(2);
            assertEquals(expected, client.send(post(2) + "ab" + post(2) + "cd").read(expected));
        }
    }

    @Test
    void bodiesLargerThanAnythingHeldAreReceived() throws Exception {
        int total = 20_000_000;
        HttpProtocol protocol = HttpProtocol.streaming(this::counter)
                .withLimits(dev.sluice.http.HttpLimits.defaults().withBodyBytes(total));
        try (HttpServer server = new HttpServer(protocol, b -> b);
                Client client = server.client()) {
            client.send(post(total)).send(new byte[total]);
            assertEquals(counted(total), client.read(counted(total)));
        }
    }

    @Test
    void aPausedConnectionKeepsTheClientWaiting() throws Exception {
        AtomicReference<Connection> paused = new AtomicReference<>();
        HttpStreamHandler handler = (request, reply) -> new Counter() {
            @Override
            public void receive(HttpContent part, HttpReply reply) throws Exception {
                super.receive(part, reply);
                if (paused.get() == null) {
                    paused.set(reply.connection());
                    reply.connection().pause();
                }
            }
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            client.send(post(1_000_000)).send(new byte[1_000_000]);
            Await.until("it is paused", () -> paused.get() != null);
            assertEquals(1, received.get());
            paused.get().resume();
            assertEquals(counted(1_000_000), client.read(counted(1_000_000)));
        }
    }

    // ---- replies before the last piece

    @Test
    void aReplyGivenWithTheHeadLeavesBeforeTheBodyAndTheConnectionGoesOn() throws Exception {
        HttpStreamHandler handler = (request, reply) -> {
            reply.send("text/plain", "early");
            return new Counter() {
                @Override
                void last(HttpReply complete) {
                    assertFalse(complete.isOpen());
                }
            };
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            for (int i = 1; i <= 2; i++) {
                assertEquals(ok("early"), client.send(post(4)).read(ok("early")));
                client.send("body");
                int pieces = i;
                Await.until("the body came", () -> received.get() == pieces);
            }
        }
        assertEquals(0, ended.get());
    }

    @Test
    void theLastRequestsBodyIsReceivedThoughItsReplyWasGivenBefore() throws Exception {
        AtomicInteger bytes = new AtomicInteger();
        HttpStreamHandler handler = (request, reply) -> {
            reply.send("text/plain", "early");
            return (part, same) -> bytes.addAndGet(part.bytes().remaining());
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            client.send(post(6, "Connection: close") + "abc").readUntil('l');
            client.send("def");
            assertTrue(client.readAll().endsWith("\r\n\r\nearly"));
        }
        assertEquals(6, bytes.get());
    }

    @Test
    void aDeferredReplyMayBeGivenBeforeAndBehindTheBody() throws Exception {
        for (boolean before : new boolean[] {true, false}) {
            deferred.clear();
            received.set(0);
            HttpStreamHandler handler = (request, reply) -> {
                deferred.add(reply.defer());
                return (part, given) -> received.incrementAndGet();
            };
            try (HttpServer server = HttpServer.streaming(handler);
                    Client client = server.client()) {
                client.send(post(4, "Connection: close") + "bo");
                awaitDeferred();
                if (before) {
                    deferred.get(0).send();
                }
                Await.until("the first piece came", () -> received.get() == 1);
                client.send("dy");
                Await.until("the last piece came", () -> received.get() == 2);
                if (!before) {
                    deferred.get(0).send();
                }
                assertEquals(reply("200 OK", "Connection: close", "Content-Length: 0"), client.readAll());
            }
        }
    }

    @Test
    void theBodyIsSentBackWhileItComes() throws Exception {
        HttpStreamHandler echo = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain", request.contentLength());
            return (part, same) -> {
                stream.write(part.bytes());
                if (part.isLast()) {
                    stream.end();
                }
            };
        };
        try (HttpServer server = HttpServer.streaming(echo);
                Client client = server.client()) {
            client.send(post(8) + "1234");
            String half = reply("200 OK", "Content-Type: text/plain", "Content-Length: 8") + "1234";
            assertEquals(half, client.read(half));
            assertEquals("5678", client.send("5678").read("5678"));
            assertEquals(ok("again"), client.send(post(5) + "again").read(ok("again")));
        }
    }

    // ---- bodies that nobody wants

    @Test
    void aShortBodyThatNobodyWantsIsSkipped() throws Exception {
        try (HttpServer server = HttpServer.streaming(HttpReceiverScenarioTest::nobody);
                Client client = server.client()) {
            String requests = post(100_000) + "x".repeat(100_000) + post(-1) + "2\r\nab\r\n0\r\n\r\n";
            assertEquals(ok("no") + ok("no"), client.send(requests).read(ok("no") + ok("no")));
        }
    }

    @Test
    void aLongBodyThatNobodyWantsEndsTheConnectionBehindTheReply() throws Exception {
        for (boolean isDeferred : new boolean[] {false, true}) {
            deferred.clear();
            HttpStreamHandler handler = isDeferred ? this::later : HttpReceiverScenarioTest::nobody;
            try (HttpServer server = HttpServer.streaming(handler);
                    Client client = server.client()) {
                client.send(post(1_000_000)).send(new byte[300_000]);
                if (isDeferred) {
                    Await.until(
                            "it is paused",
                            () -> server.test.server.readers().get(0).paused() == 1);
                    deferred.get(0).send("text/plain", "no");
                }
                assertEquals(ok("no"), client.readAll());
            }
        }
    }

    // ---- 100-continue

    @Test
    void aReceiverHasTheClientToldToGoOn() throws Exception {
        try (HttpServer server = HttpServer.streaming(this::counter);
                Client client = server.client()) {
            assertEquals(GO, client.send(post(4, "Expect: 100-continue")).read(GO));
            assertEquals(counted(4), client.send("body").read(counted(4)));
        }
    }

    @Test
    void aClientThatIsNotToldToGoOnIsNotWaitedFor() throws Exception {
        for (boolean isDeferred : new boolean[] {false, true}) {
            deferred.clear();
            HttpStreamHandler handler = isDeferred ? this::later : HttpReceiverScenarioTest::nobody;
            try (HttpServer server = HttpServer.streaming(handler);
                    Client client = server.client()) {
                client.send(post(4, "Expect: 100-continue"));
                if (isDeferred) {
                    awaitDeferred();
                    deferred.get(0).send("text/plain", "no");
                }
                String expected =
                        reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 2") + "no";
                assertEquals(expected, client.readAll());
            }
        }
    }

    @Test
    void aReceiverDoesNotWaitForAClientThatIsNotToldToGoOn() throws Exception {
        for (boolean isDeferred : new boolean[] {false, true}) {
            deferred.clear();
            ended.set(0);
            HttpStreamHandler handler = (request, reply) -> {
                HttpReply given = isDeferred ? reply.defer() : reply;
                deferred.add(given);
                if (!isDeferred) {
                    given.send("text/plain", "no");
                }
                return new Counter();
            };
            try (HttpServer server = HttpServer.streaming(handler);
                    Client client = server.client()) {
                client.send(post(4, "Expect: 100-continue"));
                if (isDeferred) {
                    awaitDeferred();
                    deferred.get(0).send("text/plain", "no");
                }
                String expected =
                        reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 2") + "no";
                assertEquals(expected, client.readAll());
                client.close();
                Await.until("the receiver is told", () -> ended.get() == 1);
            }
        }
    }

    @Test
    void whetherToGoOnMayBeDecidedLater() throws Exception {
        AtomicInteger bytes = new AtomicInteger();
        HttpStreamHandler handler = (request, reply) -> {
            deferred.add(reply.defer());
            return (part, given) -> bytes.addAndGet(part.bytes().remaining());
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            client.send(post(4, "Expect: 100-continue"));
            awaitDeferred();
            deferred.get(0).sendContinue();
            assertEquals(GO, client.read(GO));
            client.send("body");
            Await.until("the body came", () -> bytes.get() == 4);
            deferred.get(0).send("text/plain", "yes");
            assertEquals(ok("yes"), client.read(ok("yes")));
        }
    }

    // ---- what goes wrong

    @Test
    void aReceiverWhoseClientGoesIsTold() throws Exception {
        try (HttpServer server = HttpServer.streaming(this::counter);
                Client client = server.client()) {
            client.send(post(4) + "bo");
            Await.until("a piece came", () -> received.get() == 1);
            client.reset();
            Await.until("it is told", () -> ended.get() == 1);
        }
        assertEquals(1, ended.get());
    }

    @Test
    void aReceiverThatThrowsIsAnsweredForWith500() throws Exception {
        HttpStreamHandler handler = (request, reply) -> new Counter() {
            @Override
            void last(HttpReply reply) {
                throw new IllegalStateException("deliberate");
            }
        };
        try (HttpServer server = HttpServer.streaming(handler);
                Client client = server.client()) {
            String got = client.send(post(4) + "body" + LAST).readAll();
            assertTrue(got.startsWith("HTTP/1.1 500 ") && got.endsWith("\r\n\r\nInternal Server Error\n"), got);
            client.close();
            assertEquals(CloseReason.Kind.HANDLER_FAILED, server.reason().kind());
            Await.until("it is told", () -> ended.get() == 1);
        }
    }

    @Test
    void whoForgetsToReplyIsAnsweredForWith500() throws Exception {
        for (HttpStreamHandler handler : List.<HttpStreamHandler>of(
                (request, reply) -> null, (request, reply) -> (part, same) -> received.incrementAndGet())) {
            for (String request : List.of(post(4) + "body", post(0))) {
                try (HttpServer server = HttpServer.streaming(handler);
                        Client client = server.client()) {
                    assertTrue(client.send(request).readAll().startsWith("HTTP/1.1 500 "));
                }
            }
        }
    }

    @Test
    void aBodyThatBreaksTheFormatIsRefusedOnlyWhereNoReplyWasGiven() throws Exception {
        String broken = post(-1) + "2\r\nab\r\nnot a size\r\n";
        try (HttpServer server = HttpServer.streaming(this::counter);
                Client client = server.client()) {
            assertTrue(client.send(broken).readAll().startsWith("HTTP/1.1 400 "));
            client.close();
            assertEquals(CloseReason.Kind.BAD_FRAME, server.reason().kind());
            Await.until("it is told", () -> ended.get() == 1);
        }
        try (HttpServer server = HttpServer.streaming(HttpReceiverScenarioTest::nobody);
                Client client = server.client()) {
            assertEquals(ok("no"), client.send(broken).readAll());
        }
        try (HttpServer server = HttpServer.streaming(this::later);
                Client client = server.client()) {
            client.send(broken);
            awaitDeferred();
            deferred.get(0).send("text/plain", "no");
            assertEquals(ok("no"), client.readAll());
        }
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsToldSo() throws Exception {
        Deadlines deadlines =
                Deadlines.defaults().withFrame(Duration.ofMillis(50)).withLinger(Duration.ofMillis(50));
        try (HttpServer server = new HttpServer(HttpProtocol.streaming(this::counter), b -> b.deadlines(deadlines));
                Client client = server.client()) {
            assertTrue(client.send(post(4) + "bo").readAll().startsWith("HTTP/1.1 408 "));
            Await.until("it is told", () -> ended.get() == 1);
        }
    }

    // ---- topologies

    @Test
    void aBodyOfManyPiecesDoesNotFillTheQueueBehindItsReply() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        HttpStreamHandler echo = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain", request.contentLength());
            return (part, same) -> {
                received.incrementAndGet();
                stream.write(part.bytes());
                if (part.isLast()) {
                    stream.end();
                }
            };
        };
        Limits limits = Limits.defaults().withRepliesInFlight(2);
        try (HttpServer server =
                        new HttpServer(HttpProtocol.streaming(echo), b -> b.topology(Topology.workers(1, workers))
                                .limits(limits));
                Client client = server.client()) {
            client.send(post(20));
            for (int i = 1; i <= 20; i++) {
                client.send("x");
                int pieces = i;
                Await.until("the piece came", () -> received.get() == pieces);
            }
            assertEquals(ok("x".repeat(20)), client.read(ok("x".repeat(20))));
        } finally {
            workers.shutdown();
        }
    }

    @Test
    void bodiesAreReceivedInEachTopology() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            for (Topology topology : TestServer.topologies(workers)) {
                HttpStreamHandler handler = (request, reply) -> {
                    boolean closes = !request.isKeepAlive();
                    return new Counter() {
                        private final StringBuilder all = new StringBuilder();

                        @Override
                        public void receive(HttpContent part, HttpReply reply) throws Exception {
                            all.append(text(part.bytes()));
                            super.receive(part, reply);
                        }

                        @Override
                        void last(HttpReply reply) {
                            if (closes) {
                                HttpReply later = reply.defer();
                                workers.execute(() -> later.send("text/plain", all.toString()));
                            } else {
                                reply.send("text/plain", all.toString());
                            }
                        }
                    };
                };
                ended.set(0);
                try (HttpServer server = new HttpServer(HttpProtocol.streaming(handler), b -> b.topology(topology));
                        Client client = server.client();
                        Client gone = server.client()) {
                    gone.send(post(4) + "bo");
                    for (int i = 0; i < 20; i++) {
                        client.send(post(6) + "ab")
                                .send("cd")
                                .send("ef" + post(-1) + "1\r\n")
                                .send("x\r\n0\r\n\r\n");
                        assertEquals(ok("abcdef") + ok("x"), client.read(ok("abcdef") + ok("x")), topology.toString());
                    }
                    String last =
                            client.send(post(4, "Connection: close") + "body").readAll();
                    assertTrue(last.endsWith("\r\n\r\nbody"), topology + ": " + last);
                    gone.reset();
                    Await.until("it is told", () -> ended.get() == 1);
                }
            }
        } finally {
            workers.shutdown();
        }
    }
}
