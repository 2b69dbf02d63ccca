// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.upstream.NoBackend;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What is counted for an upstream, whatever becomes of its settings. Any thread. */
final class UpstreamCounts {
    final LongAdder retries = new LongAdder();
    final LongAdder bytesFromClients = new LongAdder();
    final LongAdder bytesFromBackends = new LongAdder();
    private final LongAdder[] without =
            Stream.generate(LongAdder::new).limit(NoBackend.values().length).toArray(LongAdder[]::new);

    void without(NoBackend why) {
        without[why.ordinal()].increment();
    }

    /** Clients for whom there was no backend, by why; each is in it. */
    Map<String, Long> without() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (NoBackend why : NoBackend.values()) {
            numbers.put(why.name().toLowerCase(Locale.ROOT), without[why.ordinal()].sum());
        }
        return numbers;
    }
}
