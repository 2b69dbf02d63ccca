// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

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
import dev.sluice.http.HttpStreamHandler;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines of an access log, of requests over sockets. */
class HttpAccessLogScenarioTest {
    private static final String FRONT = "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] ";
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();
    private final List<HttpReplyStream> streams = new CopyOnWriteArrayList<>();

    private HttpProtocol logged(HttpProtocol protocol) {
        return protocol.withAccessLog(
                HttpAccessLog.common(Sink.ofText(lines::add)).withZone(ZoneOffset.UTC));
    }

    private HttpServer gathering(HttpHandler handler) throws IOException {
        return gathering(handler, b -> b);
    }

    private HttpServer gathering(HttpHandler handler, UnaryOperator<Server.Builder> configuration) throws IOException {
        return new HttpServer(logged(HttpProtocol.gathering(handler)), configuration);
    }

    private HttpServer streaming(HttpStreamHandler handler) throws IOException {
        return new HttpServer(logged(HttpProtocol.streaming(handler)), b -> b);
    }

    private static String get(String target, String... fields) {
        return request("GET", target, fields);
    }

    private static String request(String method, String target, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private static String line(String requestLine, String statusAndBytes) {
        return FRONT + '"' + requestLine + "\" " + statusAndBytes;
    }

    private static String line(String statusAndBytes) {
        return line("GET / HTTP/1.1", statusAndBytes);
    }

    /** Exactly these, once the server has ended. */
    private void assertLines(String... expected) {
        assertEquals(List.of(expected), lines);
    }

    private void await(int number) {
        Await.until(() -> number + " lines, of which there are " + lines, () -> lines.size() >= number);
    }

    // ---- what a line says

    @Test
    void linesAreOfTheCommonFormat() throws Exception {
        HttpHandler handler = (request, reply) ->
                reply.status(request.targetIs("/a?b") ? 200 : 404).send("text/plain", "h\u00e9");
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            client.send(get("/a?b") + request("POST", "/x", "Content-Length: 2") + "ab"
                            + request("HEAD", "/x", "Referer: r")
                            + "\r\nGET /old HTTP/1.0\r\n\r\n")
                    .readAll();
        }
        assertLines(
                line("GET /a?b HTTP/1.1", "200 3"),
                line("POST /x HTTP/1.1", "404 3"),
                line("HEAD /x HTTP/1.1", "404 -"),
                line("GET /old HTTP/1.0", "404 3"));
    }

