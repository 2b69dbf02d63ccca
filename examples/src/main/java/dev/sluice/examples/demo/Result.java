// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import java.util.List;
import java.util.Locale;

/**
 * What was measured in one topology.
 *
 * @param topology its name
 * @param acceptsPerSecond connections that were opened, accepted and answered once
 * @param roundTripsPerSecond questions answered over the active connections
 * @param p50Micros half of the answers came within this time
 * @param p99Micros 99 of 100 answers came within this time
 * @param heapBytesPerIdleConnection on the server's heap, the JDK's own channel objects included
 * @param threads of the server: its loops and its workers
 */
record Result(
        String topology,
        double acceptsPerSecond,
        double roundTripsPerSecond,
        double p50Micros,
        double p99Micros,
        double heapBytesPerIdleConnection,
        int threads) {

    /** The results as a table. */
    static String table(List<Result> results) {
        StringBuilder table = new StringBuilder(String.format(
                "%-16s %10s %14s %8s %8s %13s %8s%n",
                "topology", "accepts/s", "round trips/s", "p50 us", "p99 us", "heap B/idle", "threads"));
        for (Result r : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-16s %,10.0f %,14.0f %,8.0f %,8.0f %,13.0f %8d%n",
                    r.topology,
                    r.acceptsPerSecond,
                    r.roundTripsPerSecond,
                    r.p50Micros,
                    r.p99Micros,
                    r.heapBytesPerIdleConnection,
                    r.threads));
        }
        return table.toString();
    }
}
