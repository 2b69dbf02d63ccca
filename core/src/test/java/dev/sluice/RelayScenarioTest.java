// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.outbound.SourceAddresses;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayRouter;
import dev.sluice.relay.RelayTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relays between real sockets: what comes out where, and how the ends go through. */
class RelayScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;

    /** The common pool of a small machine has one thread, and these wait for each other. */
    private static final Executor A_THREAD_EACH = task -> new Thread(task).start();

    private ServerSocket backend;
    private final List<RelayReport> reports = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        backend = new ServerSocket();
        backend.setReceiveBufferSize(64 * 1024); // or the kernel might hold all that a test sends
        backend.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        backend.setSoTimeout(TIMEOUT_MILLIS);
    }

    @AfterEach
    void stopListening() throws IOException {
        backend.close();
    }

    /** Notes how it ended; the address is this test's backend unless another is given. */
    private class Noted implements RelayTarget {
        private final SocketAddress address;

        Noted() {
            this(backend.getLocalSocketAddress());
        }

        Noted(SocketAddress address) {
            this.address = address;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public void ended(RelayReport report) {
            reports.add(report);
        }
    }

    private TestServer relay() throws IOException {
        return relay(request -> new Noted());
    }

    private static TestServer relay(RelayRouter router) throws IOException {
        return new TestServer(Relay.to(router), builder -> builder);
    }

    private Socket accept() throws IOException {
        Socket socket = backend.accept();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private RelayReport report() {
        Await.until("a relay has ended", () -> !reports.isEmpty());
        return reports.get(0);
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void bytesGoBothWays() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client()) {
            client.send("to the backend");
            try (Socket upstream = accept()) {
                assertEquals("to the backend", read(upstream, 14));
                write(upstream, "and back");
                assertEquals("and back", client.read("and back"));
            }
        }
    }

    @Test
    void theBackendMaySpeakFirst() throws IOException {
        try (TestServer proxy = new TestServer(
                        Relay.to(request -> new Noted()),
                        builder -> builder.deadlines(Deadlines.defaults().withFirstByte(Duration.ofMillis(50))));
                Client client = proxy.client();
                Socket upstream = accept()) {
            CompletableFuture<Void> later = new CompletableFuture<Void>()
                    .completeOnTimeout(null, 300, TimeUnit.MILLISECONDS); // much longer than the first byte may take
            later.join();
            write(upstream, "220 hello");
            assertEquals("220 hello", client.read("220 hello"));
        }
    }

    @Test
    void anEndGoesThroughInOneDirection() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("question").endOutput();
            assertEquals("question", new String(upstream.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            write(upstream, "answer behind the end");
            upstream.shutdownOutput();
            assertEquals("answer behind the end", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().client().kind());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().upstream().kind());
        }
    }

    @Test
    void theBackendsEndGoesThroughAndTheClientGoesOnSending() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            write(upstream, "bye");
            upstream.shutdownOutput();
            assertEquals("bye", client.readAll());
            client.send("still here");
            assertEquals("still here", read(upstream, 10));
            client.endOutput();
            assertEquals(-1, upstream.getInputStream().read());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().client().kind());
            assertEquals(10, report().client().at().bytesRead());
            assertEquals(3, report().upstream().at().bytesRead());
        }
    }

    @Test
    void aResetOfTheClientResetsTheBackend() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("x");
            assertEquals("x", read(upstream, 1));
            client.reset();
            assertTrue(isReset(upstream));
            assertEquals(CloseReason.Kind.PEER_RESET, report().client().kind());
            assertEquals(CloseReason.Kind.ABORTED, report().upstream().kind());
        }
    }

    @Test
    void aResetOfTheBackendResetsTheClient() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            write(upstream, "x");
            assertEquals("x", client.read("x")); // or it might be reset while it is being connected
            upstream.setSoLinger(true, 0);
            upstream.close();
            assertTrue(client.isReset());
            assertEquals(CloseReason.Kind.ABORTED, report().client().kind());
            assertEquals(CloseReason.Kind.PEER_RESET, report().upstream().kind());
        }
    }

    private static boolean isReset(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whoDoesNotReadPausesTheOther() throws IOException {
        byte[] much = new byte[24 << 20];
        new Random(7).nextBytes(much);
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.send(much).endOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            Reader reader = proxy.server.readers().get(0);
            Await.until("the client is paused", () -> reader.paused() == 1);
            assertTrue(reader.lentBytes() < 1 << 20, () -> reader.lentBytes() + " bytes are held");
            assertArrayEquals(much, upstream.getInputStream().readAllBytes());
            sending.join();
        }
    }

    /** Neither side reads before it has sent all: with each direction paused for the other nothing would move. */
    @Test
    void bothSidesMaySendMuchAtOnce() throws Exception {
        byte[] much = new byte[8 << 20];
        new Random(8).nextBytes(much);
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return client.read(much.length); // the client reads, and sends nothing until it has
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    },
                    A_THREAD_EACH);
            CompletableFuture<Void> stuffed = CompletableFuture.runAsync(
                    () -> {
                        try {
                            client.send(much); // until the backend reads, this waits
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    },
                    A_THREAD_EACH);
            Reader reader = proxy.server.readers().get(0);
            Await.until("the client is paused", () -> reader.paused() == 1);
            upstream.getOutputStream().write(much); // comes through although nothing is taken there
            assertArrayEquals(much, received.get(20, TimeUnit.SECONDS));
            assertArrayEquals(much, upstream.getInputStream().readNBytes(much.length));
            stuffed.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whereThereIsNoBackendAnotherIsTried() throws IOException {
        AtomicReference<Throwable> why = new AtomicReference<>();
        RelayTarget first = new Noted(closedPort()) {
            @Override
            public RelayTarget failed(Throwable failure) {
                why.set(failure);
                return new Noted();
            }
        };
        try (TestServer proxy = relay(request -> first);
                Client client = proxy.client()) {
            client.send("early");
            try (Socket upstream = accept()) {
                assertEquals("early", read(upstream, 5));
                assertTrue(why.get().getMessage().contains("cannot connect to"), why.get()::getMessage);
            }
            assertEquals("", client.readAll());
        }
        assertEquals(1, reports.size());
    }

    @Test
    void withoutAnyBackendTheClientEnds() throws IOException {
        SocketAddress nobody = closedPort();
        try (TestServer proxy = relay(request -> new Noted(nobody));
                Client client = proxy.client()) {
            assertEquals("", client.readAll());
        }
        assertEquals(List.of(), reports);
    }

    private static SocketAddress closedPort() throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(closed.getInetAddress(), closed.getLocalPort());
        }
    }

    @Test
    void aRouterMayRefuse() throws IOException {
        try (TestServer proxy = relay(request -> null);
                Client client = proxy.client()) {
            assertEquals("", client.readAll());
        }
    }

    @Test
    void aRouterThatThrowsEndsItsClientOnly() throws IOException {
        try (TestServer proxy = relay(request -> {
            throw new IllegalStateException("no routes today");
        })) {
            assertTrue(isTurnedAway(proxy));
            Await.until("it has ended", () -> proxy.server.closed().get(CloseReason.Kind.HANDLER_FAILED) == 1);
        }
    }

    private static boolean isTurnedAway(TestServer proxy) throws IOException {
        try (Client client = proxy.client()) {
            return client.isEnded();
        } catch (java.net.SocketException e) {
            return true; // before its connect was over
        }
    }

    @Test
    void theOpeningComesFirst() throws IOException {
        RelayTarget target = new Noted() {
            @Override
            public ByteBuffer opening(Connection client) {
                return ByteBuffer.wrap("whose this is\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        };
        try (TestServer proxy = relay(request -> target);
                Client client = proxy.client()) {
            client.send("bytes");
            try (Socket upstream = accept()) {
                assertEquals("whose this is\r\nbytes", read(upstream, 20));
            }
        }
    }

    @Test
    void aTargetMaySayWhereFrom() throws IOException {
        SourceAddresses sources = SourceAddresses.parse("127.0.0.2:20000-29999");
        RelayTarget target = new Noted() {
            @Override
            public SourceAddresses sources() {
                return sources;
            }
        };
        try (TestServer proxy = relay(request -> target);
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("x");
            assertEquals("x", read(upstream, 1));
            assertEquals("/127.0.0.2", upstream.getInetAddress().toString());
            assertEquals(
                    1,
                    sources.usage((InetSocketAddress) backend.getLocalSocketAddress())
                            .held());
        }
    }

    @Test
    void anIdleRelayHoldsNoBuffer() throws IOException {
        try (TestServer proxy = relay();
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("x");
            assertEquals("x", read(upstream, 1));
            Reader reader = proxy.server.readers().get(0);
            Await.until("both are there", () -> reader.connections() == 2);
            assertEquals(0, reader.lentBuffers());
            assertEquals(0, reader.lentBytes());
        }
    }

    @Test
    void anIdleRelayEnds() throws IOException {
        try (TestServer proxy = new TestServer(
                        Relay.to(request -> new Noted()),
                        builder -> builder.deadlines(Deadlines.defaults().withIdle(Duration.ofMillis(200))));
                Client client = proxy.client();
                Socket upstream = accept()) {
            assertEquals("", client.readAll());
            assertEquals(-1, upstream.getInputStream().read());
            client.close();
            upstream.close();
            assertTrue(List.of(report().client().kind(), report().upstream().kind())
                    .contains(CloseReason.Kind.DEADLINE_PASSED));
        }
    }

    @Test
    void aProtocolBelongsToOneServer() throws IOException {
        Protocol<?> relay = Relay.to(request -> new Noted());
        try (TestServer first = new TestServer(relay, builder -> builder)) {
            String message = org.junit.jupiter.api.Assertions.assertThrows(
                            IllegalStateException.class, () -> new TestServer(relay, builder -> builder).close())
                    .getMessage();
            assertTrue(message.contains("another server"), message);
            assertSame(1, first.server.listeners().size());
        }
    }

    @Test
    void aClientThatGoesBeforeThereIsABackendIsReportedAlone() throws IOException {
        try (TestServer proxy = relay()) {
            proxy.client().reset();
            Socket upstream = accept();
            RelayReport report = report();
            if (report.upstream() == null) { // it was quicker than the connect
                assertNull(report.upstream());
            } else {
                assertEquals(CloseReason.Kind.PEER_RESET, report.client().kind());
            }
            upstream.close();
        }
    }
}
