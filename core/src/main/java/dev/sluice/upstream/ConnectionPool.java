// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections to servers that are used again: each Reader has those that it has made, and one bound holds for all together.
 * Whoever has one has it alone, until it is released:
 *
 * <pre>{@code
 * ConnectionPool pool = ConnectionPool.builder(HttpClientProtocol.gathering()).start(server::connector);
 *
 * pool.take(lease.backend().address(), new ConnectionPool.Taker() {
 *     public void taken(PooledConnection connection) {
 *         HttpCaller.of(connection).send(request, response -> {
 *             use(response);
 *             connection.release();
 *         });
 *     }
 *
 *     public void failed(Throwable why) {
 *         lease.connectFailed(why);
 *     }
 * });
 * }</pre>
 *
 * <p>The one that was released last is taken first, so that those which are not needed grow old. One whose server ends it
 * while nobody uses it, or sends anything, is dropped at once. Still, a server may end one in the very moment in which it is
 * taken: a request that fails on a connection that {@linkplain PooledConnection#wasUsedBefore was used before}, before anything
 * of its answer has come, is worth another attempt if it does no harm twice.
 *
 * <p><b>TLS</b> is the connector's matter: {@code start(protocol -> server.connector(protocol, tls))}. A connection is
 * given when its handshake is over; sessions are resumed, so that a further connection to a server costs less than the
 * first.
 *
 * <p><b>When all are in use</b> whoever wants one waits, in order and for a time. An idle connection to another server
 * makes room, on whichever Reader it is.
 */
public final class ConnectionPool implements AutoCloseable {
    private final Connector connector;
    private final LoopPool[] pools; // one for each Reader; an array, for an iterator would be allocated
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger next = new AtomicInteger();
    private volatile boolean closed;

    final int connections;
    final int queue;
    final long waitNanos;
    final long idleNanos;
    final long ageNanos;
    final ByteBuffer preface; // null if there is none
    final PoolCounters counters = new PoolCounters();

    private <F> ConnectionPool(Builder builder, DuplexProtocol<F> protocol, Connectors connectors) throws IOException {
        this.connections = builder.connections;
        this.queue = builder.queue;
        this.waitNanos = builder.longestWait.toNanos();
        this.idleNanos = builder.longestIdle.toNanos();
        this.ageNanos = builder.oldestAge.toNanos();
        this.preface = builder.preface;
        this.connector = connectors.connector(new PooledProtocol<>(protocol));
        this.pools = connector.readers().stream()
                .map(reader -> new LoopPool(this, reader))
                .toArray(LoopPool[]::new);
    }

    /** Begins the configuration of a pool whose connections speak that protocol. */
    public static Builder builder(DuplexProtocol<?> protocol) {
        return new Builder(Ranges.present("pool.protocol", protocol));
    }

    /**
     * Told once of each connection that was asked for, on the thread of the Reader that it belongs to or would have;
     * unless it is found to want none any more.
     */
    public interface Taker {
        /** Here it is. If this throws, the connection ends. */
        void taken(PooledConnection connection);

        /**
         * There is none.
         *
         * @param why a {@link NoConnection}, or what {@link Connector#connect(SocketAddress)} fails with
         */
        void failed(Throwable why);

        /**
         * Whether a connection is still wanted, by default true. One that waits and says false may lose its place to
         * others, and is told nothing then; or it may be given one all the same, which it releases. Asked on the thread
         * of its Reader, often; shouldn't throw.
         */
        default boolean isWanted() {
            return true;
        }
    }

    /**
     * Takes a connection: an idle one, or a new one, or the next that comes free. On the thread of one of the pool's
     * Readers it is one of that Reader, and {@code taker} may be told before this returns; from other threads the
     * Readers take turns. Where an idle one is taken nothing is allocated.
     */
    public void take(SocketAddress address, Taker taker) {
        Ranges.present("address", address);
        Ranges.present("taker", taker);
        for (LoopPool pool : pools) {
            if (pool.reader.isCurrent()) {
                pool.take(address, taker);
                return;
            }
        }
        LoopPool pool = pools[Math.floorMod(next.getAndIncrement(), pools.length)];
        if (!pool.reader.execute(() -> pool.take(address, taker))) {
            taker.failed(new NoConnection(NoConnection.Reason.CLOSED, pool.reader + " has ended"));
        }
    }

    /** What it has and has done. Any thread. */
    public PoolStatus status() {
        return counters.status(taken.get());
    }

    /**
     * Closes the idle connections, and those in use when they are released; whoever waits is told so. The connector is closed,
     * unless it is a server's: then those in use go on. Any thread but those of a connector of its own.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (LoopPool pool : pools) {
                pool.reader.execute(pool::close);
            }
            connector.close();
        }
    }

    // ---- for the pools of the Readers

    boolean isClosed() {
        return closed;
    }

    Connector connector() {
        return connector;
    }

    boolean tryTakePermit() {
        for (int now = taken.get(); now < connections; now = taken.get()) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** One may be made now. Those who wait on other Readers are told; the caller sees to its own. */
    void giveBackPermit(LoopPool by) {
        taken.decrementAndGet();
        if (counters.waiting.get() > 0) {
            for (LoopPool pool : pools) {
                if (pool != by && pool.isAwaited()) {
                    pool.reader.execute(pool::serve);
                }
            }
        }
    }

    boolean isAwaitedBeside(LoopPool one) {
        if (counters.waiting.get() > 0) {
            for (LoopPool pool : pools) {
                if (pool != one && pool.isAwaited()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Asks another Reader to let go of an idle connection. */
    void makeRoomBeside(LoopPool one) {
        for (LoopPool pool : pools) {
            if (pool != one && pool.hasIdle()) {
                pool.reader.execute(pool::dropOldestIdle);
                return;
            }
        }
    }

    /** What a pool is made from. */
    public static final class Builder {
        private static final Duration SHORTEST = Duration.ofMillis(1);
        private static final Duration LONGEST = Duration.ofDays(365);

        private final DuplexProtocol<?> protocol;
        private int connections = 1024;
        private int queue = 1024;
        private Duration longestWait = Duration.ofSeconds(5);
        private Duration longestIdle = Duration.ofSeconds(60);
        private Duration oldestAge = Duration.ofHours(1);
        private ByteBuffer preface;

        private Builder(DuplexProtocol<?> protocol) {
            this.protocol = protocol;
        }

        /** How many connections on all Readers together, 1 to 1,000,000; by default 1,024. */
        public Builder connections(int most) {
            connections = most;
            return this;
        }

        /** How many may wait on each Reader, 0 to 1,000,000; by default 1,024. */
        public Builder queue(int most) {
            queue = most;
            return this;
        }

        /** For how long they wait, 1 ms to 365 d; by default 5 s. How long a connect takes is bounded by the connector. */
        public Builder longestWait(Duration time) {
            longestWait = time;
            return this;
        }

        /**
         * For how long a connection may be idle, 1 ms to 365 d; by default 60 s. Less than the server's own limit saves
         * the attempt that meets its end.
         */
        public Builder longestIdle(Duration time) {
            longestIdle = time;
            return this;
        }

        /** Of which age a connection isn't used again, 1 ms to 365 d; by default 1 h. */
        public Builder oldestAge(Duration time) {
            oldestAge = time;
            return this;
        }

        /**
         * What is sent first on each connection, before TLS too: up to 4,096 bytes, or none as by default. A PROXY
         * header for backends that ask for one, for instance; since many clients share a connection, it can't be about
         * one of them: {@code ProxyHeader.local} says so.
         */
        public Builder preface(byte[] bytes) {
            byte[] own = Ranges.present("pool.preface", bytes).clone();
            Ranges.check("pool.preface.length", own.length, 0, 4096);
            preface = own.length == 0 ? null : ByteBuffer.wrap(own).asReadOnlyBuffer();
            return this;
        }

        /**
         * Checks the configuration, and makes the pool.
         *
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         * @throws IOException if {@code connectors} throws it
         */
        public ConnectionPool start(Connectors connectors) throws IOException {
            Ranges.check("pool.connections", connections, 1, 1_000_000);
            Ranges.check("pool.queue", queue, 0, 1_000_000);
            Ranges.check("pool.longestWait", longestWait, SHORTEST, LONGEST);
            Ranges.check("pool.longestIdle", longestIdle, SHORTEST, LONGEST);
            Ranges.check("pool.oldestAge", oldestAge, SHORTEST, LONGEST);
            return new ConnectionPool(this, protocol, Ranges.present("pool.connectors", connectors));
        }
    }
}
