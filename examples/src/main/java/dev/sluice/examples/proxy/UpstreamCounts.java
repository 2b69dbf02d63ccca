// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.upstream.NoBackend;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What is counted for an upstream, whatever becomes of its settings. Any thread. */
public final class UpstreamCounts {
    public final LongAdder retries = new LongAdder();
    public final LongAdder bytesFromClients = new LongAdder();
    public final LongAdder bytesFromBackends = new LongAdder();
    private final LongAdder[] without =
            Stream.generate(LongAdder::new).limit(NoBackend.values().length).toArray(LongAdder[]::new);

    public void without(NoBackend why) {
        without[why.ordinal()].increment();
    }

    /** Clients for whom there was no backend, by why; each is in it. */
    public Map<String, Long> without() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (NoBackend why : NoBackend.values()) {
            numbers.put(why.name().toLowerCase(Locale.ROOT), without[why.ordinal()].sum());
        }
        return numbers;
    }
}
