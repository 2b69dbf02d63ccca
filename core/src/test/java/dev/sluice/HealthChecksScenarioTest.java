// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendState;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.HealthCheck;
import dev.sluice.upstream.HealthChecks;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.NoBackend;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks of backends that work, and of the ways in which one doesn't. */
class HealthChecksScenarioTest {
    private static final HealthCheck PING = quick(HealthCheck.sendExpect(ascii("ping\n"), ascii("pong")));

    private TestServer proxy;

    @BeforeEach
    void start() throws IOException {
        proxy = new TestServer(TestServer::echo);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void aBackendThatStopsAnsweringIsDownAndComesBack() throws Exception {
        AtomicBoolean well = new AtomicBoolean(true);
        try (TestServer backend = new TestServer(
                        (line, reply) -> reply.send(TestServer.bytes(well.get() ? "pong" : "sorry"), LineEncoder.LF));
                Checked checked = new Checked(PING, backend.server.address())) {
            Await.until("it was checked", () -> backend.recorder.requests.size() > 3);
            assertEquals(BackendState.UP, checked.state());
            well.set(false);
            checked.awaitState(BackendState.DOWN);
            assertEquals("check: answered by \"s\"", checked.status().lastFailure());
            assertEquals(NoBackend.ALL_DOWN, checked.upstream.pick(0));
            well.set(true);
            checked.awaitState(BackendState.UP);
            assertTrue(checked.upstream.pick(0) instanceof Lease);
        }
    }

    @Test
    void aClosedPortIsDown() throws Exception {
        SocketAddress nobody;
        try (ServerSocket socket = listening()) {
            nobody = socket.getLocalSocketAddress();
        }
        try (Checked checked = new Checked(quick(HealthCheck.connect()), nobody)) {
            checked.awaitState(BackendState.DOWN);
            assertTrue(checked.status().lastFailure().contains("cannot connect to"), checked.status()::toString);
        }
    }

    @Test
    void whoeverAcceptsAndSaysNothingIsDown() throws Exception {
        try (ServerSocket silent = listening();
                Checked checked =
                        new Checked(PING.withTimeout(Duration.ofMillis(50)), silent.getLocalSocketAddress())) {
            checked.awaitState(BackendState.DOWN);
            assertEquals("check: no answer within 50 ms", checked.status().lastFailure());
        }
        try (ServerSocket silent = listening();
                Checked checked = new Checked(quick(HealthCheck.connect()), silent.getLocalSocketAddress())) {
            silent.accept().close();
            silent.accept().close();
            assertEquals(BackendState.UP, checked.state(), "nothing is expected of it");
        }
    }

    @Test
    void whoeverResetsIsDown() throws Exception {
        try (ServerSocket resetting = listening();
                Checked checked =
                        new Checked(PING.withInterval(Duration.ofHours(1)), resetting.getLocalSocketAddress())) {
            Socket socket = resetting.accept();
            socket.setSoLinger(true, 0);
            socket.close();
            checked.awaitState(BackendState.DOWN);
            String why = checked.status().lastFailure(); // as early as this one comes, it may end the connect
            assertTrue(why.startsWith("check: its connection ended before") || why.startsWith("cannot connect"), why);
        }
    }

    @Test
    void anEndBeforeTheAnswerIsWholeIsAFailure() throws Exception {
        try (ServerSocket ending = listening();
                Checked checked = new Checked(PING, ending.getLocalSocketAddress())) {
            try (Socket socket = ending.accept()) {
                socket.getOutputStream().write(ascii("pon"));
                socket.shutdownOutput();
                checked.awaitState(BackendState.DOWN);
            }
        }
    }

    @Test
    void asksByHttpWithWhatIsToComeBefore() throws Exception {
        HealthCheck http = quick(HealthCheck.http("/health", "web.example")).withPreface(ascii("PROXY UNKNOWN\r\n"));
        try (ServerSocket web = listening();
                Checked checked = new Checked(http, web.getLocalSocketAddress())) {
            try (Socket socket = web.accept()) {
                String request = "PROXY UNKNOWN\r\nGET /health HTTP/1.1\r\nHost: web.example\r\n"
                        + "User-Agent: sluice-health-check\r\nConnection: close\r\n\r\n";
                assertEquals(
                        request,
                        new String(socket.getInputStream().readNBytes(request.length()), StandardCharsets.US_ASCII));
                socket.getOutputStream().write(ascii("HTTP/1.1 503 busy\r\n\r\n"));
                checked.awaitState(BackendState.DOWN);
                assertEquals("check: answered by status 503", checked.status().lastFailure());
            }
            for (int i = 0; i < 2; i++) {
                try (Socket socket = web.accept()) {
                    socket.getOutputStream().write(ascii("HTTP/1.1 204 fine\r\n\r\n"));
                    assertEquals('P', socket.getInputStream().read());
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                }
            }
            checked.awaitState(BackendState.UP);
        }
    }

    @Test
    void theListThatIsCheckedChangesWithTheUpstreams() throws Exception {
        try (TestServer one = new TestServer(HealthChecksScenarioTest::pong);
                TestServer other = new TestServer(HealthChecksScenarioTest::pong);
                Checked checked = new Checked(PING, one.server.address())) {
            Await.until("one is checked", () -> !one.recorder.requests.isEmpty());
            checked.upstream.backends(List.of(Backend.of("other", other.server.address())));
            Await.until("the other is checked", () -> !other.recorder.requests.isEmpty());
            Await.until("one has no connection any more", () -> one.server.connections() == 0);
            int asked = one.recorder.requests.size();
            int before = other.recorder.requests.size();
            Await.until("the other was checked twice more", () -> other.recorder.requests.size() > before + 2);
            assertEquals(asked, one.recorder.requests.size());
        }
    }

    @Test
    void withoutChecksNobodyIsDown() throws Exception {
        try (ServerSocket silent = listening()) {
            Checked checked = new Checked(PING.withTimeout(Duration.ofMillis(10)), silent.getLocalSocketAddress());
            assertThrows(
                    IllegalStateException.class,
                    () -> HealthChecks.start(checked.upstream, PING, proxy.server::connector));
            checked.awaitState(BackendState.DOWN);
            checked.close();
            assertEquals(BackendState.UP, checked.state());
            HealthChecks.start(checked.upstream, PING, proxy.server::connector).close();
        }
    }

    @Test
    void aConnectorOfTheirOwnIsClosedWithThem() throws Exception {
        try (TestServer backend = new TestServer(HealthChecksScenarioTest::pong)) {
            Upstream upstream = upstream(backend.server.address());
            HealthChecks checks = HealthChecks.start(upstream, PING, protocol -> Connector.builder(protocol)
                    .name("checks")
                    .start());
            Await.until("it was checked", () -> !backend.recorder.requests.isEmpty());
            checks.close();
            assertTrue(
                    Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().startsWith("checks-")),
                    "a thread is left");
        }
    }

