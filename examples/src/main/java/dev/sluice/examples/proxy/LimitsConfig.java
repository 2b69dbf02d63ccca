// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Limits;

/**
 * What the proxy holds at most.
 *
 * @param connections of both sides together: a client that is relayed is two
 * @param connectionsPerSource that one client address has at the same time
 * @param acceptsPerSecond clients let in
 * @param memoryBytes of all bytes that wait, or 0 for the process' share
 */
public record LimitsConfig(int connections, int connectionsPerSource, int acceptsPerSecond, long memoryBytes) {
    public static final int MOST_CONNECTIONS = 100_000_000;
    public static final int MOST_ACCEPTS = 1_000_000;
    public static final LimitsConfig DEFAULTS = new LimitsConfig(100_000, MOST_CONNECTIONS, MOST_ACCEPTS, 0);

    /** The defaults with another number of connections, 1 to {@link #MOST_CONNECTIONS}. */
    public static LimitsConfig of(int connections) {
        return new LimitsConfig(
                Readings.option("--max-connections", Readings.number(1, MOST_CONNECTIONS), (long) connections),
                MOST_CONNECTIONS,
                MOST_ACCEPTS,
                0);
    }

    /** Those of a server; {@link #memoryBytes} is of all servers together. */
    public Limits toLimits() {
        return Limits.defaults()
                .withConnections(connections)
                .withConnectionsPerSource(connectionsPerSource)
                .withAcceptRate(acceptsPerSecond, acceptsPerSecond);
    }
}
