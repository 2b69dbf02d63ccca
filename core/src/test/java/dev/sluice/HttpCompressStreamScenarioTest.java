// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.GotReply.GZIP;
import static dev.sluice.GotReply.LAST;
import static dev.sluice.GotReply.decoded;
import static dev.sluice.GotReply.get;
import static dev.sluice.GotReply.request;
import static dev.sluice.GotReply.unchunked;
import static dev.sluice.HttpServer.reply;
import static dev.sluice.TestServer.bytes;
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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Streams that are compressed, over sockets, and their memory. */
class HttpCompressStreamScenarioTest {
    private static final String LONG = "hello ".repeat(200);

    private final List<HttpReplyStream> streams = new CopyOnWriteArrayList<>();
    private final List<HttpReply> deferred = new CopyOnWriteArrayList<>();

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
            GotReply chunked =
                    GotReply.of(client.send(request("GET", GZIP, LAST)).readAll());
            assertTrue(chunked.isCoded() && chunked.says("Transfer-Encoding: chunked"), chunked.head());
            byte[] data = unchunked(chunked.body());
            assertEquals(LONG.repeat(100), new String(decoded(data), UTF_8));
            GotReply raw = GotReply.of(
                    old.send("GET / HTTP/1.0\r\n" + GZIP + "\r\n\r\n").readAll());
            assertEquals(LONG.repeat(100), raw.text());
            assertTrue(data.length < LONG.length());
            assertTrue(lines.get(0).endsWith(" 200 " + data.length), lines.get(0));
            assertTrue(lines.get(1).endsWith(" 200 " + raw.body().length), lines.get(1));
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
        GotReply got = get(handler, GZIP);
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
            ByteArrayOutputStream all = new ByteArrayOutputStream();
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
            assertTrue(fails.send(request("GET", GZIP, LAST)).isReset());
            Await.until("its memory is given back", () -> protocol.compressedStreams() == 0);
            stays.send(request("GET", GZIP));
            Await.until("the other was begun", () -> streams.size() == 2 && protocol.compressedStreams() == 1);
            server.test.server.stop(Duration.ofMillis(50));
            assertEquals(0, protocol.compressedStreams());
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
            GotReply got = GotReply.of(two.readAll());
            assertFalse(got.isCoded());
            assertTrue(got.says("Vary: Accept-Encoding"));
            assertEquals("plain", new String(unchunked(got.body()), UTF_8));
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
            assertEquals(
                    LONG,
                    new String(decoded(unchunked(GotReply.of(client.readAll()).body())), UTF_8));
        }
    }
}
