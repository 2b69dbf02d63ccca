// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.prelude.Hellos;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayRouter;
import dev.sluice.relay.RelayTarget;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relays between real sockets whose peers do harm: what is lost is what had gone to who is dead, and nothing is held. */
class RelayHarmScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final byte[] MUCH = new byte[16 << 20];

    private ServerSocket backend;
    private final List<RelayReport> reports = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        backend = new ServerSocket(0, 2000, InetAddress.getLoopbackAddress());
        backend.setSoTimeout(TIMEOUT_MILLIS);
    }

    @AfterEach
    void stopListening() throws IOException {
        backend.close();
    }

    private RelayTarget noted(SocketAddress address) {
        return new RelayTarget() {
            @Override
            public SocketAddress address() {
                return address;
            }

            @Override
            public void ended(RelayReport report) {
                reports.add(report);
            }
        };
    }

    private TestServer relay(UnaryOperator<Server.Builder> configuration) throws IOException {
        return new TestServer(Relay.to(request -> noted(backend.getLocalSocketAddress())), configuration);
    }

    private static TestServer byHello(RelayRouter router, UnaryOperator<Server.Builder> configuration)
            throws IOException {
        return new TestServer(Relay.byHello(router), configuration);
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

    private static UnaryOperator<Server.Builder> within(UnaryOperator<Deadlines> change) {
        return builder -> builder.deadlines(change.apply(Deadlines.defaults()));
    }

    private static boolean isReset(Socket socket) {
        try {
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            return false;
        } catch (IOException e) {
            return !(e instanceof java.net.SocketTimeoutException);
        }
    }

    /** Sends until somebody has had enough of it. Tells whether it was reset, which the kernel says only once. */
    private static CompletableFuture<Boolean> sendMuch(Socket socket) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                socket.getOutputStream().write(MUCH);
                return false;
            } catch (IOException e) {
                return true;
            }
        });
    }

    private static void nothingIsHeld(TestServer proxy) {
        Await.until("all have ended", () -> proxy.server.connections() == 0);
        for (Reader reader : proxy.server.readers()) {
            assertEquals(0, reader.lentBytes());
            assertEquals(0, reader.paused());
        }
    }

    // ---- backends

    @Test
    void aBackendThatNeverReadsEndsItsRelayInTime() throws Exception {
        try (TestServer proxy = relay(within(deadlines -> deadlines.withWriteStall(SHORT)));
                Client client = proxy.client();
                Socket upstream = accept()) {
            CompletableFuture<Boolean> sending = sendMuch(client.socket);
            assertTrue(client.isReset() | sending.get(20, TimeUnit.SECONDS));
            assertTrue(isReset(upstream));
            assertEquals(CloseReason.Kind.DEADLINE_PASSED, report().upstream().kind());
            assertEquals(CloseReason.Kind.ABORTED, report().client().kind());
            nothingIsHeld(proxy);
        }
    }

    @Test
    void aClientThatNeverReadsEndsItsRelayInTime() throws Exception {
        try (TestServer proxy = relay(within(deadlines -> deadlines.withWriteStall(SHORT)));
                Client client = proxy.client();
                Socket upstream = accept()) {
            CompletableFuture<Boolean> sending = sendMuch(upstream);
            assertTrue(isReset(upstream) | sending.get(20, TimeUnit.SECONDS));
            assertTrue(client.isReset());
            assertEquals(CloseReason.Kind.DEADLINE_PASSED, report().client().kind());
            nothingIsHeld(proxy);
        }
    }

    @Test
    void aBackendThatNeverClosesAfterTheClientsEndIsBoundedByIdle() throws Exception {
        try (TestServer proxy = relay(within(deadlines -> deadlines.withIdle(SHORT)));
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("question").endOutput();
            assertEquals("", client.readAll());
            assertEquals("question", new String(upstream.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            upstream.close();
            assertTrue(report().client() != null && report().upstream() != null);
            nothingIsHeld(proxy);
        }
    }

    /** The client has ended its stream and takes its time to read; nothing else happens for longer than idle and linger. */
    @Test
    void theRestOfAStreamHasTheTimeOfUnsentBytes() throws Exception {
        byte[] answer = Arrays.copyOf(MUCH, 60_000); // less than the high mark
        new Random(3).nextBytes(answer);
        Endpoint small =
                Endpoint.tcp("127.0.0.1", 0).withOptions(TcpOptions.defaults().withSendBuffer(4096));
        try (Server proxy = Server.builder()
                        .topology(Topology.singleThread())
                        .deadlines(Deadlines.defaults().withIdle(SHORT).withLinger(SHORT))
                        .listen(small, Relay.to(request -> noted(backend.getLocalSocketAddress())))
                        .start();
                Client client = new Client(proxy, 4096)) {
            client.endOutput();
            try (Socket upstream = accept()) {
                assertEquals(-1, upstream.getInputStream().read());
                upstream.getOutputStream().write(answer);
            }
            Await.until("the backend's connection has ended", () -> proxy.connections() == 1);
            new CompletableFuture<Void>() // and longer than idle and linger
                    .completeOnTimeout(null, 5 * SHORT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            assertArrayEquals(answer, client.socket.getInputStream().readAllBytes());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().client().kind());
            assertEquals(CloseReason.Kind.PEER_CLOSED, report().upstream().kind());
        }
    }

    @Test
    void aDrainThatIsOverResetsWhatItCuts() throws Exception {
        try (TestServer proxy = relay(builder -> builder);
                Client client = proxy.client();
                Socket upstream = accept()) {
            client.send("half of");
            upstream.getOutputStream().write('x');
            assertEquals("x", client.read("x"));
            proxy.server.stop(Duration.ofMillis(50));
            assertTrue(client.isReset());
            assertTrue(isReset(upstream));
            assertEquals(CloseReason.Kind.STOPPED, report().client().kind());
        }
    }

    // ---- no backend

    @Test
    void withoutAPermitForTheBackendTheClientIsToldAtOnce() throws Exception {
        UnaryOperator<Server.Builder> one =
                builder -> builder.limits(Limits.defaults().withConnections(1));
        try (TestServer proxy = relay(one);
                Client client = proxy.client()) {
            assertEquals("", client.readAll());
            client.close();
            nothingIsHeld(proxy);
        }
        try (TestServer proxy = byHello(request -> noted(backend.getLocalSocketAddress()), one);
                Client client = proxy.client()) {
            client.send(Hellos.small("example.org"));
            assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 80}, client.read(7)); // internal_error
            assertEquals("", client.readAll());
        }
        assertEquals(List.of(), reports);
    }

    @Test
    void aTargetThatThrowsWhatItWasToldEndsItsClient() throws Exception {
        SocketAddress nobody = closedPort();
        for (Throwable own : Arrays.asList(null, new StackOverflowError("in a target"))) {
            RelayTarget target = new RelayTarget() {
                @Override
                public SocketAddress address() {
                    return nobody;
                }

                @Override
                public RelayTarget failed(Throwable why) throws Exception {
                    if (own instanceof Error error) {
                        throw error;
                    }
                    throw (Exception) why;
                }
            };
            try (TestServer proxy = new TestServer(Relay.to(request -> target), builder -> builder);
                    Client client = proxy.client()) {
                assertEquals("", client.readAll());
            }
        }
    }

    private static SocketAddress closedPort() throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(closed.getInetAddress(), closed.getLocalPort());
        }
    }

    // ---- many

    @Test
    void aThousandRelaysAreTornDownByEitherSide() throws Exception {
        List<Socket> clients = new ArrayList<>();
        List<Socket> upstreams = new ArrayList<>();
        try (TestServer proxy = relay(builder -> builder)) {
            for (int way = 0; way < 3; way++) {
                for (int i = 0; i < 1000; i++) {
                    clients.add(proxy.client().socket);
                    upstreams.add(accept());
                }
                for (Socket socket : way == 0 ? upstreams : clients) {
                    if (way == 2) {
                        socket.setSoLinger(true, 0);
                    }
                    socket.close();
                }
                for (Socket socket : way == 0 ? clients : upstreams) {
                    try (socket) {
                        assertEquals(way == 2, isReset(socket));
                    }
                }
                int relays = 1000 * (way + 1);
                Await.until("all have ended", () -> reports.size() == relays);
                nothingIsHeld(proxy);
                clients.clear();
                upstreams.clear();
            }
        } finally {
            for (Socket socket : clients) {
                socket.close();
            }
            for (Socket socket : upstreams) {
                socket.close();
            }
        }
    }

    /** Sends back what it gets, and can be killed with all its connections. */
    private static final class Echo implements AutoCloseable {
        private final ServerSocket listening;
        private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
        private final ExecutorService threads;
        private volatile boolean killed;

        Echo(ExecutorService threads) throws IOException {
            this.threads = threads;
            listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
            threads.execute(this::acceptAll);
        }

        SocketAddress address() {
            return listening.getLocalSocketAddress();
        }

        private void acceptAll() {
            while (!killed) {
                try {
                    Socket socket = listening.accept();
                    sockets.add(socket);
                    if (killed) {
                        reset(socket);
                    }
                    threads.execute(() -> echo(socket));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private static void echo(Socket socket) {
            byte[] piece = new byte[4096];
            try (socket) {
                InputStream in = socket.getInputStream();
                for (int n; (n = in.read(piece)) >= 0; ) {
                    socket.getOutputStream().write(piece, 0, n);
                }
            } catch (IOException e) {
                // it was killed
            }
        }

        private static void reset(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                // it is closed already
            }
        }

        @Override
        public void close() throws IOException {
            killed = true;
            listening.close();
            sockets.forEach(Echo::reset);
        }
    }

    /** One backend stays; another is killed and replaced all the time. What doesn't come back whole is seen to be cut. */
    @Test
    void backendsAreKilledUnderLoad() throws Exception {
        int threads = 8;
        int relaysEach = 60;
        ExecutorService pool = Executors.newCachedThreadPool();
        AtomicInteger whole = new AtomicInteger();
        AtomicInteger left = new AtomicInteger(threads);
        AtomicInteger turn = new AtomicInteger();
        try (Echo steady = new Echo(pool)) {
            AtomicReference<Echo> doomed = new AtomicReference<>(new Echo(pool));
            RelayTarget second = noted(steady.address());
            RelayTarget first = new RelayTarget() {
                @Override
                public SocketAddress address() {
                    return doomed.get().address();
                }

                @Override
                public RelayTarget failed(Throwable why) {
                    return second;
                }
            };
            try (TestServer proxy = new TestServer(
                    Relay.to(request -> turn.getAndIncrement() % 2 == 0 ? first : second), builder -> builder)) {
                List<Future<?>> clients = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    Random random = new Random(i);
                    clients.add(pool.submit(() -> {
                        for (int n = 0; n < relaysEach; n++) {
                            whole.addAndGet(comesBack(proxy, random) ? 1 : 0);
                        }
                        left.decrementAndGet();
                        return null;
                    }));
                }
                while (left.get() > 0) {
                    int before = turn.get();
                    Await.until("some have come", () -> turn.get() > before + 10 || left.get() == 0);
                    doomed.getAndSet(new Echo(pool)).close();
                }
                for (Future<?> client : clients) {
                    client.get(20, TimeUnit.SECONDS);
                }
                assertTrue(whole.get() >= threads * relaysEach / 2, () -> whole + " came back whole");
                nothingIsHeld(proxy);
            } finally {
                doomed.get().close();
            }
        } finally {
            pool.shutdownNow();
            assertTrue(pool.awaitTermination(20, TimeUnit.SECONDS));
        }
    }

    /** Whether all came back. If not, it must have ended in a reset, behind a part of what was sent. */
    private static boolean comesBack(TestServer proxy, Random random) throws IOException {
        byte[] sent = new byte[random.nextInt(60_000)];
        random.nextBytes(sent);
        byte[] got = new byte[sent.length + 1];
        int n = 0;
        boolean cut = false;
        try (Client client = proxy.client()) {
            client.send(sent).endOutput();
            for (int m; n < got.length && (m = client.socket.getInputStream().read(got, n, got.length - n)) >= 0; ) {
                n += m;
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("it hangs, after " + n + " of " + sent.length + " bytes", e);
        } catch (IOException e) {
            cut = true;
        }
        int mismatch = Arrays.mismatch(sent, 0, Math.min(n, sent.length), got, 0, n);
        assertTrue(mismatch < 0, () -> "another byte at " + mismatch);
        assertTrue(cut || n == sent.length, () -> "what was cut looks whole");
        return !cut;
    }

    // ---- hellos

    @Test
    void everyHelloThatEndsTooEarlyIsAnsweredByAnAlert() throws Exception {
        byte[] hello = Hellos.jdk("TLSv1.3", "example.org", "h2");
        AtomicInteger routed = new AtomicInteger();
        try (TestServer proxy = byHello(
                request -> {
                    routed.incrementAndGet();
                    return null;
                },
                builder -> builder)) {
            for (int cut = 0; cut < hello.length; cut++) {
                try (Client client = proxy.client()) {
                    client.send(Arrays.copyOf(hello, cut)).endOutput();
                    if (cut > 0) {
                        assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 50}, client.read(7)); // decode_error
                    }
                    assertEquals("", client.readAll());
                }
            }
            assertEquals(0, routed.get());
            nothingIsHeld(proxy);
            assertEquals(hello.length - 1, proxy.server.closed().get(CloseReason.Kind.BAD_FRAME));
        }
    }

    /** Changed at random: routed by what it says then, or refused by an alert; and no backend gets a byte of what is refused. */
    @Test
    void changedHellosAreRoutedOrAnsweredByAnAlert() throws Exception {
        byte[] hello = Hellos.jdk("TLSv1.3", "example.org", "h2");
        Random random = new Random(11);
        AtomicInteger routed = new AtomicInteger();
        int alerts = 0;
        int tries = 600;
        try (TestServer proxy = byHello(
                request -> {
                    routed.incrementAndGet();
                    return null;
                },
                builder -> builder)) {
            for (int i = 0; i < tries; i++) {
                byte[] changed = hello.clone();
                for (int n = random.nextInt(3); n >= 0; n--) {
                    changed[random.nextInt(random.nextBoolean() ? 60 : changed.length)] = (byte) random.nextInt();
                }
                int before = routed.get();
                try (Client client = proxy.client()) {
                    int half = random.nextInt(changed.length);
                    client.send(Arrays.copyOf(changed, half));
                    client.send(Arrays.copyOfRange(changed, half, changed.length))
                            .endOutput();
                    byte[] alert = client.read(7);
                    assertEquals("", client.readAll());
                    assertEquals(21, alert[0]);
                    assertEquals(routed.get() > before, alert[6] == 112, () -> "alert " + alert[6]);
                    alerts += alert[6] == 112 ? 0 : 1;
                } catch (java.net.SocketTimeoutException e) {
                    throw new AssertionError("it hangs", e);
                } catch (IOException e) {
                    alerts++; // refused before it had said all, so the kernel resets what comes behind
                }
            }
            int refused = alerts;
            assertTrue(refused > 0 && routed.get() > 0, () -> routed + " routed, " + refused + " refused");
            nothingIsHeld(proxy);
        }
    }

    @Test
    void aHelloThatDoesNotGoOnEndsAtItsDeadline() throws Exception {
        byte[] hello = Hellos.small("example.org");
        try (TestServer proxy = byHello(
                        request -> noted(backend.getLocalSocketAddress()),
                        within(deadlines -> deadlines.withFrame(SHORT).withFirstByte(SHORT)));
                Client begun = proxy.client();
                Client silent = proxy.client()) {
            begun.send(Arrays.copyOf(hello, hello.length - 1));
            assertEquals("", begun.readAll());
            assertEquals("", silent.readAll());
            begun.close();
            silent.close();
            nothingIsHeld(proxy);
            assertEquals(2, proxy.server.closed().get(CloseReason.Kind.DEADLINE_PASSED));
            assertFalse(proxy.server.readers().get(0).hasEnded());
        }
    }

    @Test
    void withoutAHelloSmallFramesAreNoMatter() throws Exception {
        try (TestServer proxy =
                        relay(builder -> builder.limits(Limits.defaults().withFrameBytes(100)));
                Client client = proxy.client();
                Socket upstream = accept()) {
            byte[] sent = Arrays.copyOf(MUCH, 10_000);
            client.send(sent);
            assertArrayEquals(sent, upstream.getInputStream().readNBytes(sent.length));
        }
    }
}
