// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HeldBytes;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpBackendsStatus;
import dev.sluice.http.HttpForwarding;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.PoolStatus;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A request through a reverse proxy is brought into each phase, and then something happens: the client gets its answer or an end, and
 * nothing is left of it.
 */
class HttpProxyPhasesScenarioTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc";
    private static final String PUT = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    private static final String LONG_PUT = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n";
    private static final String UPGRADE =
            "GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nDate: D\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";
    private static final int HELD_BYTES = 100;
    private static final int REST_BYTES = 495;

    /** How far it is. */
    private enum Phase {
        /** A part of its body has come, and is held. */
        HOLDING,
        /** It waits for the one connection, which another request has. */
        WAITING,
        /** A part of its body was passed on. */
        PASSING,
        /** All of it was passed on. */
        SENT,
        /** A part of the response was passed on. */
        RESPONDING,
        /** It is none any more. */
        TUNNEL
    }

    private final List<AutoCloseable> open = new ArrayList<>();
    private final MemoryBudget budget = MemoryBudget.ofBytes(64 << 20);
    private final ServerSocket listener;
    private final Upstream upstream;
    private final HttpBackends backends;
    private final TestServer server;
    private Client client;
    private Client backend; // null while it has none
    private Client occupant; // null unless another request has the connection

    HttpProxyPhasesScenarioTest() throws IOException {
        listener = listener();
        upstream = Upstream.builder("test").backends(List.of(backend(listener))).build();
        backends = HttpBackends.builder(upstream)
                .pool(pool -> pool.connections(1))
                .heldBytes(HELD_BYTES)
                .upgrades("websocket")
                .build();
        HttpProxy proxy = HttpProxy.to(backends)
                .withForwarding(HttpForwarding.defaults().withXForwarded(false).withVia(null));
        server = new TestServer(HttpProtocol.streaming(proxy), builder -> builder.budget(budget)
                .deadlines(Deadlines.defaults().withLinger(Duration.ofMillis(50))));
        open.add(server);
    }

    private ServerSocket listener() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(20_000);
        open.add(socket);
        return socket;
    }

    private static Backend backend(ServerSocket socket) {
        return Backend.of("port " + socket.getLocalPort(), socket.getLocalSocketAddress());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        nothingIsLeft();
        assertEquals(0, budget.usedBytes());
    }

    private void nothingIsLeft() {
        HttpBackendsStatus status = backends.status();
        assertEquals(status.requests(), outcomes(status), status::toString);
        for (PoolStatus pool : status.pools()) {
            assertEquals(0, pool.connections() + pool.idle() + pool.waiting(), pool::toString);
        }
        assertEquals(0, active());
        assertEquals(0, HeldBytes.of(backends));
    }

    private static long outcomes(HttpBackendsStatus status) {
        return status.responses()
                + status.badGateway()
                + status.unavailable()
                + status.timeouts()
                + status.brokenOff()
                + status.abandoned();
    }

    private int active() {
        return upstream.status().stream().mapToInt(BackendStatus::active).sum();
    }

    private Client client() throws IOException {
        Client made = new Client(server.server);
        open.add(made);
        return made;
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

    /** Brings a request that far. */
    private void bring(Phase phase) throws IOException {
        switch (phase) {
            case HOLDING -> {
                client = client().send(PUT + "he");
                Await.until("a part is held", () -> HeldBytes.of(backends) > 0); // its head too
            }
            case WAITING -> {
                occupant = client().send(GET);
                backend = accept();
                head(backend);
                client = client().send(PUT + "hello");
                Await.until("it waits", () -> waiting() == 1);
            }
            case PASSING -> {
                client = client().send(LONG_PUT + "hello");
                backend = accept();
                head(backend);
                assertEquals("hello", backend.read("hello"));
            }
            case SENT -> {
                client = client().send(PUT + "hello");
                backend = accept();
                head(backend);
                assertEquals("hello", backend.read("hello"));
            }
            case RESPONDING -> {
                client = client().send(GET);
                backend = accept();
                head(backend);
                String part = OK.substring(0, OK.length() - 2);
                backend.send(part);
                assertEquals(part, client.read(part));
            }
            case TUNNEL -> {
                client = client().send(UPGRADE);
                backend = accept();
                head(backend);
                backend.send(SWITCHED);
                assertEquals(SWITCHED, client.read(SWITCHED));
            }
        }
    }

    private int waiting() {
        return backends.status().pools().stream().mapToInt(PoolStatus::waiting).sum();
    }

    /** Everybody goes on with what he had begun. Returns what the client has got up to its end, or up to that of the response. */
    private String goOn(Phase phase, ServerSocket next, boolean ends) throws IOException {
        switch (phase) {
            case HOLDING -> {
                client.send("llo");
                backend = accept(next);
                head(backend);
                assertEquals("hello", backend.read("hello"));
                backend.send(OK);
            }
            case WAITING -> {
                backend.send(OK);
                head(occupant);
                assertEquals("abc", occupant.read("abc"));
                Client behind = ends ? thatGetsIt() : backend;
                head(behind);
                assertEquals("hello", behind.read("hello"));
                behind.send(OK);
            }
            case PASSING -> {
                client.send(new byte[REST_BYTES]);
                backend.read(REST_BYTES);
                backend.send(OK);
            }
            case SENT -> backend.send(OK);
            case RESPONDING -> {
                backend.send("bc");
                return "a" + (ends ? client.readAll() : client.read("bc"));
            }
            case TUNNEL -> {
                client.send("ping");
                assertEquals("ping", backend.read("ping"));
                backend.send("abc").endOutput();
                return client.readAll();
            }
        }
        return ends ? client.readAll() : head(client) + client.read("abc");
    }

    /** In a drain it depends on whether the first connection has been told of it. */
    private Client thatGetsIt() throws IOException {
        listener.setSoTimeout(1);
        Client[] next = {null};
        Await.until("somebody gets it", () -> {
            try {
                next[0] = backend.socket.getInputStream().available() > 0 ? backend : accept();
            } catch (IOException e) {
                // not yet
            }
            return next[0] != null;
        });
        return next[0];
    }

    // ---- the server stops

    @ParameterizedTest
    @EnumSource(Phase.class)
    void inADrainEachGetsItsAnswer(Phase phase) throws Exception {
        bring(phase);
        CompletableFuture<DrainReport> drained = CompletableFuture.supplyAsync(this::stop);
        Await.until(
                "its connections are told", () -> server.server.readers().get(0).isDraining());
        String answer = goOn(phase, listener, true);
        assertTrue(answer.endsWith("abc"), answer);
        DrainReport report = drained.get();
        assertEquals(0, report.forced(), report::toString);
        assertEquals(0, report.unanswered(), report::toString);
    }

    @Test
    void inADrainABackendIsFoundByItsNameAsWell() throws Exception {
        InetSocketAddress name = InetSocketAddress.createUnresolved("localhost", listener.getLocalPort());
        upstream.backends(List.of(Backend.of("named", name)));
        bring(Phase.HOLDING);
        CompletableFuture<DrainReport> drained = CompletableFuture.supplyAsync(this::stop);
        Await.until(
                "its connections are told", () -> server.server.readers().get(0).isDraining());
        String answer = goOn(Phase.HOLDING, listener, true);
        assertTrue(answer.endsWith("abc"), answer);
        assertEquals(0, drained.get().forced());
        assertEquals(0, upstream.status().get(0).failed());
    }

    @Test
    void itIsSaidWhyABackendHasFailed() throws Exception {
        bring(Phase.SENT);
        backend.close();
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
        BackendStatus status = upstream.status().get(0);
        assertEquals("the connection has ended without a response", status.lastFailure());
    }

    private DrainReport stop() {
        try {
            return server.server.stop(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void atTheEndOfTheGraceEachHasAnEnd(Phase phase) throws Exception {
        bring(phase);
        server.server.stop(Duration.ofMillis(100));
        String got = untilTheEnd(client);
        assertTrue(got.isEmpty() || got.startsWith("HTTP/1.1 503 ") || got.startsWith("HTTP/1.1 408 "), got);
        if (backend != null) {
            assertEquals("", untilTheEnd(backend));
        }
        nothingIsLeft();
        assertEquals(0, upstream.status().get(0).failed(), "it was we who have cut it");
    }

    private static String untilTheEnd(Client from) {
        StringBuilder got = new StringBuilder();
        try {
            for (int c; (c = from.socket.getInputStream().read()) >= 0; ) {
                got.append((char) c);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("it has no end", e);
        } catch (IOException e) {
            // it was reset
        }
        return got.toString();
    }

    @Test
    void aTunnelThatIsCutAtTheEndOfTheGraceDoesNotLookWhole() throws Exception {
        bring(Phase.TUNNEL);
        server.server.stop(Duration.ofMillis(100));
        assertTrue(client.isReset());
        assertTrue(backend.isReset());
    }

    @Test
    void whoWaitsForAConnectionOfAnotherReaderIsNotForgottenAtTheEndOfTheGrace() throws Exception {
        HttpProtocol http = HttpProtocol.streaming(HttpProxy.to(backends));
        try (TestServer two = new TestServer(http, builder -> builder.topology(Topology.acceptorAndReaders(2)));
                Client first = new Client(two.server);
                Client second = new Client(two.server)) {
            first.send(GET);
            head(accept());
            second.send(PUT + "hello");
            Await.until("it waits", () -> waiting() == 1);
            two.server.stop(Duration.ofMillis(100));
            nothingIsLeft();
        }
    }

    // ---- the backends are others

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whenBackendsAreReplacedEachGetsItsAnswer(Phase phase) throws Exception {
        ServerSocket other = listener();
        bring(phase);
        upstream.backends(List.of(backend(other)));
        String answer = goOn(phase, other, phase == Phase.TUNNEL);
        assertTrue(answer.endsWith("abc"), answer);
        Await.until("nobody uses them", () -> active() == 0);
        Client next = client().send(GET);
        Client fresh = phase == Phase.HOLDING ? backend : accept(other); // which is the other's already
        assertEquals(GET, head(fresh));
        fresh.send(OK);
        assertEquals(OK, next.read(OK));
    }

    @Test
    void whoWaitsForABackendThatWasReplacedAndIsGoneGetsAnAnswerOfTheOther() throws Exception {
        ServerSocket other = listener();
        bring(Phase.WAITING);
        upstream.backends(List.of(backend(other)));
        listener.close();
        backend.reset();
        for (int i = 0; i < 2; i++) { // in whichever order
            Client fresh = i == 0 ? accept(other) : backend;
            String head = head(fresh);
            if (head.startsWith("PUT")) {
                assertEquals("hello", fresh.read("hello"));
            }
            fresh.send(OK);
            backend = fresh;
        }
        assertEquals(OK, occupant.read(OK));
        assertEquals(OK, client.read(OK));
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whenTheyAreClosedWhatIsUnderWayIsAnswered(Phase phase) throws Exception {
        bring(phase);
        backends.close();
        String answer = goOn(phase, listener, phase == Phase.TUNNEL);
        assertTrue(answer.endsWith("abc"), answer);
        assertTrue(backend.isEnded());
        client.close();
        Await.until("nothing is left", () -> backends.status().pools().get(0).connections() == 0);
        nothingIsLeft();
    }

    // ---- a backend dies

    @ParameterizedTest
    @CsvSource({
        "HOLDING, false, 502",
        "PASSING, false, 502",
        "PASSING, true, 502",
        "SENT, false, 502",
        "SENT, true, 502",
        "WAITING, false, 200",
        "WAITING, true, 200"
    })
    void whenABackendDiesBeforeItAnswers(Phase phase, boolean inOrder, int status) throws Exception {
        bring(phase);
        if (phase == Phase.HOLDING) {
            listener.close();
            client.send("llo");
        } else {
            die(inOrder);
        }
        if (phase == Phase.WAITING) {
            backend = accept();
            head(backend);
            assertEquals("hello", backend.read("hello"));
            backend.send(OK);
        }
        String answer = head(client);
        assertTrue(answer.startsWith("HTTP/1.1 " + status + ' '), answer);
        if (phase == Phase.PASSING) {
            assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
            untilTheEnd(client);
        }
        if (occupant != null) { // there is no other backend to try
            assertTrue(head(occupant).startsWith("HTTP/1.1 502 "));
        }
        Await.until("nobody uses it", () -> active() == 0);
    }

    private void die(boolean inOrder) throws IOException {
        if (inOrder) {
            backend.close();
        } else {
            backend.reset();
        }
    }

    @ParameterizedTest
    @CsvSource({"RESPONDING, false, true", "RESPONDING, true, true", "TUNNEL, false, true", "TUNNEL, true, false"})
    void whenABackendDiesInTheMiddleOfItsAnswer(Phase phase, boolean inOrder, boolean reset) throws Exception {
        bring(phase);
        die(inOrder);
        assertEquals(reset, client.isReset());
        Await.until("nobody uses it", () -> active() == 0);
    }

    // ---- a client leaves

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whenAClientLeavesNothingIsLeft(Phase phase) throws Exception {
        bring(phase);
        client.reset();
        Await.until("it has an outcome", () -> outcomes(backends.status()) == 1);
        if (phase == Phase.WAITING) {
            backend.send(OK);
            assertEquals(OK, occupant.read(OK));
        } else if (phase != Phase.HOLDING) {
            untilTheEnd(backend);
        }
        Await.until("nobody uses it", () -> active() == 0);
        assertEquals(0, HeldBytes.of(backends));
    }
}
