// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpForwarding;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.PoolStatus;
import dev.sluice.upstream.Upstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A backend that sends what two parsers might read differently, or more than it was asked for, while another client waits for its
 * connection: neither client may get what the other, or nobody, has asked for. What a client gets is read by {@link NaiveHttp}.
 */
class HttpProxyHostileResponseTest {
    private static final int PAYLOADS = Integer.getInteger("sluice.proxy.payloads", 400);
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = HostileResponses.OK;
    private static final String EVIL = HostileResponses.EVIL;
    private static final HttpForwarding SILENT =
            HttpForwarding.defaults().withXForwarded(false).withVia(null);

    private final List<AutoCloseable> open = new ArrayList<>();
    private ServerSocket listener;
    private HttpBackends backends;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(20_000);
        open.add(listener);
        Upstream upstream = Upstream.builder("test")
                .backends(List.of(Backend.of("one", listener.getLocalSocketAddress())))
                .build();
        backends = HttpBackends.builder(upstream)
                .pool(pool -> pool.connections(1))
                .retries(0)
                .build();
        HttpProxy proxy = HttpProxy.to(backends).withForwarding(SILENT);
        server = new TestServer(HttpProtocol.streaming(proxy), builder -> builder);
        open.add(server);
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private Client client() throws IOException {
        Client client = new Client(server.server);
        open.add(client);
        return client;
    }

    private Client accept() throws IOException {
        Client accepted = new Client(listener.accept());
        open.add(accepted);
        return accepted;
    }

    private static String head(Client from) throws IOException {
        return from.readThrough("\r\n\r\n");
    }

    private void oneWaits() {
        Await.until(
                "the other waits for the connection",
                () -> backends.status().pools().stream()
                                .mapToInt(PoolStatus::waiting)
                                .sum()
                        == 1);
    }

    /** Whoever waits gets a response of its own, by another connection, on which the first may ask again. */
    private void othersAreServed(Client waiting, Client first) throws IOException {
        Client next = accept();
        assertEquals(GET, head(next));
        next.send(OK);
        assertEquals(OK, waiting.read(OK));
        if (first != null) {
            first.send(GET);
            assertEquals(GET, head(next));
            next.send(OK);
            assertEquals(OK, first.read(OK), "behind what it got before");
        }
    }

    /** What a client gets up to the end of one response, or of its connection. */
    private static final class Got implements NaiveHttp.Told {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String status;
        boolean isWhole;

        /** Byte by byte, so that nothing is read behind it. */
        static Got by(Client client) {
            Got got = new Got();
            NaiveHttp reader = new NaiveHttp(false, got);
            byte[] one = new byte[1];
            try {
                while (!got.isWhole && client.socket.getInputStream().read(one) > 0) {
                    got.bytes.write(one[0]);
                    reader.read(ByteBuffer.wrap(one));
                }
            } catch (IOException e) {
                // it was reset
            }
            return got;
        }

        @Override
        public NaiveHttp.Body head(String start, List<String> fields) {
            status = start.split(" ")[1];
            return status.startsWith("1") ? NaiveHttp.Body.NONE : NaiveHttp.Body.AS_IT_SAYS;
        }

        @Override
        public void body(byte[] bytes) {}

        @Override
        public void end() {
            isWhole = !status.startsWith("1");
        }

        @Override
        public String toString() {
            return bytes.toString(ISO_8859_1);
        }
    }

    private static void send(Client to, String text, boolean inPieces) {
        try {
            if (!inPieces) {
                to.send(text);
                return;
            }
            for (int i = 0; i < text.length(); i++) {
                to.send(text.substring(i, i + 1));
            }
        } catch (IOException e) {
            // it was cut before it could send all that
        }
    }

    private void isAnsweredWith502(String response, boolean inPieces) throws Exception {
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        Client second = client().send(GET);
        oneWaits();
        send(backend, response, inPieces);
        Got got = Got.by(first);
        assertTrue(got.isWhole, got::toString);
        assertEquals("502", got.status);
        assertFalse(got.toString().contains("evil"), got::toString);
        assertTrue(backend.isEnded());
        backend.close(); // or the proxy would linger for it
        othersAreServed(second, first);
    }

    static List<String> noResponses() {
        return HostileResponses.NO_RESPONSES;
    }

    @ParameterizedTest
    @MethodSource("noResponses")
    void whatIsNoResponseIsPassedOnToNobody(String response) throws Exception {
        isAnsweredWith502(response, false);
    }

    @ParameterizedTest
    @MethodSource("noResponses")
    void whatIsNoResponseByteByByteIsPassedOnToNobody(String response) throws Exception {
        isAnsweredWith502(response, true);
    }

