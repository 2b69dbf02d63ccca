// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReplyStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Bodies that go on until the connection ends: whatever cuts one off, its client can't take it for whole. */
class HttpTornReplyScenarioTest {
    private static final String GET10 = "GET / HTTP/1.0\r\n\r\n";
    private static final String POST10 = "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\na";

    private final AtomicReference<HttpReplyStream> begun = new AtomicReference<>();

    private HttpReplyStream begun() {
        Await.until("the stream was begun", () -> begun.get() != null);
        return begun.get();
    }

    private HttpServer streamingServer() throws Exception {
        return new HttpServer((request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            stream.write(bytes("a part"));
            begun.set(stream);
        });
    }

    /** Begins a body at the head, and fails when more of the request's comes. */
    private HttpProtocol failingReceiver() {
        return HttpProtocol.streaming((request, reply) -> {
            HttpReplyStream stream = reply.stream("text/plain");
            stream.write(bytes("a part"));
            return (piece, same) -> {
                if (piece.isLast()) {
                    throw new IllegalStateException("deliberate");
                }
                begun.set(stream);
            };
        });
    }

    @Test
    void whereTheServerStops() throws Exception {
        try (HttpServer server = streamingServer();
                Client client = server.client()) {
            client.send(GET10);
            begun();
            server.test.server.stop(Duration.ZERO);
            assertTrue(client.isReset());
        }
    }

    @Test
    void whereADrainIsOver() throws Exception {
        try (HttpServer server = streamingServer();
                Client client = server.client()) {
            client.send(GET10);
            begun();
            assertEquals(1, server.test.server.drain(Duration.ofMillis(50)).forced());
            assertTrue(client.isReset());
        }
    }

    @Test
    void whereItWasAllGivenButHasNotLeft() throws Exception {
        try (HttpServer server = streamingServer();
                Client client = new Client(server.test.server, 4096)) {
            client.send(GET10);
            HttpReplyStream stream = begun();
            Await.until("the socket is full", () -> {
                if (stream.connection().unsentBytes() == 0) {
                    stream.write(ByteBuffer.allocate(256 * 1024));
                }
                return server.test.server.readers().get(0).lentBuffers() > 0;
            });
            stream.end();
            server.test.server.stop(Duration.ZERO);
            assertTrue(client.isReset());
        }
    }

    @Test
    void whereTheReceiverOfTheRequestsBodyFails() throws Exception {
        try (HttpServer server = new HttpServer(failingReceiver(), b -> b);
                Client client = server.client()) {
            client.send(POST10);
            begun();
            client.send("b");
            assertTrue(client.isReset());
        }
    }

    @Test
    void whereTheRequestsBodyDoesNotComeInTime() throws Exception {
        Duration brief = Duration.ofMillis(100);
        Deadlines deadlines = Deadlines.defaults().withFrame(brief).withLinger(brief);
        try (HttpServer server = new HttpServer(failingReceiver(), b -> b.deadlines(deadlines));
                Client client = server.client()) {
            client.send(POST10);
            begun();
            assertTrue(client.isReset());
        }
    }

    @Test
    void whereNothingWasCutTheEndIsInOrder() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) -> reply.send("text/plain", "whole"));
                Client client = server.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read(ok("whole"));
            server.test.server.stop(Duration.ZERO);
            assertEquals("", client.readAll());
        }
    }
}
