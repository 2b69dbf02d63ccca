// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLog.Sink;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are compressed, over sockets, and read back by the JDK's own reader. */
class HttpCompressScenarioTest {
    private static final String LONG = "hello ".repeat(200);
    private static final String GZIP = "Accept-Encoding: gzip";
    private static final String LAST = "Connection: close";

    private final List<HttpReplyStream> streams = new CopyOnWriteArrayList<>();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

    private static String request(String method, String... fields) {
        StringBuilder head = new StringBuilder(method + " / HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** The head, and the body as it came. */
    private record Got(String head, byte[] body) {
        static Got of(HttpHandler handler, String request) throws Exception {
            try (HttpServer server = new HttpServer(handler);
                    Client client = server.client()) {
                return of(client.send(request).readAll());
            }
        }

        static Got of(String all) {
            int end = all.indexOf("\r\n\r\n") + 4;
            return new Got(all.substring(0, end), all.substring(end).getBytes(ISO_8859_1));
        }

        boolean isCoded() {
            return head.contains("\r\nContent-Encoding: gzip\r\n");
        }

        boolean says(String field) {
            return head.contains("\r\n" + field + "\r\n");
        }

        String text() throws IOException {
            return new String(isCoded() ? decoded(body) : body, UTF_8);
        }
    }

    private static byte[] decoded(byte[] bytes) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
    }

    private static byte[] unchunked(byte[] chunks) {
        String left = new String(chunks, ISO_8859_1);
        StringBuilder data = new StringBuilder();
        while (true) {
            int line = left.indexOf("\r\n");
            int size = Integer.parseInt(left.substring(0, line), 16);
            data.append(left, line + 2, line + 2 + size);
            left = left.substring(line + 2 + size + 2);
            if (size == 0) {
                assertEquals("", left);
                return data.toString().getBytes(ISO_8859_1);
            }
        }
    }

    private static Got get(HttpHandler handler, String... fields) throws Exception {
        String[] all = java.util.Arrays.copyOf(fields, fields.length + 1);
        all[fields.length] = LAST;
        return Got.of(handler, request("GET", all));
    }

    // ---- whole bodies

    @Test
    void aWholeBodyIsCompressedForWhoPrefersThat() throws Exception {
        List<HttpHandler> ways = List.of(
                (request, reply) -> reply.compress().send("t/t", LONG + "\u00e9"),
                (request, reply) -> reply.compress().send("t/t", ByteBuffer.wrap((LONG + "\u00e9").getBytes(UTF_8))),
                (request, reply) -> reply.compress().defer().send("t/t", LONG + "\u00e9"));
        for (HttpHandler handler : ways) {
            Got coded = get(handler, GZIP);
            assertEquals(
                    reply(
                            "200 OK",
                            LAST,
                            "Content-Type: t/t",
                            "Vary: Accept-Encoding",
                            "Content-Encoding: gzip",
                            "Content-Length: " + coded.body.length),
                    coded.head);
            assertTrue(coded.body.length < 100);
            assertEquals(LONG + "\u00e9", coded.text());
            Got plain = get(handler, "Accept-Encoding: br");
            assertTrue(!plain.isCoded() && plain.says("Vary: Accept-Encoding"), plain.head);
            assertEquals(LONG + "\u00e9", plain.text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 128 * 1024 + 1})
    void whatIsSmallOrKeepsTheReaderLongIsNot(int size) throws Exception {
        Got got = get((request, reply) -> reply.compress().send("t/t", "x".repeat(size)), GZIP);
        assertFalse(got.isCoded());
        assertEquals(size, got.body.length);
        assertTrue(got.says("Vary: Accept-Encoding") && got.says("Content-Length: " + size), got.head);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 128 * 1024})
    void whatIsBetweenIs(int size) throws Exception {
        Got got = get((request, reply) -> reply.compress().send("t/t", "x".repeat(size)), GZIP);
        assertTrue(got.isCoded());
        assertEquals("x".repeat(size), got.text());
    }

    @ParameterizedTest
    @CsvSource({
        "200, Content-Encoding, br",
        "200, content-encoding, identity",
        "200, Content-Range, bytes 0-9/10",
        "200, Cache-Control, 'max-age=1, No-Transform'",
        "206, X, y",
    })
    void whatMustNotBeIsNot(int status, String name, String value) throws Exception {
        Got got = get(
                (request, reply) -> reply.status(status)
                        .field("ETag", "\"a\"")
                        .field(name, value)
                        .compress()
                        .send("t/t", LONG),
                GZIP);
        assertFalse(got.isCoded());
        assertTrue(got.says("ETag: \"a\"") && got.says("Vary: Accept-Encoding"), got.head);
        assertEquals(LONG, got.text());
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 304})
    void repliesWithoutABodyHaveNone(int status) throws Exception {
        Got got = get(
                (request, reply) ->
                        reply.status(status).field("ETag", "\"a\"").compress().send(),
                GZIP);
        assertFalse(got.isCoded());
        assertEquals(0, got.body.length);
        assertTrue(got.says("ETag: W/\"a\""), got.head); // that of the 200
    }

