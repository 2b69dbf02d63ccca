// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.frame.LineFramer;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Balancer;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.PooledConnection;
import dev.sluice.upstream.Upstream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is allocated by whoever takes an idle connection and gives it back, and by a pick. */
class PoolAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20;
    private static final int TIMES = 5_000;
    private static final int LARGEST_LEASE = 64;

    @Test
    void takingAnIdleConnectionAllocatesNothing() throws Exception {
        try (TestServer backend = new TestServer(TestServer::echo);
                TestServer proxy = new TestServer(TestServer::echo);
                ConnectionPool pool = ConnectionPool.builder(
                                DuplexProtocol.of(LineFramer::new, (frame, connection) -> {}))
                        .start(proxy.server::connector)) {
            SocketAddress address = backend.server.address();
            CompletableFuture<Long> fewest = new CompletableFuture<>();
            pool.take(address, new ConnectionPool.Taker() {
                private boolean measures;

                @Override
                public void taken(PooledConnection connection) {
                    connection.release();
                    if (!measures) {
                        measures = true;
                        fewest.complete(fewestBytes(() -> pool.take(address, this)));
                    }
                }

                @Override
                public void failed(Throwable why) {
                    fewest.completeExceptionally(why);
                }
            });
            assertEquals(0, fewest.get(60, TimeUnit.SECONDS));
            assertEquals(1, pool.status().made());
        }
    }

    @Test
    void aPickIsOneSmallObject() {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            backends.add(Backend.of("b" + i, InetSocketAddress.createUnresolved("h", 1 + i)));
        }
        for (Balancer balancer : Balancer.values()) {
            Upstream upstream =
                    Upstream.builder("u").backends(backends).balancer(balancer).build();
            Lease[] kept = new Lease[1];
            long bytes = fewestBytes(() -> {
                Lease lease = (Lease) upstream.pick(7);
                lease.answered();
                lease.ended();
                kept[0] = lease;
            });
            assertTrue(bytes <= (long) TIMES * LARGEST_LEASE, balancer + ": " + bytes / TIMES + " bytes");
        }
    }

    /** Of so many times, in that one of several rounds in which there were fewest. */
    private static long fewestBytes(Runnable action) {
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < TIMES; i++) {
                action.run();
            }
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return fewest;
    }
}
