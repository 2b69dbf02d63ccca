// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connector;
import dev.sluice.Protocol;
import dev.sluice.Reader;
import dev.sluice.Server;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.PoolStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What some {@link HttpBackends} have for one proxy: the connections, and for each Reader a lane. Any thread. */
final class BackendLanes {
    final HttpBackends backends;
    final HttpProxy proxy;
    final ConnectionPool pool;
    private final ConcurrentHashMap<Reader, BackendLane> lanes = new ConcurrentHashMap<>();
    private final AtomicBoolean poolClosed = new AtomicBoolean();
    private volatile boolean mayClose; // as soon as no request is under way

    BackendLanes(HttpBackends backends, HttpProxy proxy) {
        this.backends = backends;
        this.proxy = proxy;
        Server server = proxy.server();
        try {
            this.pool = backends.pool(ConnectionPool.builder(new BackendProtocol(backends.limits())))
                    .start(protocol -> connector(server, protocol));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Connector connector(Server server, Protocol<?> protocol) {
        return backends.tls() == null ? server.connector(protocol) : server.connector(protocol, backends.tls());
    }

    BackendLane of(Reader reader) {
        BackendLane known = lanes.get(reader);
        return known != null ? known : lanes.computeIfAbsent(reader, key -> new BackendLane(this, key));
    }

    PoolStatus poolStatus() {
        return pool.status();
    }

    /** Whether the server has ended, and all of this with it. */
    boolean hasEnded() {
        return proxy.server().readers().stream().allMatch(Reader::hasEnded);
    }

    /** No request comes any more: when none is under way the connections end. */
    void retire() {
        List<Reader> readers = proxy.server().readers();
        AtomicInteger left = new AtomicInteger(readers.size());
        Runnable seen = () -> { // whatever was routed here before is under way by then
            if (left.decrementAndGet() == 0) {
                mayClose = true;
                closeIfAllIdle();
            }
        };
        for (Reader reader : readers) {
            if (!reader.execute(seen)) {
                seen.run(); // it has ended
            }
        }
    }

    void closeIfAllIdle() {
        boolean idle = mayClose && lanes.values().stream().allMatch(BackendLane::isIdle);
        if (idle && poolClosed.compareAndSet(false, true)) {
            pool.close();
        }
    }
}
