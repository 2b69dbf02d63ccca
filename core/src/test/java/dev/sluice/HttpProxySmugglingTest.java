// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What two parsers might read differently, put together at random, through a proxy to a backend that reads by other means: {@link
 * NaiveHttp} refuses two lengths, lines that end otherwise, and bytes that some take for the end of a line, so whatever it takes has
 * one reading. It must see as many requests as the client has responses.
 */
class HttpProxySmugglingTest {
    private static final int PAYLOADS = Integer.getInteger("sluice.proxy.payloads", 400);
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final List<String> FIELDS = List.of(
            "Content-Length: 5",
            "content-length:5",
            "Content-Length: 0",
            "Content-Length: 5, 5",
            "Content-Length : 5",
            "Content-Length: +5",
            "Content_Length: 5",
            "Transfer-Encoding: chunked",
            "transfer-encoding:chunked",
            "Transfer-Encoding:\tchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: x\r\n chunked",
            "Transfer_Encoding: chunked",
            " Transfer-Encoding: chunked",
            "X: a\nContent-Length: 5",
            "X: a\rTransfer-Encoding: chunked",
            "X: a\0b",
            "X: \u00e9",
            ": x",
            "Connection: content-length",
            "Connection: transfer-encoding, host",
            "Connection: x\r\nX: 1",
            "Trailer: content-length",
            "Upgrade: h2c",
            "TE: trailers",
            "Host: b");
    private static final List<String> BODIES = List.of(
            "",
            "hello",
            "5\r\nhello\r\n0\r\n\r\n",
            "0\r\n\r\n",
            "5;a=\"b\r\nhello\r\n0\r\n\r\n",
            "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "5\nhello\n0\n\n",
            "5\r\nhelloXX0\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n",
            "00000000000000005\r\nhello\r\n0\r\n\r\n");

    private final AtomicInteger seen = new AtomicInteger();
    private final AtomicReference<AssertionError> wrong = new AtomicReference<>();

    private static String payload(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        text.append(random.nextInt(4) == 0 ? "GET" : "POST").append(" /x HTTP/1.");
        text.append(random.nextInt(8) == 0 ? "0" : "1").append("\r\nHost: a\r\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(FIELDS.get(random.nextInt(FIELDS.size()))).append(random.nextInt(20) == 0 ? "\n" : "\r\n");
        }
        text.append("\r\n").append(BODIES.get(random.nextInt(BODIES.size())));
        return text.append(SMUGGLED).toString();
    }

    private void serve(Client accepted) {
        NaiveHttp reader = new NaiveHttp(true, new NaiveHttp.Told() {
            @Override
            public NaiveHttp.Body head(String start, List<String> fields) {
                seen.incrementAndGet();
                return NaiveHttp.Body.AS_IT_SAYS;
            }

            @Override
            public void body(byte[] bytes) {}

            @Override
            public void end() {
                try {
                    accepted.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        byte[] bytes = new byte[65536];
        try (accepted) {
            accepted.socket.setSoTimeout(0);
            for (int n; (n = accepted.socket.getInputStream().read(bytes)) > 0; ) {
                reader.read(ByteBuffer.wrap(bytes, 0, n));
            }
        } catch (IOException e) {
            // it has ended
        } catch (AssertionError e) {
            wrong.compareAndSet(null, e);
        }
    }

    private void serveAll(ServerSocket listener) {
        try {
            while (true) {
                Client accepted = new Client(listener.accept());
                Thread thread = new Thread(() -> serve(accepted));
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    @Test
    void noPayloadIsReadAsOtherRequestsThanItsResponsesAreTo() throws Exception {
        SplittableRandom random = new SplittableRandom(9112);
        int passed = 0;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread serving = new Thread(() -> serveAll(listener));
            serving.setDaemon(true);
            serving.start();
            Upstream upstream = Upstream.builder("test")
                    .backends(List.of(Backend.of("one", listener.getLocalSocketAddress())))
                    .build();
            HttpProxy proxy = HttpProxy.to(HttpBackends.of(upstream));
            try (TestServer server = new TestServer(HttpProtocol.streaming(proxy), builder -> builder)) {
                for (int i = 0; i < PAYLOADS; i++) {
                    String payload = payload(random);
                    int before = seen.get();
                    int responses = responses(server, payload);
                    assertNull(wrong.get(), () -> "of " + payload);
                    assertEquals(responses, seen.get() - before, payload);
                    passed += responses;
                }
            }
        }
        assertTrue(passed > PAYLOADS / 10, "hardly any was passed on");
    }

    private static int responses(TestServer server, String payload) throws IOException {
        try (Client client = new Client(server.server)) {
            client.send(payload.getBytes(ISO_8859_1)).endOutput();
            return client.readAll().split("HTTP/1.1 200 ", -1).length - 1;
        }
    }
}
