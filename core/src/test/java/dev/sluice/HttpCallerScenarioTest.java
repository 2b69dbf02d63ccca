// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.http.HttpResponse;
import dev.sluice.http.HttpResponseHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Requests that a client sends, and what it is told of the responses. */
class HttpCallerScenarioTest {
    private static final HttpRequestHead GET = HttpRequestHead.of("GET", "/", "h");

    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>(); // texts and reasons

    /** Notes all that it is told. */
    private final class Noted implements HttpResponseHandler {
        private final String name;

        Noted(String name) {
            this.name = name;
        }

        @Override
        public void response(HttpResponse response) {
            told.add(name + " " + response.status() + " " + text(response.body()));
        }

        @Override
        public void content(HttpContent part) {
            told.add(name + " part " + text(part.bytes()) + (part.isLast() ? " last" : ""));
        }

        @Override
        public void interim(HttpResponse response) {
            told.add(name + " interim " + response.status());
        }

        @Override
        public void failed(CloseReason reason) {
            told.add(reason);
        }
    }

    private Object next() throws InterruptedException {
        return told.poll(20, TimeUnit.SECONDS);
    }

    private void answer(HttpRequest request, HttpReply reply) {
        switch (request.target()) {
            case "/echo" -> reply.send("text/plain", request.body());
            case "/none" -> reply.status(204).send();
            case "/close" -> reply.thenClose().send("text/plain", "bye");
            case "/chunks" -> {
                HttpReplyStream stream = reply.stream("text/plain");
                stream.write(bytes("one"));
                stream.write(bytes("two"));
                stream.end();
            }
            default -> reply.send("text/plain", request.method() + " " + request.target());
        }
    }

    private interface Steps {
        void run(HttpCaller caller) throws Exception;
    }

    private void with(HttpClientProtocol protocol, Steps steps) throws Exception {
        try (TestServer server = new TestServer(HttpProtocol.gathering(this::answer), builder -> builder)) {
            with(server, protocol, builder -> builder, steps);
        }
    }

    private void with(
            TestServer server, HttpClientProtocol protocol, UnaryOperator<Connector.Builder> configuration, Steps steps)
            throws Exception {
        try (Connector connector = configuration
                .apply(Connector.builder(protocol).poisonBuffers(true))
                .start()) {
            steps.run(HttpCaller.of(
                    connector.connect(null, server.server.address(), "mine").get()));
        }
    }

