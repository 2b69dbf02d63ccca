// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpForwarding;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.http.HttpProxyRoutes;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.PoolStatus;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reverse proxy whose clients and backends mean no good, and whose bounds are reached. */
class HttpProxyHostileScenarioTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc";
    private static final String EVIL = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 4\r\n\r\nevil";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ServerSocket listener;
    private final Upstream upstream;
    private UnaryOperator<Server.Builder> configuration = builder -> builder;
    private HttpBackends backends;
    private TestServer server;

    HttpProxyHostileScenarioTest() throws IOException {
        listener = listener();
        upstream = Upstream.builder("test")
                .backends(List.of(backend("one", listener)))
                .build();
    }

    private ServerSocket listener() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(20_000);
        open.add(socket);
        return socket;
    }

    private static Backend backend(String name, ServerSocket socket) {
        return Backend.of(name, socket.getLocalSocketAddress());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        if (backends != null) {
            assertAddsUp();
        }
    }

    private void assertAddsUp() {
        var status = backends.status();
        long outcomes = status.responses()
                + status.badGateway()
                + status.unavailable()
                + status.timeouts()
                + status.brokenOff()
                + status.abandoned();
        assertTrue(status.requests() >= outcomes, status::toString);
        for (PoolStatus pool : status.pools()) {
            assertEquals(0, pool.idle(), pool::toString);
        }
    }

    private void start(UnaryOperator<HttpBackends.Builder> settings) throws IOException {
        backends = settings.apply(HttpBackends.builder(upstream)).build();
        startBy(request -> backends);
    }

    private void startBy(HttpProxyRoutes routes) throws IOException {
        HttpProxy proxy = HttpProxy.by(routes)
                .withForwarding(HttpForwarding.defaults().withXForwarded(false).withVia(null));
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(1L << 40);
        server = new TestServer(HttpProtocol.streaming(proxy).withLimits(limits), configuration);
        open.add(server);
    }

    private Client client() throws IOException {
        Client client = new Client(server.server);
        open.add(client);
        return client;
    }

    private Client accept() throws IOException {
        return accept(listener);
    }

    private Client accept(ServerSocket from) throws IOException {
        Client accepted = new Client(from.accept());
        open.add(accepted);
        return accepted;
    }

    private static String head(Client from) throws IOException {
        return from.readThrough("\r\n\r\n");
    }

    private int waiting() {
        return backends.status().pools().stream().mapToInt(PoolStatus::waiting).sum();
    }

    // ---- what isn't anybody's

    @Test
    void bytesBehindAResponseAreNotTheNextWaitersResponse() throws Exception {
        start(builder -> builder.pool(pool -> pool.connections(1)));
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        Client second = client().send(GET);
        Await.until("the other waits for the connection", () -> waiting() == 1);
        backend.send(OK + EVIL);
        assertEquals(OK, first.read(OK));
        Client next = accept();
        assertEquals(GET, head(next));
        next.send(OK);
        assertEquals(OK, second.read(OK));
    }

    // ---- ends

    @Test
    void whoIsClosedTakesNoRequestAnyMore() throws Exception {
        start(builder -> builder);
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        backends.close();
        assertTrue(head(client().send(GET)).startsWith("HTTP/1.1 503 "));
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        assertTrue(backend.isEnded());
    }

    @Test
    void whoIsClosedBeforeTheFirstRequestTakesNone() throws Exception {
        start(builder -> builder);
        backends.close();
        assertTrue(head(client().send(GET)).startsWith("HTTP/1.1 503 "));
        Client poster = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + GET);
        assertTrue(head(poster).startsWith("HTTP/1.1 503 "));
    }

    @Test
    void whoIsClosedWhileTheFirstRequestComesKeepsNoConnection() throws Exception {
        start(builder -> builder.pool(pool -> {
            backends.close(); // as another thread might
            return pool;
        }));
        assertTrue(head(client().send(GET)).startsWith("HTTP/1.1 503 "));
        assertEquals(0, backends.status().pools().get(0).connections());
    }

    @Test
    void manyWhoHaveGoneAwayWhileTheyWaitedAreSkipped() throws Exception {
        int many = 3000;
        start(builder -> builder.pool(pool -> pool.connections(1).queue(many)));
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        for (int i = 0; i < many / 100; i++) { // of each connection 100 requests wait
            Client gone = client();
            gone.send(GET.repeat(100));
            int waiting = (i + 1) * 100;
            Await.until("they wait", () -> waiting() == waiting);
            gone.reset();
        }
        Await.until("they are gone", () -> backends.status().abandoned() == many);
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        first.send(GET);
        assertEquals(GET, head(backend), "nothing has become of the connection");
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        Await.until("nobody waits", () -> waiting() == 0);
    }

    @Test
    void whoHasGoneAwayLeavesThePlaceInTheQueueToOthers() throws Exception {
        start(builder -> builder.pool(pool -> pool.connections(1).queue(1)));
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        client().send(GET).reset();
        Await.until("that one is gone", () -> backends.status().abandoned() == 1);
        Client second = client().send(GET);
        Await.until("the other waits or is refused", () -> backends.status().requests() == 3);
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        assertEquals(GET, head(backend));
        backend.send(OK);
        assertEquals(OK, second.read(OK));
        assertEquals(0, backends.status().unavailable());
    }

    // ---- bounds

    @Test
    void aBodyThatIsHeldMayBeLongerThanWhatMayBeUnsent() throws Exception {
        configuration = builder ->
                builder.limits(Limits.defaults().withMarks(10_000, 5_000).withOutboundBytes(100_000));
        byte[] body = new byte[40_000_000];
        new Random(5).nextBytes(body);
        start(builder -> builder.heldBytes(50_000_000));
        Client client = client();
        client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n")
                .send(body);
        Client backend = accept();
        head(backend);
        assertTrue(Arrays.equals(body, backend.read(body.length)));
        backend.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @Test
    void aBodyThatIsHeldIsSentAgainWhole() throws Exception {
        start(builder -> builder);
        Client client = client().send(GET);
        Client first = accept();
        head(first);
        first.send(OK);
        assertEquals(OK, client.read(OK));
        client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        head(first);
        first.close();
        Client second = accept();
        head(second);
        assertEquals("hello", second.read("hello"));
        second.send(OK);
        assertEquals(OK, client.read(OK));
    }

    // ---- who is told that something has failed

    @Test
    void anErrorBeforeTheBodyIsWholeSaysThatTheConnectionEnds() throws Exception {
        listener.close();
        start(builder -> builder);
        Client client = client().send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
        assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
    }

    @Test
    void routesThatThrowEndTheConnectionAndNothingElse() throws Exception {
        startBy(request -> {
            throw new IOException("on purpose");
        });
        assertTrue(client().send(GET).readAll().startsWith("HTTP/1.1 500 "));
        assertTrue(client().send(GET).readAll().startsWith("HTTP/1.1 500 "));
    }

    @Test
    void aPoolThatCannotBeMadeEndsTheConnectionAndNothingElse() throws Exception {
        start(builder -> builder.pool(pool -> pool.connections(0)));
        assertTrue(client().send(GET).readAll().startsWith("HTTP/1.1 500 "));
        assertTrue(client().send(GET).readAll().startsWith("HTTP/1.1 500 "));
        assertEquals(0, backends.status().requests());
    }

    @Test
    void aClientThatIsResetWhileItWaitsIsForgotten() throws Exception {
        start(builder -> builder.pool(pool -> pool.connections(1)));
        Client first = client().send(GET);
        Client backend = accept();
        head(backend);
        Client gone = client().send("POST /gone HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        Await.until("it waits", () -> waiting() == 1);
        gone.reset();
        Await.until("it is counted", () -> backends.status().abandoned() == 1);
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        first.send(GET);
        assertEquals(GET, head(backend), "and not what nobody waits for");
        backend.send(OK);
        assertEquals(OK, first.read(OK));
        assertEquals(0, upstream.status().get(0).active());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void aBodyThatIsNoneIsAnsweredAndNothingWaitsForIt(int heldBytes) throws Exception {
        start(builder -> builder.heldBytes(heldBytes));
        Client client = client().send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        if (heldBytes == 0) {
            Client backend = accept();
            head(backend);
            client.send("x\r\n");
            assertTrue(backend.readThrough("abc\r\n").endsWith("abc\r\n"));
            assertTrue(backend.isEnded());
        } else {
            client.send("x\r\n");
        }
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
        Await.until("nothing is under way", () -> backends.status().abandoned() == 1);
    }

    @Test
    void aBodyThatDoesNotComeIsAnswered() throws Exception {
        configuration = builder -> builder.deadlines(Deadlines.defaults().withFrame(Duration.ofMillis(100)));
        start(builder -> builder);
        String answer = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
                .readAll();
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
        Await.until("nothing is under way", () -> backends.status().abandoned() == 1);
    }

    @Test
    void whoWaitsIsToldAtOnceThatItIsNoResponse() throws Exception {
        configuration = builder -> builder.deadlines(Deadlines.defaults().withLinger(Duration.ofHours(1)));
        start(builder -> builder);
        Client client = client().send(GET);
        Client backend = accept();
        head(backend);
        backend.send("no response\r\n\r\n"); // and it doesn't end its side
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
        assertTrue(backend.isEnded());
    }

    // ---- backends without an end

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", "A: b\r\n", "x"})
    void whatABackendSendsWithoutEndIsCut(String piece) throws Exception {
        start(builder -> builder.retries(0));
        Client client = client().send(GET);
        Client backend = accept();
        head(backend);
        if (!piece.startsWith("HTTP")) {
            backend.send("HTTP/1.1 200 OK\r\n");
        }
        Thread sender = endless(backend, piece);
        String answer = client.readThrough(" 502 ");
        assertTrue(answer.length() < 100_000);
        sender.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {";a=b", "0", "1;x\r\n"})
    void chunksWithoutEndAreCut(String piece) throws Exception {
        start(builder -> builder.retries(0));
        Client client = client().send(GET);
        Client backend = accept();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n"
                + (piece.startsWith(";") ? "1" : ""));
        Thread sender = endless(backend, piece);
        assertTrue(client.isReset());
        sender.join();
    }

    private static Thread endless(Client backend, String piece) {
        byte[] many = piece.repeat(1000).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        Thread sender = new Thread(() -> {
            try {
                while (true) {
                    backend.send(many);
                }
            } catch (IOException e) {
                // it was cut
            }
        });
        sender.start();
        return sender;
    }

    // ---- what is held while nothing moves

    @Test
    void whatASlowReaderHasNotTakenIsBounded() throws Exception {
        start(builder -> builder);
        Client client = client().send(GET);
        Client backend = accept();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: " + (1L << 32) + "\r\n\r\n");
        Thread sender = endless(backend, "0123456789");
        head(client);
        Reader reader = server.server.readers().get(0);
        Await.until("the backend isn't read any more", () -> reader.paused() > 0);
        assertTrue(reader.lentBytes() < 1 << 20, () -> "lent " + reader.lentBytes());
        client.reset();
        sender.join();
        Await.until("nothing is held", () -> reader.lentBytes() == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatASlowBackendHasNotTakenIsBounded(boolean chunked) throws Exception {
        start(builder -> builder);
        Client client = client();
        client.send("PUT /x HTTP/1.1\r\nHost: a\r\n"
                + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + (1L << 32)) + "\r\n\r\n");
        Thread sender = endless(client, chunked ? "5\r\nhello\r\n" : "0123456789");
        Client backend = accept();
        head(backend);
        Reader reader = server.server.readers().get(0);
        Await.until("the client isn't read any more", () -> reader.paused() > 0);
        assertTrue(reader.lentBytes() < 1 << 20, () -> "lent " + reader.lentBytes());
        backend.reset();
        sender.join();
        Await.until("nothing is held", () -> reader.lentBytes() == 0);
    }

    // ---- backends that come and go

    @Test
    void backendsAreReplacedUnderLoad() throws Exception {
        List<ServerSocket> listeners = List.of(listener, listener(), listener());
        for (ServerSocket each : listeners) {
            Thread answering = new Thread(() -> answerAll(each));
            answering.setDaemon(true);
            answering.start();
        }
        start(builder -> builder.pool(pool -> pool.connections(4)));
        List<Client> clients = List.of(client(), client(), client(), client(), client());
        for (int i = 0; i < 100; i++) {
            for (Client client : clients) {
                client.send(GET);
            }
            upstream.backends(
                    List.of(backend("b" + i, listeners.get(i % 3)), backend("c" + i, listeners.get((i + 1) % 3))));
            for (Client client : clients) {
                assertEquals(OK, client.read(OK));
            }
        }
        Await.until(
                "nothing is in use",
                () -> upstream.status().stream().mapToInt(BackendStatus::active).sum() == 0);
        assertEquals(500, backends.status().responses());
    }

    private void answerAll(ServerSocket from) {
        try {
            while (true) {
                Client accepted = new Client(from.accept());
                Thread one = new Thread(() -> answerAll(accepted));
                one.setDaemon(true);
                one.start();
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private static void answerAll(Client accepted) {
        try (accepted) {
            while (true) {
                head(accepted);
                accepted.send(OK);
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    @Test
    void manyClientsShareAFewConnections() throws Exception {
        Thread answering = new Thread(() -> answerAll(listener));
        answering.setDaemon(true);
        answering.start();
        int number = Integer.getInteger("sluice.proxy.clients", 1000);
        start(builder -> builder.pool(pool -> pool.connections(64).queue(number).longestWait(Duration.ofMinutes(1))));
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            clients.add(client());
        }
        for (int round = 0; round < 2; round++) {
            for (Client client : clients) {
                client.send(GET);
            }
            for (Client client : clients) {
                assertEquals(OK, client.read(OK));
            }
        }
        assertTrue(backends.status().pools().get(0).connections() <= 64);
        assertEquals(
                number,
                server.server.connections() - backends.status().pools().get(0).connections());
        assertEquals(0, server.server.readers().get(0).lentBytes());
    }
}