    @Test
    void linesOfTheCombinedFormatHaveTwoFieldsMore() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send());
        HttpAccessLog log = HttpAccessLog.combined(Sink.ofText(lines::add)).withZone(ZoneOffset.ofHours(-7));
        try (HttpServer server = new HttpServer(protocol.withAccessLog(log), b -> b);
                Client client = server.client()) {
            client.send(get("/", "User-Agent: a b", "Referer: http://h/") + get("/", "referer:") + get("/", "X : y"))
                    .readAll();
        }
        String front = FRONT.replace("08:49:37 +0000", "01:49:37 -0700") + "\"GET / HTTP/1.1\" ";
        assertLines(front + "200 - \"http://h/\" \"a b\"", front + "200 - \"\" \"-\"", front + "400 32 \"-\" \"-\"");
    }

    @Test
    void nothingThatAClientSendsForgesALine() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send());
        HttpAccessLog log = HttpAccessLog.combined(Sink.ofText(lines::add)).withZone(ZoneOffset.UTC);
        String[] evil = {
            get("/\"\\%22", "Referer: \" 200 5\t\\", "User-Agent: \u00e9\u00ff"),
            "GET /\r1.2.3.4 - - [] \"GET / HTTP/1.1\" 200 1\r\n\r\n",
            "GET /\n1.2.3.4 - -\r\n\r\n",
            "\u0016\u0003\u0001\"\\\u0000\u00ff\u001b[2J\r\n",
            "GET /" + "x".repeat(3000) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            get("/", "Connection: close", "User-Agent: " + "\"".repeat(2000)),
        };
        for (String each : evil) {
            try (HttpServer server = new HttpServer(protocol.withAccessLog(log), b -> b);
                    Client client = server.client()) {
                client.send(each).endOutput();
                client.readAll();
            }
        }
        assertLines(
                line("GET /\\x22\\x5C%22 HTTP/1.1", "200 - \"\\x22 200 5\\x09\\x5C\" \"\\xE9\\xFF\""),
                line("GET /", "400 33 \"-\" \"-\""),
                line("GET /", "400 33 \"-\" \"-\""),
                line("\\x16\\x03\\x01\\x22\\x5C\\x00\\xFF\\x1B[2J", "400 25 \"-\" \"-\""),
                line("GET /" + "x".repeat(2043) + "...", "200 - \"-\" \"-\""),
                line("200 - \"-\" \"" + "\\x22".repeat(1024) + "...\""));
    }

    // ---- how replies are given

    @Test
    void eachRequestOfManySentAtOnceHasItsLine() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.target().endsWith("3")) {
                deferred.add(reply.defer());
            } else {
                reply.send("text/plain", request.target());
            }
        };
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                requests.append(get("/" + i));
            }
            client.send(requests.toString());
            Await.until("two are deferred", () -> deferred.size() == 2);
            await(18);
            deferred.get(1).send("text/plain", "13");
            deferred.get(0).status(500).send();
            client.send(get("/last", "Connection: close")).readAll();
        }
        assertEquals(21, lines.size());
        assertEquals(line("GET /19 HTTP/1.1", "200 3"), lines.get(17));
        assertEquals(line("GET /13 HTTP/1.1", "200 2"), lines.get(18));
        assertEquals(line("GET /3 HTTP/1.1", "500 -"), lines.get(19));
        assertEquals(line("GET /last HTTP/1.1", "200 5"), lines.get(20));
    }

    @Test
    void streamsAreLoggedWhenTheyAreCompleteWithTheBytesOfTheirBody() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream =
                    request.target().startsWith("/counted") ? reply.stream("t/t", 5) : reply.stream("t/t");
            if (stream.isOpen()) {
                stream.write(bytes("he"));
                stream.write(bytes("llo"));
            }
            stream.end();
        };
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            client.send(get("/counted") + get("/chunked") + request("HEAD", "/chunked") + "GET /raw HTTP/1.0\r\n\r\n")
                    .readAll();
        }
        assertLines(
                line("GET /counted HTTP/1.1", "200 5"),
                line("GET /chunked HTTP/1.1", "200 5"),
                line("HEAD /chunked HTTP/1.1", "200 -"),
                line("GET /raw HTTP/1.0", "200 5"));
    }

    @Test
    void filesAreLoggedWithTheirBytes(@TempDir Path folder) throws Exception {
        Path small = Files.write(folder.resolve("small"), new byte[1000]);
        Path large = Files.write(folder.resolve("large"), new byte[2_000_000]);
        HttpHandler handler = (request, reply) -> {
            Path path = request.targetIs("/large") ? large : small;
            reply.send("t/t", FileChannel.open(path), 0, Files.size(path));
        };
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            client.send(get("/small") + get("/large", "Connection: close")).readAll();
        }
        assertLines(line("GET /small HTTP/1.1", "200 1000"), line("GET /large HTTP/1.1", "200 2000000"));
    }

    @Test
    void bodiesThatComeInPiecesHaveOneLine() throws Exception {
        HttpStreamHandler handler = (request, reply) -> (part, same) -> {
            if (part.isLast()) {
                same.status(201).send("t/t", "got");
            }
        };
        try (HttpServer server = streaming(handler);
                Client client = server.client()) {
            client.send(request("POST", "/a", "Content-Length: 4") + "ab");
            client.send("cd" + get("/b", "Connection: close")).readAll();
        }
        assertLines(line("POST /a HTTP/1.1", "201 3"), line("GET /b HTTP/1.1", "201 3"));
    }

    @Test
    void withWorkersEachRequestHasItsLine() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            HttpHandler handler = (request, reply) -> reply.send("t/t", request.target());
            try (HttpServer server = gathering(handler, b -> b.topology(Topology.workers(1, workers)));
                    Client client = server.client()) {
                client.send(get("/1") + get("/22") + get("/333", "Connection: close"))
                        .readAll();
                await(3);
            }
        } finally {
            workers.shutdown();
        }
        assertLines(
                line("GET /1 HTTP/1.1", "200 2"),
                line("GET /22 HTTP/1.1", "200 3"),
                line("GET /333 HTTP/1.1", "200 4"));
    }

    // ---- failures

    @Test
    void aHandlerThatFailsIsLoggedAs500() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.targetIs("/throws")) {
                throw new IOException("deliberate");
            }
        };
        for (String target : List.of("/throws", "/forgets")) {
            try (HttpServer server = gathering(handler);
                    Client client = server.client()) {
                client.send(get(target) + GET).readAll();
            }
        }
        String said = "500 " + "Internal Server Error\n".length();
        assertLines(line("GET /throws HTTP/1.1", said), line("GET /forgets HTTP/1.1", said));
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
            try (HttpServer server = gathering(handler);
                    Client client = server.client()) {
                client.send(get(target)).readAll();
            }
        }
        assertLines(line("GET /send HTTP/1.1", "200 4"), line("GET /stream HTTP/1.1", "200 3"));
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
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            client.send(GET).readAll();
        }
        assertLines(line("202 -"));
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
            lines.clear();
            HttpProtocol protocol = streamed
                    ? HttpProtocol.streaming((request, reply) -> (part, same) -> {})
                    : HttpProtocol.gathering((request, reply) -> reply.send());
            try (HttpServer server = new HttpServer(logged(protocol).withLimits(limits), b -> b);
                    Client client = server.client()) {
                client.send(sent.replace("|", "\r\n")).endOutput();
                String got = client.readAll().replace("HTTP/1.1 100 Continue\r\n\r\n", "");
                String body = got.substring(got.indexOf("\r\n\r\n") + 4);
                assertTrue(got.startsWith("HTTP/1.1 " + status), got);
                await(1);
                assertLines(line(requestLine, status + " " + body.length()));
            }
        }
    }

    @Test
    void clientsWithoutRoomOrInTimeHaveALine() throws Exception {
        Limits limits = Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE);
        Deadlines deadlines = Deadlines.defaults().withFrame(Duration.ofMillis(50));
        try (HttpServer server = gathering(
                        (request, reply) -> reply.send(), b -> b.limits(limits).deadlines(deadlines));
                Client first = server.client()) {
            Await.until("the first is in", () -> server.opened.size() == 1);
            try (Client second = server.client()) {
                second.readAll();
            }
            first.send("GET / H").readAll();
        }
        assertLines(line("-", "503 31"), line("-", "408 33"));
    }

    // ---- what is cut off

    @Test
    void aStreamThatIsCutOffHasTheBytesThatWereWritten() throws Exception {
        try (HttpServer server = gathering((request, reply) -> streams.add(reply.stream("t/t")));
                Client client = server.client()) {
            client.send(GET);
            Await.until("it was begun", () -> streams.size() == 1);
            streams.get(0).write(bytes("abcde"));
            client.read(reply("200 OK", "Content-Type: t/t", "Transfer-Encoding: chunked") + "5\r\nabcde\r\n");
            client.reset();
            await(1);
            streams.get(0).write(bytes("lost"));
            streams.get(0).end();
        }
        assertLines(line("200 5"));
    }

    @Test
    void aStreamThatIsBrokenOffHasTheBytesThatWereWritten() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("t/t", 100);
            stream.write(bytes("abc"));
            stream.abort();
        };
        try (HttpServer server = gathering(handler);
                Client client = server.client()) {
            assertTrue(client.send(GET).isReset());
        }
        assertLines(line("200 3"));
    }

    @Test
    void whoIsGoneBeforeTheReplyBeganHasALineWithoutAStatus() throws Exception {
        try (HttpServer server = gathering((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(GET);
            Await.until("it is deferred", () -> deferred.size() == 1);
            client.reset();
            await(1);
            deferred.get(0).send("t/t", "too late");
        }
        assertLines(line("- -"));
    }

    @Test
    void whoIsGoneInTheMiddleOfItsBodyHasALineWithoutAStatus() throws Exception {
        try (HttpServer server = streaming((request, reply) -> (part, same) -> deferred.add(same));
                Client client = server.client()) {
            client.send(request("POST", "/", "Content-Length: 4") + "ab");
            Await.until("a piece came", () -> deferred.size() == 1);
            client.reset();
            await(1);
        }
        assertLines(line("POST / HTTP/1.1", "- -"));
    }

    @Test
    void aReplyThatIsMoreThanTheConnectionTakesHasNoBytes() throws Exception {
        String much = "x".repeat(20_000_000);
        try (HttpServer server = gathering((request, reply) -> reply.send("t/t", much));
                Client client = server.client()) {
            client.send(GET);
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, server.reason().kind());
        }
        assertLines(line("200 -"));
    }

    @Test
    void aSinkThatFailsHarmsNobody() throws Exception {
        Sink failing = line -> {
            lines.add("called");
            throw new IllegalStateException("deliberate");
        };
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "fine"))
                .withAccessLog(HttpAccessLog.common(failing));
        try (HttpServer server = new HttpServer(protocol, b -> b);
                Client client = server.client()) {
            assertEquals(ok("fine") + ok("fine"), client.send(GET + GET).read(ok("fine") + ok("fine")));
        }
        assertEquals(2, lines.size());
    }
}
