// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.AccessLogLines.FRONT;
import static dev.sluice.AccessLogLines.get;
import static dev.sluice.AccessLogLines.line;
import static dev.sluice.AccessLogLines.request;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLog.Sink;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpStreamHandler;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of an access log, of requests over sockets that are answered whole. */
class HttpAccessLogScenarioTest {
    private final AccessLogLines log = new AccessLogLines();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

    // ---- what a line says

    @Test
    void linesAreOfTheCommonFormat() throws Exception {
        HttpHandler handler = (request, reply) ->
                reply.status(request.targetIs("/a?b") ? 200 : 404).send("text/plain", "h\u00e9");
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            client.send(get("/a?b") + request("POST", "/x", "Content-Length: 2") + "ab"
                            + request("HEAD", "/x", "Referer: r")
                            + "\r\nGET /old HTTP/1.0\r\n\r\n")
                    .readAll();
        }
        log.are(
                line("GET /a?b HTTP/1.1", "200 3"),
                line("POST /x HTTP/1.1", "404 3"),
                line("HEAD /x HTTP/1.1", "404 -"),
                line("GET /old HTTP/1.0", "404 3"));
    }

    @Test
    void linesOfTheCombinedFormatHaveTwoFieldsMore() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send());
        HttpAccessLog combined =
                HttpAccessLog.combined(Sink.ofText(log.lines::add)).withZone(ZoneOffset.ofHours(-7));
        try (HttpServer server = new HttpServer(protocol.withAccessLog(combined), b -> b);
                Client client = server.client()) {
            client.send(get("/", "User-Agent: a b", "Referer: http://h/") + get("/", "referer:") + get("/", "X : y"))
                    .readAll();
        }
        String front = FRONT.replace("08:49:37 +0000", "01:49:37 -0700") + "\"GET / HTTP/1.1\" ";
        log.are(front + "200 - \"http://h/\" \"a b\"", front + "200 - \"\" \"-\"", front + "400 32 \"-\" \"-\"");
    }

    @Test
    void nothingThatAClientSendsForgesALine() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send());
        HttpAccessLog combined =
                HttpAccessLog.combined(Sink.ofText(log.lines::add)).withZone(ZoneOffset.UTC);
        String[] evil = {
            get("/\"\\%22", "Referer: \" 200 5\t\\", "User-Agent: \u00e9\u00ff"),
            "GET /\r1.2.3.4 - - [] \"GET / HTTP/1.1\" 200 1\r\n\r\n",
            "GET /\n1.2.3.4 - -\r\n\r\n",
            "\u0016\u0003\u0001\"\\\u0000\u00ff\u001b[2J\r\n",
            "GET /" + "x".repeat(3000) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            get("/", "Connection: close", "User-Agent: " + "\"".repeat(2000)),
        };
        for (String each : evil) {
            try (HttpServer server = new HttpServer(protocol.withAccessLog(combined), b -> b);
                    Client client = server.client()) {
                client.send(each).endOutput();
                client.readAll();
            }
        }
        log.are(
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
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                requests.append(get("/" + i));
            }
            client.send(requests.toString());
            Await.until("two are deferred", () -> deferred.size() == 2);
            log.await(18);
            deferred.get(1).send("text/plain", "13");
            deferred.get(0).status(500).send();
            client.send(get("/last", "Connection: close")).readAll();
        }
        assertEquals(21, log.lines.size());
        assertEquals(line("GET /19 HTTP/1.1", "200 3"), log.lines.get(17));
        assertEquals(line("GET /13 HTTP/1.1", "200 2"), log.lines.get(18));
        assertEquals(line("GET /3 HTTP/1.1", "500 -"), log.lines.get(19));
        assertEquals(line("GET /last HTTP/1.1", "200 5"), log.lines.get(20));
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
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            client.send(get("/counted") + get("/chunked") + request("HEAD", "/chunked") + "GET /raw HTTP/1.0\r\n\r\n")
                    .readAll();
        }
        log.are(
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
        try (HttpServer server = log.gathering(handler);
                Client client = server.client()) {
            client.send(get("/small") + get("/large", "Connection: close")).readAll();
        }
        log.are(line("GET /small HTTP/1.1", "200 1000"), line("GET /large HTTP/1.1", "200 2000000"));
    }

    @Test
    void bodiesThatComeInPiecesHaveOneLine() throws Exception {
        HttpStreamHandler handler = (request, reply) -> (part, same) -> {
            if (part.isLast()) {
                same.status(201).send("t/t", "got");
            }
        };
        try (HttpServer server = log.streaming(handler);
                Client client = server.client()) {
            client.send(request("POST", "/a", "Content-Length: 4") + "ab");
            client.send("cd" + get("/b", "Connection: close")).readAll();
        }
        log.are(line("POST /a HTTP/1.1", "201 3"), line("GET /b HTTP/1.1", "201 3"));
    }

    @Test
    void withWorkersEachRequestHasItsLine() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            HttpHandler handler = (request, reply) -> reply.send("t/t", request.target());
            try (HttpServer server = log.gathering(handler, b -> b.topology(Topology.workers(1, workers)));
                    Client client = server.client()) {
                client.send(get("/1") + get("/22") + get("/333", "Connection: close"))
                        .readAll();
                log.await(3);
            }
        } finally {
            workers.shutdown();
        }
        log.are(
                line("GET /1 HTTP/1.1", "200 2"),
                line("GET /22 HTTP/1.1", "200 3"),
                line("GET /333 HTTP/1.1", "200 4"));
    }
}
