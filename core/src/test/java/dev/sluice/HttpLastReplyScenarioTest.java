// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is the last reply of a connection: nothing leaves behind it, and those before it leave however long they take. */
class HttpLastReplyScenarioTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private static final Duration SHORT = Duration.ofMillis(100);

    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

    private HttpReply deferred(int index) {
        Await.until("reply " + index + " is deferred", () -> deferred.size() > index);
        return deferred.get(index);
    }

    private static Deadlines shortFrame() {
        return Deadlines.defaults().withFrame(SHORT).withLinger(SHORT.dividedBy(2));
    }

    /** Waits until the frame that another client has begun is refused, twice: whoever is hurried has been cut by then. */
    private static void letDeadlinesPass(HttpServer server) throws Exception {
        for (int i = 0; i < 2; i++) {
            try (Client witness = server.client()) {
                witness.send("GET ").readAll();
            }
        }
    }

    @Test
    void nothingLeavesBehindABodyThatEndsShort() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(GET + GET);
            HttpReply second = deferred(1);
            HttpReplyStream stream = deferred.get(0).stream("text/plain", 50);
            stream.write(bytes("he"));
            second.send("text/plain", "the second");
            assertThrows(IllegalStateException.class, stream::end);
            String expected = reply("200 OK", "Content-Type: text/plain", "Content-Length: 50") + "he";
            assertEquals(expected, client.readAll());
        }
    }

    @Test
    void nothingLeavesBehindAReplyThatSaysClose() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(GET + GET);
            deferred(1).send("text/plain", "the second");
            deferred.get(0).thenClose().send("text/plain", "first");
            String expected = reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 5");
            assertEquals(expected + "first", client.readAll());
        }
    }

    @Test
    void nothingLeavesBehindABodyUntilTheEnd() throws Exception {
        String post = "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx";
        HttpReceiver receiver = (part, reply) -> {
            if (part.isLast()) {
                deferred.add(reply.defer());
            }
        };
        try (HttpServer server = HttpServer.streaming((request, reply) -> receiver);
                Client client = server.client()) {
            client.send(post + post);
            HttpReply second = deferred(1);
            HttpReplyStream stream = deferred.get(0).stream("text/plain");
            stream.write(bytes("first"));
            second.send("text/plain", "the second");
            stream.end();
            String expected = reply("200 OK", "Connection: close", "Content-Type: text/plain");
            assertEquals(expected + "first", client.readAll());
        }
    }

    @Test
    void aLastRequestDoesNotHurryThoseBeforeIt() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> {
            if (request.isKeepAlive()) {
                deferred.add(reply.defer());
            } else {
                reply.send("text/plain", "last");
            }
        });
        try (HttpServer server = new HttpServer(protocol, b -> b.deadlines(shortFrame()));
                Client client = server.client()) {
            client.send(GET + LAST);
            deferred(0);
            letDeadlinesPass(server);
            deferred.get(0).send("text/plain", "first");
            String last = reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 4");
            assertEquals(ok("first") + last + "last", client.readAll());
        }
    }

    @Test
    void aBodyOfALastRequestThatWasAnsweredDoesNotHurryThoseBeforeIt() throws Exception {
        HttpProtocol protocol = HttpProtocol.streaming((request, reply) -> {
            if (request.isKeepAlive()) {
                deferred.add(reply.defer());
                return null;
            }
            reply.send("text/plain", "last");
            return (HttpContent part, HttpReply same) -> {};
        });
        String post = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
        try (HttpServer server = new HttpServer(protocol, b -> b.deadlines(shortFrame()));
                Client client = server.client()) {
            client.send(GET + post);
            deferred(0);
            letDeadlinesPass(server);
            deferred.get(0).send("text/plain", "first");
            String last = reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 4");
            assertEquals(ok("first") + last + "last", client.readAll());
        }
    }

    @Test
    void aClientThatWaitsForContinueIsNotHurriedWhileItsReplyIs() throws Exception {
        HttpProtocol protocol = HttpProtocol.streaming((request, reply) -> {
            deferred.add(reply.defer());
            return null;
        });
        String post = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
        try (HttpServer server = new HttpServer(protocol, b -> b.deadlines(shortFrame()));
                Client client = server.client()) {
            client.send(post);
            deferred(0);
            letDeadlinesPass(server);
            deferred.get(0).send("text/plain", "first");
            String last = reply("200 OK", "Connection: close", "Content-Type: text/plain", "Content-Length: 5");
            assertEquals(last + "first", client.readAll());
        }
    }
}
