// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.NoConnection;
import dev.sluice.upstream.PoolStatus;
import dev.sluice.upstream.PooledConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that are used again, and the ways in which one can't be. */
class ConnectionPoolScenarioTest {
    private final Lines lines = new Lines();
    private TestServer backend;
    private TestServer proxy;
    private ConnectionPool pool;

    /** A client that notes what it gets. */
    private static final class Lines implements DuplexProtocol<ByteBuffer> {
        final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        final List<Connection> opened = new CopyOnWriteArrayList<>();
        final AtomicInteger closed = new AtomicInteger();

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            opened.add(connection);
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {
            received.add(text(frame));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed.incrementAndGet();
        }
    }

    /** Somebody who wants a connection. */
    private static final class Wanting implements ConnectionPool.Taker {
        final CompletableFuture<PooledConnection> told = new CompletableFuture<>();
        volatile boolean isGone;

        @Override
        public boolean isWanted() {
            return !isGone;
        }

        @Override
        public void taken(PooledConnection connection) {
            assertTrue(told.complete(connection));
        }

        @Override
        public void failed(Throwable why) {
            assertTrue(told.completeExceptionally(why));
        }

        PooledConnection get() throws Exception {
            return told.get(20, TimeUnit.SECONDS);
        }

        Throwable failure() {
            return assertThrows(ExecutionException.class, () -> told.get(20, TimeUnit.SECONDS))
                    .getCause();
        }

        NoConnection.Reason reason() {
            return assertInstanceOf(NoConnection.class, failure()).reason();
        }
    }

    @BeforeEach
    void start() throws IOException {
        backend = new TestServer(TestServer::echo);
        proxy = new TestServer(TestServer::echo, builder -> builder.topology(Topology.acceptorAndReaders(2)));
    }

    @AfterEach
    void stop() {
        if (pool != null) {
            pool.close();
            lines.opened.forEach(Connection::close); // those in use go on otherwise
            Await.until(
                    () -> "nothing is left of the pool: " + pool.status(),
                    () -> pool.status().connections() == 0);
            assertEquals(0, pool.status().idle());
            assertEquals(0, pool.status().waiting());
        }
        proxy.close();
        backend.close();
        assertEquals(lines.opened.size(), lines.closed.get(), "one end for each");
    }

    private void pool(UnaryOperator<ConnectionPool.Builder> configuration) throws IOException {
        pool = configuration.apply(ConnectionPool.builder(lines)).start(proxy.server::connector);
    }

    private Wanting want(SocketAddress address) {
        Wanting wanting = new Wanting();
        reader().execute(() -> pool.take(address, wanting));
        return wanting;
    }

    private Wanting want() {
        return want(backend.server.address());
    }

    private Reader reader() {
        return proxy.server.readers().get(0);
    }

    private PoolStatus released(PooledConnection connection) {
        int before = pool.status().idle();
        connection.release();
        Await.until("it is idle", () -> pool.status().idle() > before);
        return pool.status();
    }

    private void echoes(PooledConnection connection, String word) throws InterruptedException {
        assertTrue(connection.send(bytes(word), LineEncoder.LF));
        assertEquals(word, lines.received.poll(20, TimeUnit.SECONDS));
    }

