// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.Environment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** An upstream whose clock stands still until it is told otherwise. */
final class Group {
    static final IOException REFUSED = new IOException("connection refused");

    final Upstream upstream;
    private long now = Long.MAX_VALUE - 5_000_000_000L; // runs over soon

    Group(List<Backend> backends, UnaryOperator<Upstream.Builder> configuration) {
        upstream = configuration
                .apply(Upstream.builder("group")
                        .backends(backends)
                        .environment(
                                Environment.system().withNanoClock(() -> now).withRandom(new SplittableRandom(7))))
                .build();
    }

    Group(Balancer balancer, int... weights) {
        this(weighted(weights), builder -> builder.balancer(balancer));
    }

    /** Called a, b, c and so on. */
    static List<Backend> weighted(int... weights) {
        List<Backend> list = new ArrayList<>();
        for (int weight : weights) {
            list.add(backend(list.size()).withWeight(weight));
        }
        return list;
    }

    static List<Backend> equal(int number) {
        return weighted(java.util.Collections.nCopies(number, 1).stream()
                .mapToInt(i -> i)
                .toArray());
    }

    static Backend backend(int i) {
        String name = i < 26 ? String.valueOf((char) ('a' + i)) : "n" + i;
        return Backend.of(name, InetSocketAddress.createUnresolved("host" + i, 1 + i));
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    Lease pick() {
        return pick(0);
    }

    Lease pick(long key) {
        return assertInstanceOf(Lease.class, upstream.pick(key));
    }

    String name(long key) {
        Lease lease = pick(key);
        lease.ended();
        return lease.backend().name();
    }

    /** The names of so many picks that end at once, in one word. */
    String names(int picks) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < picks; i++) {
            names.append(name(i));
        }
        return names.toString();
    }

    void fail(String name, int times) {
        for (int failed = 0; failed < times; ) {
            Lease lease = pick();
            if (lease.backend().name().equals(name)) {
                lease.failed(REFUSED);
                failed++;
            } else {
                lease.ended(); // says nothing
            }
        }
    }

    BackendStatus status(String name) {
        return upstream.status().stream()
                .filter(status -> status.backend().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    BackendState state(String name) {
        return status(name).state();
    }

    void assertNothingIsActive() {
        for (BackendStatus status : upstream.status()) {
            assertEquals(0, status.active(), status.backend().name());
        }
    }
}