    /** A server that sends exactly this to each piece that it gets. */
    private static TestServer saying(String... answers) throws Exception {
        return new TestServer(
                new DuplexProtocol<ByteBuffer>() {
                    private int next;

                    @Override
                    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
                        return new RawFramer(maxFrameBytes);
                    }

                    @Override
                    public void received(ByteBuffer frame, Connection connection) {
                        if (next < answers.length) {
                            connection.send(bytes(answers[next++]));
                        }
                        if (next == answers.length) {
                            connection.close();
                        }
                    }
                },
                builder -> builder);
    }

    // ---- responses

    @Test
    void eachRequestGetsItsResponse() throws Exception {
        with(HttpClientProtocol.gathering(), caller -> {
            assertEquals("mine", caller.attachment());
            assertTrue(caller.send(GET, new Noted("a")));
            assertTrue(caller.send(HttpRequestHead.of("HEAD", "/x", "h"), new Noted("b")));
            assertTrue(caller.send(HttpRequestHead.of("POST", "/echo", "h"), bytes("body"), new Noted("c")));
            assertTrue(caller.send(HttpRequestHead.of("POST", "/echo", "h"), new Noted("d")));
            assertTrue(caller.send(HttpRequestHead.of("GET", "/none", "h"), new Noted("e")));
            assertTrue(caller.send(HttpRequestHead.of("GET", "/chunks", "h"), new Noted("f")));
            assertEquals("a 200 GET /", next());
            assertEquals("b 200 ", next());
            assertEquals("c 200 body", next());
            assertEquals("d 200 ", next());
            assertEquals("e 204 ", next());
            assertEquals("f 200 onetwo", next());
            Await.until("all are answered", () -> caller.unanswered() == 0);
        });
    }

    @Test
    void bodiesComeInPiecesWhereTheyAreStreamed() throws Exception {
        with(HttpClientProtocol.streaming(), caller -> {
            caller.send(HttpRequestHead.of("GET", "/chunks", "h"), new Noted("a"));
            caller.send(HttpRequestHead.of("HEAD", "/chunks", "h"), new Noted("b"));
            caller.send(HttpRequestHead.of("POST", "/echo", "h"), bytes(""), new Noted("c"));
            assertEquals("a 200 ", next());
            StringBuilder body = new StringBuilder();
            for (Object part = next(); ; part = next()) {
                body.append(((String) part).substring("a part ".length()));
                if (body.toString().endsWith(" last")) {
                    break;
                }
            }
            assertEquals("onetwo last", body.toString());
            assertEquals("b 200 ", next());
            assertEquals("c 200 ", next());
        });
    }

    @Test
    void manyThreadsSendOnOneConnection() throws Exception {
        int each = 200;
        with(HttpClientProtocol.gathering(), caller -> {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                String name = "/" + t + "/";
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        String target = name + i;
                        HttpRequestHead head = HttpRequestHead.of(i % 3 == 0 ? "HEAD" : "GET", target, "h");
                        String body = i % 3 == 0 ? "" : "GET " + target;
                        assertTrue(caller.send(
                                head, response -> told.add(text(response.body()).equals(body))));
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            for (int i = 0; i < 4 * each; i++) {
                assertEquals(true, next());
            }
        });
    }

    @Test
    void callsOnWorkersAreInOrder() throws Exception {
        int number = 500;
        ExecutorService workers = Executors.newFixedThreadPool(4);
        try (TestServer server = new TestServer(
                HttpProtocol.gathering(this::answer), builder -> builder.topology(Topology.workers(1, workers)))) {
            Connector connector = server.server.connector(HttpClientProtocol.gathering());
            HttpCaller caller =
                    HttpCaller.of(connector.connect(server.server.address()).get());
            for (int i = 0; i < number; i++) {
                int n = i;
                caller.send(GET, response -> told.add(n));
            }
            for (int i = 0; i < number; i++) {
                assertEquals(i, next());
            }
        } finally {
            workers.shutdown();
        }
    }

    // ---- ends

    @Test
    void behindALastResponseTheConnectionEnds() throws Exception {
        with(HttpClientProtocol.gathering(), caller -> {
            caller.connection().pause(); // until both are on their way
            caller.send(HttpRequestHead.of("GET", "/close", "h"), new Noted("a"));
            caller.send(GET, new Noted("b"));
            caller.connection().resume();
            assertEquals("a 200 bye", next());
            assertInstanceOf(CloseReason.class, next());
            Await.until("it is closed", () -> !caller.connection().isOpen());
            assertFalse(caller.send(GET, new Noted("c")));
            assertEquals(0, caller.unanswered());
        });
    }

    @Test
    void noRequestIsAcceptedBehindALastResponse() throws Exception {
        with(HttpClientProtocol.gathering(), caller -> {
            caller.send(HttpRequestHead.of("GET", "/close", "h"), response -> {
                told.add(caller.send(GET, new Noted("b")));
                assertTrue(caller.connection().isOpen(), "it is closed behind this call");
            });
            assertEquals(false, next());
            Await.until("it is closed", () -> !caller.connection().isOpen());
            assertEquals(0, caller.unanswered());
        });
        assertTrue(told.isEmpty(), told::toString);
    }

    @Test
    void aRequestCanBeTheLast() throws Exception {
        with(HttpClientProtocol.gathering(), caller -> {
            caller.connection().pause(); // until all are on their way
            caller.send(GET.thenClose(), new Noted("a"));
            assertFalse(caller.send(GET, new Noted("b")));
            caller.connection().resume();
            assertEquals("a 200 GET /", next());
            Await.until("it is closed", () -> !caller.connection().isOpen());
        });
    }

    @Test
    void aBodyUntilTheEndIsWhole() throws Exception {
        try (TestServer server = saying("HTTP/1.0 200 OK\r\n\r\nall of it")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.send(GET, new Noted("a"));
                assertEquals("a 200 all of it", next());
            });
        }
    }

    @Test
    void whoIsCutShortFails() throws Exception {
        try (TestServer server = saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.connection().pause();
                caller.send(GET, new Noted("a"));
                caller.send(GET, new Noted("b"));
                caller.connection().resume();
                assertInstanceOf(CloseReason.BadFrame.class, next());
                assertInstanceOf(CloseReason.BadFrame.class, next());
            });
        }
    }

    @Test
    void aServerThatEndsWithoutAWordFailsTheRequest() throws Exception {
        try (TestServer server = saying("")) {
            with(server, HttpClientProtocol.streaming(), b -> b, caller -> {
                caller.send(GET, new Noted("a"));
                assertInstanceOf(CloseReason.BadFrame.class, next());
            });
        }
    }

    @Test
    void whatNobodyAskedForEndsTheConnection() throws Exception {
        String ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        try (TestServer server = saying(ok + ok, "")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.send(GET, new Noted("a"));
                assertEquals("a 200 ", next());
                Await.until("it is closed", () -> !caller.connection().isOpen());
            });
        }
    }

    @Test
    void aServerThatSaysNothingIsBoundedByIdle() throws Exception {
        try (TestServer server = saying("", "")) {
            with(
                    server,
                    HttpClientProtocol.gathering(),
                    b -> b.deadlines(Deadlines.defaults().withIdle(Duration.ofMillis(50))),
                    caller -> {
                        caller.send(GET, new Noted("a"));
                        assertInstanceOf(CloseReason.class, next());
                    });
        }
    }

    @Test
    void aHandlerThatThrowsEndsTheConnectionAndTheOthersFail() throws Exception {
        with(HttpClientProtocol.gathering(), caller -> {
            caller.connection().pause();
            caller.send(GET, response -> {
                throw new IllegalStateException("deliberate");
            });
            caller.send(HttpRequestHead.of("GET", "/2", "h"), new Noted("b"));
            caller.connection().resume();
            assertInstanceOf(CloseReason.HandlerFailed.class, next());
        });
    }

    // ---- in front of and behind responses

    @Test
    void interimResponsesAreTold() throws Exception {
        String early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        try (TestServer server = saying(early + early + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.send(GET, new Noted("a"));
                assertEquals("a interim 103", next());
                assertEquals("a interim 103", next());
                assertEquals("a 200 ok", next());
            });
        }
    }

    @Test
    void interimResponsesAreCountedForEachRequest() throws Exception {
        String early = "HTTP/1.1 103 Early Hints\r\n\r\n";
        String last = "HTTP/1.1 204 No Content\r\n\r\n";
        HttpClientProtocol protocol =
                HttpClientProtocol.gathering().withLimits(HttpLimits.defaults().withInterimResponses(2));
        try (TestServer server = saying(early + early + last + early + early + early + last)) {
            with(server, protocol, b -> b, caller -> {
                caller.connection().pause();
                caller.send(GET, new Noted("a"));
                caller.send(GET, new Noted("b"));
                caller.connection().resume();
                assertEquals("a interim 103", next());
                assertEquals("a interim 103", next());
                assertEquals("a 204 ", next());
                assertEquals("b interim 103", next());
                assertEquals("b interim 103", next());
                CloseReason.BadFrame reason = assertInstanceOf(CloseReason.BadFrame.class, next());
                assertTrue(reason.cause().what().contains("interim"), reason::toString);
            });
        }
    }

    @Test
    void anUpgradeMakesATunnel() throws Exception {
        String switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nfirst";
        try (TestServer server = saying(switched, "second")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.send(GET.upgrade("x"), new Noted("a"));
                assertEquals("a 101 ", next());
                assertEquals("a part first", next());
                caller.connection().send(bytes("more"));
                assertEquals("a part second", next());
                assertEquals("a part  last", next());
            });
        }
    }

    @Test
    void aSwitchThatWasNotAskedForEndsTheConnection() throws Exception {
        try (TestServer server = saying("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")) {
            with(server, HttpClientProtocol.gathering(), b -> b, caller -> {
                caller.send(GET, new Noted("a"));
                assertInstanceOf(CloseReason.BadFrame.class, next());
            });
        }
    }

    @Test
    void onlyItsOwnConnectionsHaveACaller() throws Exception {
        try (TestServer server = saying("");
                Connector connector = Connector.builder(DuplexProtocol.of(RawFramer::new, (frame, connection) -> {}))
                        .start()) {
            Connection connection = connector.connect(server.server.address()).get();
            assertThrows(IllegalArgumentException.class, () -> HttpCaller.of(connection));
        }
    }
}