    /** What a protocol asks for by its traits holds in a pool too. */
    @Test
    void traitsOfItsProtocolHold() throws Exception {
        DuplexProtocol<ByteBuffer> throwing = new DuplexProtocol<>() {
            @Override
            public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
                return new LineFramer(maxFrameBytes);
            }

            @Override
            public Set<Trait> traits() {
                return Set.of(Trait.RESETS_WHEN_CUT);
            }

            @Override
            public void received(ByteBuffer frame, Connection connection) {
                throw new IllegalStateException("in the middle");
            }
        };
        try (ConnectionPool own = ConnectionPool.builder(throwing).start(proxy.server::connector)) {
            Wanting wanting = new Wanting();
            own.take(backend.server.address(), wanting);
            wanting.get().send(bytes("x"), LineEncoder.LF);
            assertEquals(CloseReason.Kind.PEER_RESET, backend.reason().kind());
        }
    }

    @Test
    void takesTheOneThatWasReleasedLast() throws Exception {
        pool(builder -> builder);
        PooledConnection one = want().get();
        PooledConnection other = want().get();
        assertNotEquals(one.id(), other.id());
        assertFalse(one.wasUsedBefore());
        echoes(one, "one");
        released(one);
        released(other);
        assertEquals(other.id(), want().get().id());
        PooledConnection again = want().get();
        assertEquals(one.id(), again.id());
        assertTrue(again.wasUsedBefore());
        echoes(again, "again");
        PoolStatus status = pool.status();
        assertEquals(List.of(2L, 2L), List.of(status.made(), status.reused()));
        assertEquals(2, status.connections());
    }

    @Test
    void whoeverWaitsGetsTheNextThatIsReleased() throws Exception {
        pool(builder -> builder.connections(1).queue(1));
        PooledConnection only = want().get();
        Wanting waiting = want();
        assertEquals(NoConnection.Reason.QUEUE_FULL, want().reason());
        assertFalse(waiting.told.isDone());
        only.release();
        assertEquals(only.id(), waiting.get().id());
        assertEquals(1, pool.status().queueFull());
    }

    @Test
    void whoeverIsToldOfAFailureMayTakeTheLastConnection() throws Exception {
        pool(builder -> builder.connections(1).queue(0));
        SocketAddress nobody;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = gone.getLocalSocketAddress();
        }
        CompletableFuture<PooledConnection> second = new CompletableFuture<>();
        reader().execute(() -> pool.take(nobody, new ConnectionPool.Taker() {
            @Override
            public void taken(PooledConnection connection) {
                second.completeExceptionally(new AssertionError("nobody is there"));
            }

            @Override
            public void failed(Throwable why) {
                pool.take(backend.server.address(), new ConnectionPool.Taker() {
                    @Override
                    public void taken(PooledConnection connection) {
                        second.complete(connection);
                    }

                    @Override
                    public void failed(Throwable again) {
                        second.completeExceptionally(again);
                    }
                });
            }
        }));
        assertNotNull(second.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whoeverWantsNoneAnyMoreHoldsNoPlaceInTheQueue() throws Exception {
        pool(builder -> builder.connections(1).queue(2));
        PooledConnection only = want().get();
        Wanting gone = want();
        Wanting waiting = want();
        Await.until("both wait", () -> pool.status().waiting() == 2);
        gone.isGone = true;
        Wanting next = want();
        assertEquals(NoConnection.Reason.QUEUE_FULL, want().reason());
        only.release();
        assertEquals(only.id(), waiting.get().id());
        only.release();
        assertEquals(only.id(), next.get().id());
        assertFalse(gone.told.isDone());
        assertEquals(1, pool.status().made());
    }

    @Test
    void noConnectionIsMadeForWhoeverWantsNoneAnyMore() throws Exception {
        pool(builder -> builder.connections(1));
        PooledConnection only = want().get();
        Wanting gone = want();
        Await.until("it waits", () -> pool.status().waiting() == 1);
        gone.isGone = true;
        only.abort();
        Await.until("nobody waits", () -> pool.status().waiting() == 0);
        Await.until("it has ended", () -> pool.status().connections() == 0);
        assertFalse(gone.told.isDone());
        assertEquals(1, pool.status().made());
    }

    @Test
    void whoeverWaitsGetsANewOneIfTheOldOneEnds() throws Exception {
        pool(builder -> builder.connections(1));
        PooledConnection only = want().get();
        Wanting waiting = want();
        only.abort();
        assertNotEquals(only.id(), waiting.get().id());
        assertEquals(2, pool.status().made());
    }

    @Test
    void nobodyWaitsForEver() throws Exception {
        pool(builder -> builder.connections(1).longestWait(Duration.ofMillis(20)));
        PooledConnection only = want().get();
        Wanting one = want();
        Wanting other = want();
        assertEquals(NoConnection.Reason.WAITED_TOO_LONG, one.reason());
        assertEquals(NoConnection.Reason.WAITED_TOO_LONG, other.reason());
        released(only);
        assertEquals(only.id(), want().get().id());
        assertEquals(2, pool.status().waitedTooLong());
    }

    @Test
    void oneThatEndsWhileItIsIdleIsDropped() throws Exception {
        pool(builder -> builder);
        PooledConnection first = want().get();
        released(first);
        backend.recorder.opened.get(0).close();
        Await.until("it is gone", () -> pool.status().connections() == 0);
        assertEquals(1, pool.status().stale());
        echoes(want().get(), "fresh");
    }

    @Test
    void oneThatIsResetWhileItIsIdleIsDropped() throws Exception {
        pool(builder -> builder);
        released(want().get());
        Await.until("the backend has it too", () -> !backend.recorder.opened.isEmpty());
        backend.recorder.opened.get(0).abort();
        Await.until("it is gone", () -> pool.status().connections() == 0);
        assertEquals(1, pool.status().stale());
    }

    @Test
    void oneThatIsSentSomethingWhileItIsIdleIsDropped() throws Exception {
        for (String unasked : List.of("unasked\n", "half of a line")) {
            pool(builder -> builder);
            int before = backend.recorder.opened.size();
            released(want().get());
            Await.until("the backend has it too", () -> backend.recorder.opened.size() > before);
            backend.recorder
                    .opened
                    .get(backend.recorder.opened.size() - 1)
                    .send(ByteBuffer.wrap(unasked.getBytes(StandardCharsets.US_ASCII)));
            Await.until("it is gone", () -> pool.status().connections() == 0);
            assertEquals(1, pool.status().stale());
            echoes(want().get(), "fresh");
            stopPool();
        }
        assertEquals(0, lines.received.size());
    }

    private void stopPool() {
        pool.close();
        lines.opened.forEach(Connection::close);
        Await.until("all have ended", () -> lines.closed.get() == lines.opened.size());
        pool = null;
    }

    @Test
    void oneIsNotIdleForEver() throws Exception {
        pool(builder -> builder.longestIdle(Duration.ofMillis(20)));
        PooledConnection one = want().get();
        PooledConnection other = want().get();
        one.release();
        other.release();
        Await.until("they are gone", () -> pool.status().connections() == 0);
        assertEquals(2, pool.status().expired());
        assertEquals(0, pool.status().stale());
    }

    @Test
    void oneThatIsTooOldIsNotUsedAgain() throws Exception {
        pool(builder -> builder.oldestAge(Duration.ofMillis(1)));
        PooledConnection one = want().get();
        echoes(one, "old");
        long had = System.nanoTime();
        Await.until("it is too old", () -> System.nanoTime() - had > 1_000_000);
        one.release(); // in a pass that begins later
        Await.until("it is gone", () -> pool.status().connections() == 0);
        assertNotEquals(one.id(), want().get().id());
    }

    @Test
    void anIdleOneToAnotherServerMakesRoom() throws Exception {
        pool(builder -> builder.connections(1));
        PooledConnection here = want().get();
        released(here);
        try (TestServer elsewhere = new TestServer(TestServer::echo)) {
            PooledConnection there = want(elsewhere.server.address()).get();
            assertEquals(1, pool.status().connections());
            Wanting back = want();
            there.release();
            echoes(back.get(), "back");
            Await.until("it is gone", () -> elsewhere.server.connections() == 0);
        }
    }

    @Test
    void anIdleOneOfAnotherReaderMakesRoom() throws Exception {
        pool(builder -> builder.connections(1));
        PooledConnection here = want().get();
        released(here);
        Wanting there = new Wanting();
        Reader other = proxy.server.readers().get(1);
        other.execute(() -> pool.take(backend.server.address(), there));
        assertEquals(other, there.get().reader());
        Wanting back = want();
        Await.until("it waits", () -> pool.status().waiting() == 1);
        there.get().release();
        assertEquals(reader(), back.get().reader(), "one that is released goes where somebody waits");
    }

    @Test
    void fromOtherThreadsReadersTakeTurns() throws Exception {
        pool(builder -> builder);
        Wanting one = new Wanting();
        Wanting other = new Wanting();
        pool.take(backend.server.address(), one);
        pool.take(backend.server.address(), other);
        assertNotEquals(one.get().reader(), other.get().reader());
        assertTrue(one.get().moveTo(one.get().reader()).get());
        assertFalse(one.get().moveTo(other.get().reader()).get());
    }

    @Test
    void aConnectThatFailsIsToldAndCostsNothing() throws Exception {
        SocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalSocketAddress();
        }
        pool(builder -> builder.connections(1));
        for (int i = 0; i < 3; i++) {
            assertInstanceOf(IOException.class, want(nobody).failure());
        }
        echoes(want().get(), "well");
    }

    @Test
    void aTakerThatThrowsEndsItsConnection() throws Exception {
        pool(builder -> builder.connections(1));
        take(connection -> {
            throw new IllegalStateException("for this test");
        });
        PooledConnection next = want().get();
        echoes(next, "next");
        take(connection -> {
            throw new IllegalStateException("for this test, of one that was waited for");
        });
        Await.until("it waits", () -> pool.status().waiting() == 1);
        next.release();
        assertNotEquals(next.id(), want().get().id());
    }

    private void take(Consumer<PooledConnection> action) {
        reader().execute(() -> pool.take(backend.server.address(), new ConnectionPool.Taker() {
            @Override
            public void taken(PooledConnection connection) {
                action.accept(connection);
            }

            @Override
            public void failed(Throwable why) {
                throw new AssertionError(why);
            }
        }));
    }

    @Test
    void closingTellsWhoWaitsAndLetsThoseInUseGoOn() throws Exception {
        pool(builder -> builder.connections(2));
        PooledConnection used = want().get();
        PooledConnection idle = want().get();
        released(idle);
        PooledConnection second = want().get();
        Wanting waiting = want();
        Await.until("it waits", () -> pool.status().waiting() == 1);
        pool.close();
        assertEquals(NoConnection.Reason.CLOSED, waiting.reason());
        assertEquals(NoConnection.Reason.CLOSED, want().reason());
        echoes(used, "still");
        used.release();
        second.release();
    }

    @Test
    void anHttpClientNoticesNothing() throws Exception {
        HttpProtocol hello = HttpProtocol.gathering((request, reply) -> reply.send("text/plain", request.body()));
        try (TestServer web = new TestServer(hello, builder -> builder);
                ConnectionPool callers = ConnectionPool.builder(HttpClientProtocol.gathering())
                        .connections(1)
                        .start(proxy.server::connector)) {
            BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
            for (int i = 0; i < 5; i++) {
                String body = "request " + i;
                Wanting wanting = new Wanting();
                reader().execute(() -> callers.take(web.server.address(), wanting));
                PooledConnection connection = wanting.get();
                HttpCaller.of(connection).send(HttpRequestHead.of("POST", "/", "h"), bytes(body), response -> {
                    bodies.add(text(response.body()));
                    connection.release();
                });
                assertEquals(body, bodies.poll(20, TimeUnit.SECONDS));
            }
            assertTrue(callers.status().reused() > 0, callers.status()::toString);
        }
    }

    @Test
    void valuesOutOfTheirRangeAreNamed() {
        String message = assertThrows(IllegalArgumentException.class, () -> pool(builder -> builder.connections(0)))
                .getMessage();
        assertEquals("pool.connections: 0 is not within 1 to 1000000", message);
    }
}