    @Test
    void tagsOfWhatMayBeCompressedAreWeakAndThereIsOneVary() throws Exception {
        HttpHandler handler = (request, reply) -> reply.field("Vary", "Cookie, accept-encoding")
                .field("X", "1")
                .field("etag", "\"a\"")
                .field("Y", "2")
                .compress()
                .send("t/t", LONG);
        Got coded = get(handler, GZIP);
        assertTrue(coded.head.contains("\r\nVary: Cookie, accept-encoding\r\nX: 1\r\netag: W/\"a\"\r\nY: 2\r\n"));
        assertFalse(coded.says("Vary: Accept-Encoding"));
        assertTrue(get(handler).says("etag: \"a\""));
        Got weak = get(
                (request, reply) -> reply.field("ETag", "W/\"a\"").compress().send("t/t", LONG), GZIP);
        assertTrue(weak.says("ETag: W/\"a\""));
    }

    @Test
    void headSaysWhatGetDoesButNoLength() throws Exception {
        HttpHandler whole =
                (request, reply) -> reply.field("ETag", "\"a\"").compress().send("t/t", LONG);
        assertEquals(
                reply(
                        "200 OK",
                        LAST,
                        "Content-Type: t/t",
                        "ETag: W/\"a\"",
                        "Vary: Accept-Encoding",
                        "Content-Encoding: gzip"),
                Got.of(whole, request("HEAD", GZIP, LAST)).head);
        assertTrue(Got.of(whole, request("HEAD", LAST)).says("Content-Length: " + LONG.length()));
        HttpHandler parts = (request, reply) -> reply.compress().stream("t/t").end();
        Got head = Got.of(parts, request("HEAD", GZIP, LAST));
        assertEquals(get(parts, GZIP).head, head.head);
        assertEquals(0, head.body.length);
    }

    @Test
    void smallFilesAreAndLargeOnesAreNot(@TempDir Path folder) throws Exception {
        for (int size : new int[] {1000, 100_000}) {
            Path path = Files.write(folder.resolve("file"), new byte[size]);
            Got got = get((request, reply) -> reply.compress().send("t/t", FileChannel.open(path), 0, size), GZIP);
            assertEquals(size == 1000, got.isCoded());
            assertEquals(size, got.text().length());
        }
    }

