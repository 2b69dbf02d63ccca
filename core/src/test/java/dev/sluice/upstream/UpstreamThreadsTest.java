// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UpstreamThreadsTest {
    private static final int THREADS = 4;
    private static final int PICKS = 20_000;
    private static final int LIMIT = 3;

    /** Threads pick, end and fail leases while the list changes: no limit is passed, and no lease is lost. */
    @ParameterizedTest
    @EnumSource
    void countersReturnToZero(Balancer balancer) throws Exception {
        List<Backend> four = Group.equal(4).stream()
                .map(backend -> backend.withConnections(LIMIT))
                .toList();
        Upstream upstream = Upstream.builder("threads")
                .backends(four)
                .balancer(balancer)
                .health(Health.defaults()
                        .withEjection(java.time.Duration.ofMillis(1))
                        .withPanicPercent(20))
                .slowStart(java.time.Duration.ofMillis(1))
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(t);
                all.add(threads.submit(() -> pickAndEnd(upstream, random)));
            }
            for (int i = 0; i < 200; i++) {
                upstream.backends(i % 2 == 0 ? four.subList(0, 3) : four);
                assertTrue(upstream.status().stream().allMatch(s -> s.active() <= LIMIT && s.active() >= 0));
            }
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        upstream.status().forEach(status -> assertEquals(0, status.active(), status.backend()::name));
    }

    private static void pickAndEnd(Upstream upstream, Random random) {
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < PICKS; i++) {
            if (upstream.pick(random.nextLong()) instanceof Lease lease) {
                held.add(lease);
            }
            if (held.size() > 2) {
                Lease lease = held.remove(random.nextInt(held.size()));
                if (random.nextInt(4) == 0) {
                    lease.failed(null);
                } else {
                    lease.answered();
                    lease.ended();
                }
            }
        }
        held.forEach(Lease::ended);
    }
}
