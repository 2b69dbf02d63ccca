// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** The addresses of hosts, and how long it takes to be told them. */
final class Names {
    private final Timeline timeline;
    private final EventLog log;
    private final LongSupplier latency;
    private final Map<String, List<InetAddress>> addresses = new HashMap<>();

    Names(Timeline timeline, EventLog log, LongSupplier latency) {
        this.timeline = timeline;
        this.log = log;
        this.latency = latency;
    }

    void put(String host, String... literals) {
        addresses.put(host, Stream.of(literals).map(World::host).toList());
    }

    CompletionStage<List<InetAddress>> resolve(String host) {
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        timeline.in(latency.getAsLong() + latency.getAsLong(), () -> answer(host, answer));
        return answer;
    }

    private void answer(String host, CompletableFuture<List<InetAddress>> answer) {
        List<InetAddress> found = addresses.getOrDefault(host, List.of());
        log.begin("lookup ").append(host).append(' ').append(found.size());
        log.end();
        if (found.isEmpty()) {
            answer.completeExceptionally(new UnknownHostException(host));
        } else {
            answer.complete(found);
        }
    }
}