    @Test
    void itIsAskedForWhileTheRequestIsAtHand() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReply later = reply.defer();
            assertThrows(IllegalStateException.class, later::compress);
            later.send("t/t", "fine");
        };
        assertEquals("fine", get(handler, GZIP).text());
    }

    @Test
    void aReplyThatCouldNotBeSentMayBeSentOtherwise() throws Exception {
        HttpHandler handler = (request, reply) -> {
            reply.compress();
            assertThrows(IllegalArgumentException.class, () -> reply.send("a\nb", LONG));
            reply.send("t/t", "short");
        };
        Got got = get(handler, GZIP);
        assertFalse(got.isCoded());
        assertEquals("short", got.text());
    }

    @Test
    void nothingOfItIsInTheNextReply() throws Exception {
        HttpHandler handler = (request, reply) -> {
            if (request.isKeepAlive()) {
                reply.compress();
            }
            reply.send("t/t", LONG);
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            String got = client.send(request("GET", GZIP) + request("GET", GZIP, LAST))
                    .readAll();
            String last = reply("200 OK", LAST, "Content-Type: t/t", "Content-Length: " + LONG.length()) + LONG;
            assertTrue(got.endsWith(last), got);
        }
    }

    // ---- streams

    @Test
    void aStreamIsCompressedInAnyFormAndCountsWhatLeaves() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> {
                    HttpReplyStream stream = reply.compress().stream("t/t");
                    for (int i = 0; i < 100; i++) {
                        stream.writeMore(bytes(LONG));
                    }
                    stream.write(bytes(""));
                    stream.end();
                })
                .withAccessLog(HttpAccessLog.common(Sink.ofText(lines::add)));
        try (HttpServer server = new HttpServer(protocol, b -> b);
                Client client = server.client();
                Client old = server.client()) {
            Got chunked = Got.of(client.send(request("GET", GZIP, LAST)).readAll());
            assertTrue(chunked.isCoded() && chunked.says("Transfer-Encoding: chunked"), chunked.head);
            byte[] data = unchunked(chunked.body);
            assertEquals(LONG.repeat(100), new String(decoded(data), UTF_8));
            Got raw = Got.of(old.send("GET / HTTP/1.0\r\n" + GZIP + "\r\n\r\n").readAll());
            assertEquals(LONG.repeat(100), raw.text());
            assertTrue(data.length < LONG.length());
            assertTrue(lines.get(0).endsWith(" 200 " + data.length), lines.get(0));
            assertTrue(lines.get(1).endsWith(" 200 " + raw.body.length), lines.get(1));
        }
        assertEquals(0, protocol.compressedStreams());
    }

    @Test
    void aStreamOfKnownLengthIsNot() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.compress().stream("t/t", LONG.length());
            stream.write(bytes(LONG));
            stream.end();
        };
        Got got = get(handler, GZIP);
        assertFalse(got.isCoded());
        assertEquals(LONG, got.text());
    }

    /** Reads one chunk after another, as a browser does. */
    private static byte[] chunk(Client client) throws IOException {
        int size = Integer.parseInt(client.readUntil('\n').strip(), 16);
        byte[] data = client.read(size);
        client.read(2);
        return data;
    }

    private HttpServer streaming(HttpProtocol protocol) throws IOException {
        return new HttpServer(protocol, b -> b);
    }

    private HttpProtocol keeping() {
        return HttpProtocol.gathering((request, reply) -> streams.add(reply.compress().stream("t/t")));
    }

    @Test
    void eventsAreNotHeldBackWhoeverWritesThem() throws Exception {
        try (HttpServer server = streaming(keeping());
                Client client = server.client()) {
            client.send(request("GET", GZIP));
            Await.until("it was begun", () -> streams.size() == 1);
            client.read(reply(
                    "200 OK",
                    "Content-Type: t/t",
                    "Vary: Accept-Encoding",
                    "Content-Encoding: gzip",
                    "Transfer-Encoding: chunked"));
            java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
            for (int i = 0; i < 5; i++) {
                String event = "data: " + i + "\n\n";
                assertTrue(streams.get(0).write(bytes(event)));
                all.writeBytes(chunk(client));
                GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(all.toByteArray()));
                assertEquals(("data: 0\n\n").length() * i, in.readNBytes(event.length() * i).length);
                assertEquals(event, new String(in.readNBytes(event.length()), UTF_8));
            }
            streams.get(0).end();
        }
    }

    @Test
    void theirMemoryIsGivenBackWhenTheyEndAreBrokenOffOrTheirClientHasGone() throws Exception {
        HttpProtocol protocol = keeping();
        try (HttpServer server = streaming(protocol);
                Client one = server.client();
                Client two = server.client();
                Client three = server.client()) {
            for (Client client : List.of(one, two, three)) {
                int now = streams.size();
                client.send(request("GET", GZIP));
                Await.until("it was begun", () -> streams.size() > now);
                streams.get(now).write(bytes("some"));
            }
            assertEquals(3, protocol.compressedStreams());
            streams.get(0).end();
            assertEquals(2, protocol.compressedStreams());
            streams.get(1).abort();
            assertEquals(1, protocol.compressedStreams());
            three.reset();
            Await.until("the third's is given back", () -> protocol.compressedStreams() == 0);
            assertFalse(streams.get(2).write(bytes("nowhere")));
            streams.get(2).end();
        }
        assertEquals(0, protocol.compressedStreams());
    }

    @Test
    void theirMemoryIsGivenBackWhenTheHandlerFailsAndWhenTheServerStops() throws Exception {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> {
            HttpReplyStream stream = reply.compress().stream("t/t");
            stream.write(bytes("some"));
            streams.add(stream);
            if (!request.isKeepAlive()) {
                throw new IOException("deliberate");
            }
        });
        try (HttpServer server = streaming(protocol);
                Client fails = server.client();
                Client stays = server.client()) {
            fails.send(request("GET", GZIP, LAST)).readAll();
            fails.close();
            Await.until("its memory is given back", () -> protocol.compressedStreams() == 0);
            stays.send(request("GET", GZIP));
            Await.until("the other was begun", () -> streams.size() == 2 && protocol.compressedStreams() == 1);
        }
        assertEquals(0, protocol.compressedStreams());
    }

    @Test
    void beyondTheirBoundStreamsAreSentAsTheyAre() throws Exception {
        HttpProtocol protocol = keeping().withCompressedStreams(1);
        try (HttpServer server = streaming(protocol);
                Client one = server.client();
                Client two = server.client()) {
            one.send(request("GET", GZIP));
            Await.until("one was begun", () -> streams.size() == 1);
            two.send(request("GET", GZIP, LAST));
            Await.until("two was begun", () -> streams.size() == 2);
            streams.get(1).write(bytes("plain"));
            streams.get(1).end();
            Got got = Got.of(two.readAll());
            assertFalse(got.isCoded());
            assertTrue(got.says("Vary: Accept-Encoding"));
            assertEquals("plain", new String(unchunked(got.body), UTF_8));
            streams.get(0).end();
        }
        assertThrows(IllegalArgumentException.class, () -> protocol.withCompressedStreams(-1));
    }

    @Test
    void aDeferredReplyIsStreamedCompressedFromAnotherThread() throws Exception {
        try (HttpServer server = new HttpServer(
                        (request, reply) -> deferred.add(reply.compress().defer()));
                Client client = server.client()) {
            client.send(request("GET", GZIP, LAST));
            Await.until("it is deferred", () -> deferred.size() == 1);
            HttpReplyStream stream = deferred.get(0).stream("t/t");
            stream.write(bytes(LONG));
            stream.end();
            assertEquals(LONG, new String(decoded(unchunked(Got.of(client.readAll()).body)), UTF_8));
        }
    }
}