    /** Where no connection can be had here, nothing is said about the backend. */
    @Test
    void limitsOfOurOwnAreNotTheBackendsFault() throws Exception {
        try (TestServer backend = new TestServer(HealthChecksScenarioTest::pong);
                TestServer full = new TestServer(
                        TestServer::echo,
                        builder -> builder.limits(Limits.defaults().withConnections(1)));
                Client client = full.client()) {
            client.send("hello\n").read("hello\n");
            Upstream upstream = upstream(backend.server.address());
            try (HealthChecks checks = HealthChecks.start(upstream, PING, full.server::connector)) {
                for (int i = 0; i < 20; i++) {
                    client.send("again\n").read("again\n");
                }
                assertEquals(BackendState.UP, upstream.status().get(0).state());
                assertEquals(null, upstream.status().get(0).lastFailure(), checks::toString);
                assertEquals(List.of(), backend.recorder.requests);
                client.close();
                Await.until("there is room for a check", () -> !backend.recorder.requests.isEmpty());
            }
        }
    }

    private static void pong(java.nio.ByteBuffer line, Reply reply) {
        reply.send(TestServer.bytes("pong"), LineEncoder.LF);
    }

    private static HealthCheck quick(HealthCheck check) {
        return check.withInterval(Duration.ofMillis(10));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static ServerSocket listening() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static Upstream upstream(SocketAddress address) {
        assertTrue(address instanceof InetSocketAddress);
        return Upstream.builder("checked")
                .backends(List.of(Backend.of("a", address)))
                .build();
    }

    /** One backend, checked by the proxy. */
    private final class Checked implements AutoCloseable {
        final Upstream upstream;
        private final HealthChecks checks;

        Checked(HealthCheck check, SocketAddress address) throws IOException {
            upstream = upstream(address);
            checks = HealthChecks.start(upstream, check, proxy.server::connector);
        }

        BackendStatus status() {
            return upstream.status().get(0);
        }

        BackendState state() {
            return status().state();
        }

        void awaitState(BackendState state) {
            Await.until(() -> "it is " + state + ": " + status(), () -> state() == state);
        }

        @Override
        public void close() {
            checks.close();
        }
    }
}
