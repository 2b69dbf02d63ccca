// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies of replies that are written in parts. */
class HttpReplyStreamScenarioTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String HEAD = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String GET10 = "GET / HTTP/1.0\r\n\r\n";
    private static final String CHUNKED = reply("200 OK", "Content-Type: text/plain", "Transfer-Encoding: chunked");

    private final AtomicReference<HttpReplyStream> begun = new AtomicReference<>();

    private static void twoParts(HttpReply reply) {
        HttpReplyStream stream = reply.stream("text/plain");
        stream.write(bytes("first, "));
        stream.write(bytes(""));
        stream.write(bytes("and the second"));
        stream.end();
    }

    private HttpReplyStream begun() {
        Await.until("the stream was begun", () -> begun.get() != null);
        return begun.get();
    }

    @Test
    void aBodyOfUnknownLengthIsChunked() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> twoParts(reply));
                Client client = server.client()) {
            String expected = CHUNKED + "7\r\nfirst, \r\ne\r\nand the second\r\n0\r\n\r\n";
            assertEquals(expected + expected, client.send(GET + GET).read(expected + expected));
        }
    }

    @Test
    void inHttp10ItGoesOnUntilTheConnectionEnds() throws Exception {
        String keptAlive = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        for (String request : List.of(GET10, keptAlive)) {
            try (HttpServer server = new HttpServer((r, reply) -> twoParts(reply));
                    Client client = server.client()) {
                String head = reply("200 OK", "Connection: close", "Content-Type: text/plain");
                assertEquals(
                        head + "first, and the second",
                        client.send(request + request).readAll());
            }
        }
    }

    @Test
    void aBodyOfKnownLengthIsNotChunked() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain", 5);
            stream.write(bytes("he"));
            assertThrows(IllegalArgumentException.class, () -> stream.write(bytes("much too much")));
            stream.write(bytes("llo"));
            stream.end();
            assertFalse(stream.isOpen());
            assertThrows(IllegalStateException.class, stream::end);
            assertThrows(IllegalStateException.class, () -> stream.write(bytes("x")));
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            assertEquals(ok("hello") + ok("hello"), client.send(GET + GET).read(ok("hello") + ok("hello")));
        }
    }

    @Test
    void aBodyThatEndsShortEndsTheConnection() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain", 5);
            stream.write(bytes("he"));
            assertThrows(IllegalStateException.class, stream::end);
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            String expected = reply("200 OK", "Content-Type: text/plain", "Content-Length: 5") + "he";
            assertEquals(expected, client.send(GET + GET).readAll());
        }
    }

    @Test
    void aBodyThatIsBrokenOffEndsInAReset() throws Exception {
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            stream.write(bytes("he"));
            stream.abort();
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            assertTrue(client.send(GET10).isReset());
            assertEquals(CloseReason.Kind.ABORTED, server.reason().kind());
        }
    }

    @Test
    void aBodyUntilTheEndThatFailsEndsInAReset() throws Exception {
        HttpHandler atOnce = (request, reply) -> {
            reply.stream("text/plain").write(bytes("he"));
            throw new IllegalStateException("on purpose");
        };
        HttpHandler later = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            stream.write(bytes("he"));
            stream.whenWritable(() -> {
                throw new IllegalStateException("on purpose");
            });
        };
        HttpHandler whole = (request, reply) -> {
            twoParts(reply);
            throw new IllegalStateException("on purpose");
        };
        for (HttpHandler handler : List.of(atOnce, later, whole)) {
            try (HttpServer server = new HttpServer(handler);
                    Client client = server.client()) {
                assertEquals(handler != whole, client.send(GET10).isReset());
            }
        }
    }

    @Test
    void headGetsTheFieldsAndNobodyWritesForEver() throws Exception {
        AtomicInteger pumped = new AtomicInteger();
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            begun.set(stream);
            assertFalse(stream.isOpen());
            Runnable pump = new Runnable() {
                @Override
                public void run() {
                    pumped.incrementAndGet();
                    while (stream.write(bytes("for ever"))) {
                        pumped.incrementAndGet();
                    }
                    stream.whenWritable(this);
                }
            };
            pump.run();
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            assertEquals(CHUNKED + CHUNKED, client.send(HEAD + HEAD).read(CHUNKED + CHUNKED));
            assertEquals(2 * 2, pumped.get());
            begun().end();
        }
    }

    @Test
    void partsOfAllSizesArriveWhole() throws Exception {
        int[] sizes = {1, 15, 16, 255, 256, 4095, 4096, 8192, 8193, 65_536, 1_000_000};
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream(null);
            for (int size : sizes) {
                ByteBuffer part = bytes("-" + "x".repeat(size)).position(1);
                stream.write(part);
                assertEquals(size, part.remaining());
            }
            stream.end();
        };
        StringBuilder expected = new StringBuilder(reply("200 OK", "Transfer-Encoding: chunked"));
        for (int size : sizes) {
            expected.append(Integer.toHexString(size))
                    .append("\r\n")
                    .append("x".repeat(size))
                    .append("\r\n");
        }
        expected.append("0\r\n\r\n");
        Limits limits = Limits.defaults().withOutboundBytes(4 << 20);
        try (HttpServer server = new HttpServer(handler, b -> b.limits(limits));
                Client client = server.client()) {
            assertEquals(expected.toString(), client.send(GET).read(expected.toString()));
        }
    }

    @Test
    void itIsWrittenFromAnotherThreadBehindOtherReplies() throws Exception {
        List<HttpReply> deferred = new CopyOnWriteArrayList<>();
        try (HttpServer server = new HttpServer((request, reply) -> deferred.add(reply.defer()));
                Client client = server.client()) {
            client.send(GET + GET);
            Await.until("both are deferred", () -> deferred.size() == 2);
            HttpReplyStream stream = deferred.get(1).stream("text/plain");
            assertThrows(IllegalStateException.class, () -> deferred.get(1).send());
            stream.write(bytes("ab"));
            deferred.get(0).send("text/plain", "first");
            client.read(ok("first") + CHUNKED + "2\r\nab\r\n");
            stream.write(bytes("cde"));
            assertEquals("3\r\ncde\r\n", client.read("3\r\ncde\r\n"));
            stream.end();
            assertEquals("0\r\n\r\n", client.read("0\r\n\r\n"));
        }
    }

    @Test
    void aClientThatReadsSlowlyKeepsTheWriterWaiting() throws Exception {
        int total = 20_000_000;
        byte[] part = new byte[10_000];
        AtomicInteger written = new AtomicInteger();
        AtomicInteger waits = new AtomicInteger();
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain", total);
            new Runnable() {
                @Override
                public void run() {
                    while (written.get() < total && stream.isOpen()) {
                        written.addAndGet(part.length);
                        if (!stream.write(ByteBuffer.wrap(part)) && written.get() < total) {
                            waits.incrementAndGet();
                            stream.whenWritable(this);
                            return;
                        }
                    }
                    stream.end();
                }
            }.run();
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = new Client(server.test.server, 8 * 1024)) {
            client.send(GET);
            Await.until("the writer waits", () -> waits.get() > 0);
            assertTrue(written.get() < total);
            String head = reply("200 OK", "Content-Type: text/plain", "Content-Length: " + total);
            assertEquals(head, client.read(head));
            assertEquals(total, client.read(total).length);
        }
    }

    @Test
    void aWriterWhoseClientHasGoneIsTold() throws Exception {
        AtomicReference<Boolean> told = new AtomicReference<>();
        HttpHandler handler = (request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            begun.set(stream);
            while (stream.write(ByteBuffer.wrap(new byte[10_000]))) {}
            stream.whenWritable(() -> told.set(stream.isOpen()));
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = new Client(server.test.server, 8 * 1024)) {
            client.send(GET).read(CHUNKED);
            client.reset();
            Await.until("the writer is told", () -> told.get() != null);
            assertFalse(told.get());
            assertFalse(begun().write(bytes("x")));
            begun().end();
        }
    }

    @Test
    void aFileGoesFromItsChannelToTheSocket(@TempDir Path folder) throws Exception {
        byte[] content = new byte[3_000_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) ('a' + i % 26);
        }
        Path path = Files.write(folder.resolve("file"), content);
        try (FileChannel file = FileChannel.open(path)) {
            HttpHandler handler = (request, reply) -> {
                assertThrows(IllegalArgumentException.class, () -> reply.stream(null, -1));
                HttpReplyStream stream = reply.stream("text/plain", content.length);
                assertThrows(IllegalArgumentException.class, () -> stream.transfer(file, 0, content.length + 1));
                new Runnable() {
                    private long at;

                    @Override
                    public void run() {
                        while (at < content.length && stream.isOpen()) {
                            long taken = stream.transfer(file, at, content.length - at);
                            at += taken;
                            if (taken == 0) {
                                stream.whenWritable(this);
                                return;
                            }
                        }
                        stream.end();
                    }
                }.run();
            };
            try (HttpServer server = new HttpServer(handler);
                    Client client = server.client()) {
                String head = reply("200 OK", "Content-Type: text/plain", "Content-Length: " + content.length);
                client.send(GET + GET);
                for (int i = 0; i < 2; i++) {
                    assertEquals(head, client.read(head));
                    assertEquals(ByteBuffer.wrap(content), ByteBuffer.wrap(client.read(content.length)));
                }
            }
        }
    }

    @Test
    void aFileIsNotChunked() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> {
                    HttpReplyStream stream = reply.stream(null);
                    assertThrows(IllegalStateException.class, () -> stream.transfer(null, 0, 1));
                    stream.end();
                });
                Client client = server.client()) {
            String expected = reply("200 OK", "Transfer-Encoding: chunked") + "0\r\n\r\n";
            assertEquals(expected, client.send(GET).read(expected));
        }
    }
}