    static List<String> noChunks() {
        return HostileResponses.NO_CHUNKS;
    }

    private void isCut(String body, boolean inPieces) throws Exception {
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        Client second = client().send(GET);
        oneWaits();
        send(backend, "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n" + body, inPieces);
        Got got = Got.by(first);
        assertFalse(got.isWhole, got::toString);
        assertFalse(got.toString().contains("Content-Length"), got::toString);
        assertTrue(backend.isEnded());
        backend.close();
        othersAreServed(second, null);
    }

    @ParameterizedTest
    @MethodSource("noChunks")
    void aBodyThatGoesWrongNeverLooksWhole(String body) throws Exception {
        isCut(body, false);
    }

    @ParameterizedTest
    @MethodSource("noChunks")
    void aBodyThatGoesWrongByteByByteNeverLooksWhole(String body) throws Exception {
        isCut(body, true);
    }

    static Stream<HostileResponses.Passed> followed() {
        return HostileResponses.followed();
    }

    @ParameterizedTest
    @MethodSource("followed")
    void whatIsBehindAResponseIsNobodys(HostileResponses.Passed passed) throws Exception {
        String ask = passed.method() + " /x HTTP/1.1\r\nHost: a\r\n\r\n";
        Client first = client().send(ask);
        Client backend = accept();
        assertEquals(ask, head(backend));
        Client second = client().send(GET);
        oneWaits();
        backend.send(passed.sent() + EVIL);
        assertEquals(passed.expected(), first.read(passed.expected()));
        othersAreServed(second, first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\r\n", EVIL, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"})
    void whatComesLaterWhileNobodyAsksIsNobodys(String text) throws Exception {
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        Await.until(
                "nobody has the connection",
                () -> backends.status().pools().get(0).idle() == 1);
        backend.send(text);
        assertTrue(backend.isEnded());
        Client second = client().send(GET);
        backend.close();
        othersAreServed(second, first);
    }

    @Test
    void aBodyUntilTheEndOfTheConnectionIsTheWholeRest() throws Exception {
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        Client second = client().send(GET);
        oneWaits();
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nConnection: keep-alive\r\n\r\nabc" + EVIL)
                .close();
        Got got = Got.by(first);
        assertTrue(got.isWhole, got::toString);
        assertTrue(got.toString().endsWith("evil\r\n0\r\n\r\n"), got::toString);
        othersAreServed(second, first);
    }

    @Test
    void aBodyThatIsShorterThanItsLengthNeverLooksWhole() throws Exception {
        Client first = client().send(GET + GET);
        Client backend = accept();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 5\r\n\r\nab")
                .close();
        Got got = Got.by(first);
        assertFalse(got.isWhole, got::toString);
    }

    // ---- at random

    private static String payload(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int responses = 1 + random.nextInt(2); responses > 0; responses--) {
            text.append(HostileResponses.STARTS.get(random.nextInt(HostileResponses.STARTS.size())))
                    .append("\r\n");
            for (int i = random.nextInt(3); i > 0; i--) {
                text.append(HostileResponses.FIELDS.get(random.nextInt(HostileResponses.FIELDS.size())))
                        .append(random.nextInt(20) == 0 ? "\n" : "\r\n");
            }
            text.append("\r\n").append(HostileResponses.BODIES.get(random.nextInt(HostileResponses.BODIES.size())));
        }
        return text.append(EVIL).toString();
    }

    /** Answers the first request with that, and then each with {@link #OK}. */
    private void answer(String payload) {
        try (Client backend = new Client(listener.accept())) {
            head(backend);
            backend.send(payload.getBytes(ISO_8859_1)).endOutput();
            backend.readAll();
        } catch (IOException e) {
            // it was reset, or has ended
        }
    }

    @Test
    void whateverABackendSendsEachClientGetsOneResponseOrACut() throws Exception {
        SplittableRandom random = new SplittableRandom(9110);
        int passed = 0;
        for (int i = 0; i < PAYLOADS; i++) {
            String payload = payload(random);
            Thread backend = new Thread(() -> answer(payload));
            backend.start();
            try (Client client = new Client(server.server)) {
                client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                Got got = Got.by(client);
                String rest = restOf(client);
                assertEquals("", rest, () -> "behind " + got + ", of " + payload);
                passed += got.isWhole && !got.status.equals("502") ? 1 : 0;
            }
            backend.join();
        }
        assertTrue(passed > PAYLOADS / 10, "hardly any was passed on");
    }

    private static String restOf(Client client) {
        try {
            return client.readAll();
        } catch (IOException e) {
            return ""; // it was reset
        }
    }
}
