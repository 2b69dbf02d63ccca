// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that tells who it is and what it was asked, and counts how often each target was asked for. */
final class NamedHttp implements AutoCloseable {
    private final String name;
    private final Server server;
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private volatile HttpReply kept;

    NamedHttp(String name) throws IOException {
        this(name, 0);
    }

    /** One on a certain port. */
    NamedHttp(String name, int port) throws IOException {
        this(name, Endpoint.tcp("127.0.0.1", port));
    }

    /** One on an endpoint of the test's choice. */
    NamedHttp(String name, Endpoint endpoint) throws IOException {
        this.name = name;
        this.server = Server.builder()
                .listen(
                        endpoint,
                        HttpProtocol.gathering(this::answer)
                                .withLimits(HttpLimits.defaults().withBodyBytes(1 << 24)))
                .limits(Limits.defaults().withFrameBytes(1 << 24))
                .topology(Topology.singleThread())
                .start();
    }

    private void answer(HttpRequest request, HttpReply reply) {
        String target = request.target();
        asked.computeIfAbsent(target, key -> new AtomicInteger()).incrementAndGet();
        if (target.equals("/keep")) {
            kept = reply.defer();
            return;
        }
        StringBuilder text = new StringBuilder(name + " " + request.method() + " " + target + "\n");
        for (int i = 0; i < request.fields().count(); i++) {
            text.append(request.fields().name(i).toLowerCase(Locale.ROOT));
            text.append(": ").append(request.fields().value(i)).append('\n');
        }
        reply.send(
                "text/plain",
                text.append(request.body().remaining()).append(" bytes\n").toString());
    }

    /** The reply to {@code /keep}, or null if nobody has asked for it. */
    HttpReply kept() {
        return kept;
    }

    /** How often that was asked for. */
    int asked(String target) {
        AtomicInteger times = asked.get(target);
        return times == null ? 0 : times.get();
    }

    /** All that was asked for, as it came. */
    Set<String> targets() {
        return Set.copyOf(asked.keySet());
    }

    int connections() {
        return server.connections();
    }

    int port() {
        return server.port();
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    /** Ends at once, with all its connections. */
    @Override
    public void close() {
        try {
            server.stop(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
