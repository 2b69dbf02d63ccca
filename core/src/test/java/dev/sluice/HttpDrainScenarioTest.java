// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** While a server drains, a reply that says {@code Connection: close} is the last: no request behind it is handled. */
class HttpDrainScenarioTest {
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();
    private final List<String> handled = new CopyOnWriteArrayList<>();

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private static String last(String text) {
        String length = "Content-Length: " + text.length();
        return reply("200 OK", "Connection: close", "Content-Type: text/plain", length) + text;
    }

    /** Defers the reply to what begins with {@code /later}, and answers the others with their target. */
    private void handle(HttpRequest request, HttpReply reply) {
        handled.add(request.target());
        if (request.target().startsWith("/later")) {
            deferred.add(reply.defer());
        } else {
            reply.send("text/plain", request.target());
        }
    }

    private CompletableFuture<DrainReport> drain(HttpServer server) {
        CompletableFuture<DrainReport> drained = server.test.server.beginDrain(WINDOW);
        Await.until("all were told", () -> server.opened.stream().allMatch(Connection::isDraining));
        return drained;
    }

    private void areHandled(int number) {
        Await.until(number + " are handled", () -> handled.size() == number);
    }

    private static void nobodyIsForced(CompletableFuture<DrainReport> drained) throws Exception {
        assertEquals(0, drained.get().forced());
        assertEquals(0, drained.get().unanswered());
    }

    @Test
    void theFirstRequestThatIsHandledInADrainIsTheLast() throws Exception {
        try (HttpServer server = new HttpServer(this::handle);
                Client client = server.client()) {
            client.send(get("/later"));
            areHandled(1);
            CompletableFuture<DrainReport> drained = drain(server);
            client.send(get("/second") + get("/third"));
            areHandled(2);
            HttpReply first = deferred.get(0); // on the Reader, which then has the reply to the second too
            assertTrue(first.connection().reader().execute(() -> first.send("text/plain", "first")));
            assertEquals(ok("first") + last("/second"), client.readAll());
            assertEquals(List.of("/later", "/second"), handled);
            nobodyIsForced(drained);
        }
    }

    @Test
    void aRequestDeferredInADrainIsTheLast() throws Exception {
        try (HttpServer server = new HttpServer(this::handle);
                Client client = server.client()) {
            client.send(get("/later/1"));
            areHandled(1);
            CompletableFuture<DrainReport> drained = drain(server);
            client.send(get("/later/2") + get("/third"));
            areHandled(2);
            deferred.get(1).send("text/plain", "second");
            deferred.get(0).send("text/plain", "first");
            assertEquals(ok("first") + last("second"), client.readAll());
            assertEquals(List.of("/later/1", "/later/2"), handled);
            nobodyIsForced(drained);
        }
    }

    @Test
    void ofRepliesThatWereDeferredBeforeADrainTheNewestIsTheLast() throws Exception {
        try (HttpServer server = new HttpServer(this::handle);
                Client client = server.client()) {
            client.send(get("/later/1") + get("/later/2"));
            areHandled(2);
            CompletableFuture<DrainReport> drained = drain(server);
            deferred.get(0).send("text/plain", "first");
            deferred.get(1).send("text/plain", "second");
            assertEquals(ok("first") + last("second"), client.readAll());
            nobodyIsForced(drained);
        }
    }

    @Test
    void nothingIsHandledBehindAStreamWhoseHeadSaysClose() throws Exception {
        try (HttpServer server = new HttpServer(this::handle);
                Client client = server.client();
                Client other = server.client()) {
            client.send(get("/later"));
            areHandled(1);
            other.send(get("/later"));
            areHandled(2);
            CompletableFuture<DrainReport> drained = drain(server);
            HttpReplyStream stream = deferred.get(0).stream("text/plain", 4);
            stream.write(bytes("on"));
            String begun = reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 4") + "on";
            assertEquals(begun, client.read(begun));
            client.send(get("/never"));
            other.send(get("/round")); // by then the Reader has had the other
            areHandled(3);
            stream.write(bytes("ce"));
            stream.end();
            assertEquals("ce", client.readAll());
            deferred.get(1).send("text/plain", "first");
            assertEquals(ok("first") + last("/round"), other.readAll());
            assertEquals(List.of("/later", "/later", "/round"), handled);
            nobodyIsForced(drained);
        }
    }

    @Test
    void nothingIsHandledBehindABodyWhoseReplySaysClose() throws Exception {
        HttpProtocol streaming = HttpProtocol.streaming((request, reply) -> {
            handled.add(request.target());
            return (part, same) -> {
                handled.add(TestServer.text(part.bytes()));
                if (part.isLast()) {
                    same.send("text/plain", "done");
                }
            };
        });
        try (HttpServer server = new HttpServer(streaming, b -> b);
                Client client = server.client()) {
            client.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na");
            areHandled(2);
            CompletableFuture<DrainReport> drained = drain(server);
            client.send("b" + get("/second"));
            assertEquals(last("done"), client.readAll());
            assertEquals(List.of("/1", "a", "b"), handled);
            nobodyIsForced(drained);
        }
    }

    @Test
    void workersHandleNothingBehindAReplyThatSaysClose() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        HttpHandler handler = (request, reply) -> {
            handle(request, reply);
            if (request.target().equals("/later/1")) {
                goOn.await();
            }
        };
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try (HttpServer server = new HttpServer(handler, b -> b.topology(Topology.workers(1, workers)));
                Client client = server.client()) {
            client.send(get("/later/1") + get("/second") + get("/third"));
            areHandled(1);
            Await.until(
                    "all have come", () -> server.test.server.readers().get(0).frames() == 3);
            CompletableFuture<DrainReport> drained = drain(server);
            goOn.countDown();
            areHandled(2);
            deferred.get(0).send("text/plain", "first");
            assertEquals(ok("first") + last("/second"), client.readAll());
            assertEquals(List.of("/later/1", "/second"), handled);
            nobodyIsForced(drained);
        } finally {
            workers.shutdownNow();
        }
    }
}
