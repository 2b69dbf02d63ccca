// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.AccessLogLines.GET;
import static dev.sluice.AccessLogLines.get;
import static dev.sluice.AccessLogLines.line;
import static dev.sluice.AccessLogLines.request;
import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLog.Sink;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines of an access log where something fails, is refused or is cut off. */
class HttpAccessLogFailureScenarioTest {
    private final AccessLogLines log = new AccessLogLines();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();
    private final List<HttpReplyStream> streams = new CopyOnWriteArrayList<>();

    // ---- failures

    @Test
    void aHandlerThatFailsIsLoggedAs500() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.targetIs("/throws")) {
                throw new IOException("deliberate");
            }
        };
        for (String target : List.of("/throws", "/forgets")) {
            try (HttpServer server = log.gathering(handler);
                    Client client = server.client()) {
                client.send(get(target) + GET).readAll();
            }
        }
        String said = "500 " + "Internal Server Error\n".length();
        log.are(line("GET /throws HTTP/1.1", said), line("GET /forgets HTTP/1.1", said));
    }

    @Test
    void aHandlerThatFailsBehindItsReplyHasTheLineOfThat() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.targetIs("/stream")) {
                reply.stream("t/t").write(bytes("abc"));
            } else {
                reply.send("t/t", "fine");
            }
            throw new IOException("deliberate");
        };
        for (String target : List.of("/send", "/stream")) {
            try (HttpServer server = log.gathering(handler);
                    Client client = server.client()) {
                assertEquals(target.equals("/stream"), client.send(get(target)).isReset());
            }
        }
        log.are(line("GET /send HTTP/1.1", "200 4"), line("GET /stream HTTP/1.1", "200 3"));
    }

    @Test
    void aReplyWithTooManyFieldsIsNotSentAndTheNextOneIs() throws Exception {
        HttpHandler handler = (request, reply) -> {
            try {
                reply.send("a\nb", "text");
            } catch (IllegalArgumentException e) {
                reply.thenClose().status(202).send();
            }
        };
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            client.send(GET).readAll();
        }
        log.are(line("202 -"));
    }

    @ParameterizedTest
    @CsvSource({
        "'GET /', 400, GET /",
        "'GET / HTTP/1.1|Host: h|X : y||', 400, GET / HTTP/1.1",
        "'GET / HTTP/3.0|', 505, GET / HTTP/3.0",
        "'POST /p HTTP/1.1|Host: h|Content-Length: 99||', 413, POST /p HTTP/1.1",
        "'POST /p HTTP/1.1|Host: h|Transfer-Encoding: chunked||x|', 400, POST /p HTTP/1.1",
        "'|POST /p HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 5||ab', 400, POST /p HTTP/1.1",
        "'||', 400, -",
    })
    void refusalsHaveTheLineThatCame(String sent, int status, String requestLine) throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10);
        for (boolean streamed : new boolean[] {false, true}) {
            log.lines.clear();
            HttpProtocol protocol = streamed
                    ? HttpProtocol.streaming((request, reply) -> (part, same) -> {})
                    : HttpProtocol.gathering((request, reply) -> reply.send());
            try (HttpServer server = new HttpServer(log.logged(protocol).withLimits(limits), b -> b);
                    Client client = server.client()) {
                client.send(sent.replace("|", "\r\n")).endOutput();
                String got = client.readAll().replace("HTTP/1.1 100 Continue\r\n\r\n", "");
                String body = got.substring(got.indexOf("\r\n\r\n") + 4);
                assertTrue(got.startsWith("HTTP/1.1 " + status), got);
                log.await(1);
                log.are(line(requestLine, status + " " + body.length()));
            }
        }
    }

    @Test
    void clientsWithoutRoomOrInTimeHaveALine() throws Exception {
        Limits limits = Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE);
        Deadlines deadlines = Deadlines.defaults().withFrame(Duration.ofMillis(50));
        try (HttpServer server = log.gathering(
                        (request, reply) -> reply.send(), b -> b.limits(limits).deadlines(deadlines));
                Client first = server.client()) {
            Await.until("the first is in", () -> server.opened.size() == 1);
            try (Client second = server.client()) {
                second.readAll();
            }
            first.send("GET / H").readAll();
        }
        log.are(line("-", "503 31"), line("-", "408 33"));
    }

    // ---- what is cut off

    @Test
    void aStreamThatIsCutOffHasTheBytesThatWereWritten() throws Exception {
        try (HttpServer server = log.gathering((request, reply) -> streams.add(reply.stream("t/t")));
                Client client = server.client()) {
            client.send(GET);
            Await.until("it was begun", () -> streams.size() == 1);
            streams.get(0).write(bytes("abcde"));
            client.read(reply("200 OK", "Content-Type: t/t", "Transfer-Encoding: chunked") + "5\r\nabcde\r\n");
            client.reset();
            log.await(1);
            streams.get(0).write(bytes("lost"));
            streams.get(0).end();
        }
        log.are(line("200 5"));
    }

    @Test
    void aStreamThatIsBrokenOffHasTheBytesThatWereWritten() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("t/t", 100);
            stream.write(bytes("abc"));
            stream.abort();
        };
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            assertTrue(client.send(GET).isReset());
        }
        log.are(line("200 3"));
    }

    @Test
    void whoIsGoneBeforeTheReplyBeganHasALineWithoutAStatus() throws Exception {
        try (HttpServer server = log.gathering((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(GET);
            Await.until("it is deferred", () -> deferred.size() == 1);
            client.reset();
            log.await(1);
            deferred.get(0).send("t/t", "too late");
        }
        log.are(line("- -"));
    }

    @Test
    void whoIsGoneInTheMiddleOfItsBodyHasALineWithoutAStatus() throws Exception {
        try (HttpServer server = log.streaming((request, reply) -> (part, same) -> deferred.add(same));
                Client client = server.client()) {
            client.send(request("POST", "/", "Content-Length: 4") + "ab");
            Await.until("a piece came", () -> deferred.size() == 1);
            client.reset();
            log.await(1);
        }
        log.are(line("POST / HTTP/1.1", "- -"));
    }

    @Test
    void aReplyThatIsMoreThanTheConnectionTakesHasNoBytes() throws Exception {
        String much = "x".repeat(20_000_000);
        try (HttpServer server = log.gathering((request, reply) -> reply.send("t/t", much));
                Client client = server.client()) {
            client.send(GET);
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, server.reason().kind());
        }
        log.are(line("200 -"));
    }

    @Test
    void aSinkThatFailsHarmsNobody() throws Exception {
        Sink failing = line -> {
            log.lines.add("called");
            throw new IllegalStateException("deliberate");
        };
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "fine"))
                .withAccessLog(HttpAccessLog.common(failing));
        try (HttpServer server = new HttpServer(protocol, b -> b);
                Client client = server.client()) {
            assertEquals(ok("fine") + ok("fine"), client.send(GET + GET).read(ok("fine") + ok("fine")));
        }
        assertEquals(2, log.lines.size());
    }
}
