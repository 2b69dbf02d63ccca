// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.GotReply.GZIP;
import static dev.sluice.GotReply.LAST;
import static dev.sluice.GotReply.get;
import static dev.sluice.GotReply.request;
import static dev.sluice.HttpServer.reply;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpReply;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole bodies that are compressed, over sockets. */
class HttpCompressScenarioTest {
    private static final String LONG = "hello ".repeat(200);

    @Test
    void aWholeBodyIsCompressedForWhoPrefersThat() throws Exception {
        List<HttpHandler> ways = List.of(
                (request, reply) -> reply.compress().send("t/t", LONG + "\u00e9"),
                (request, reply) -> reply.compress().send("t/t", ByteBuffer.wrap((LONG + "\u00e9").getBytes(UTF_8))),
                (request, reply) -> reply.compress().defer().send("t/t", LONG + "\u00e9"));
        for (HttpHandler handler : ways) {
            GotReply coded = get(handler, GZIP);
            assertEquals(
                    reply(
                            "200 OK",
                            LAST,
                            "Content-Type: t/t",
                            "Vary: Accept-Encoding",
                            "Content-Encoding: gzip",
                            "Content-Length: " + coded.body().length),
                    coded.head());
            assertTrue(coded.body().length < 100);
            assertEquals(LONG + "\u00e9", coded.text());
            GotReply plain = get(handler, "Accept-Encoding: br");
            assertTrue(!plain.isCoded() && plain.says("Vary: Accept-Encoding"), plain.head());
            assertEquals(LONG + "\u00e9", plain.text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 128 * 1024 + 1})
    void whatIsSmallOrKeepsTheReaderLongIsNot(int size) throws Exception {
        GotReply got = get((request, reply) -> reply.compress().send("t/t", "x".repeat(size)), GZIP);
        assertFalse(got.isCoded());
        assertEquals(size, got.body().length);
        assertTrue(got.says("Vary: Accept-Encoding") && got.says("Content-Length: " + size), got.head());
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 128 * 1024})
    void whatIsBetweenIs(int size) throws Exception {
        GotReply got = get((request, reply) -> reply.compress().send("t/t", "x".repeat(size)), GZIP);
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
        GotReply got = get(
                (request, reply) -> reply.status(status)
                        .field("ETag", "\"a\"")
                        .field(name, value)
                        .compress()
                        .send("t/t", LONG),
                GZIP);
        assertFalse(got.isCoded());
        assertTrue(got.says("ETag: \"a\"") && got.says("Vary: Accept-Encoding"), got.head());
        assertEquals(LONG, got.text());
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 304})
    void repliesWithoutABodyHaveNone(int status) throws Exception {
        GotReply got = get(
                (request, reply) ->
                        reply.status(status).field("ETag", "\"a\"").compress().send(),
                GZIP);
        assertFalse(got.isCoded());
        assertEquals(0, got.body().length);
        assertTrue(got.says("ETag: W/\"a\""), got.head()); // that of the 200
    }

    @Test
    void tagsOfWhatMayBeCompressedAreWeakAndThereIsOneVary() throws Exception {
        HttpHandler handler = (request, reply) -> reply.field("Vary", "Cookie, accept-encoding")
                .field("X", "1")
                .field("etag", "\"a\"")
                .field("Y", "2")
                .compress()
                .send("t/t", LONG);
        GotReply coded = get(handler, GZIP);
        assertTrue(coded.head().contains("\r\nVary: Cookie, accept-encoding\r\nX: 1\r\netag: W/\"a\"\r\nY: 2\r\n"));
        assertFalse(coded.says("Vary: Accept-Encoding"));
        assertTrue(get(handler).says("etag: \"a\""));
        GotReply weak = get(
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
                GotReply.of(whole, request("HEAD", GZIP, LAST)).head());
        assertTrue(GotReply.of(whole, request("HEAD", LAST)).says("Content-Length: " + LONG.length()));
        HttpHandler parts = (request, reply) -> reply.compress().stream("t/t").end();
        GotReply head = GotReply.of(parts, request("HEAD", GZIP, LAST));
        assertEquals(get(parts, GZIP).head(), head.head());
        assertEquals(0, head.body().length);
    }

    @Test
    void smallFilesAreAndLargeOnesAreNot(@TempDir Path folder) throws Exception {
        for (int size : new int[] {1000, 100_000}) {
            Path path = Files.write(folder.resolve("file"), new byte[size]);
            GotReply got = get((request, reply) -> reply.compress().send("t/t", FileChannel.open(path), 0, size), GZIP);
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
        GotReply got = get(handler, GZIP);
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
}
