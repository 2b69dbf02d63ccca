// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Topology;
import java.time.Duration;

/**
 * The threads, and the end.
 *
 * @param topology which loops accept
 * @param readers how many loops read, for each listener
 * @param drain how long relays may go on once the proxy is told to end
 * @param accessLog the file that a line is written to for each relay, or null
 */
public record ServerConfig(Kind topology, int readers, Duration drain, String accessLog) {
    public static final ServerConfig DEFAULTS = new ServerConfig(
            Kind.ACCEPTOR_READERS, Runtime.getRuntime().availableProcessors(), Duration.ofSeconds(30), null);

    /**
     * One by words of the command line.
     *
     * @param accessLog a file, or null
     * @throws IllegalArgumentException if a word can't be read; the message says which
     */
    public static ServerConfig of(String topology, int readers, String accessLog) {
        return new ServerConfig(
                Readings.option("--topology", Readings.choice(Kind.class), topology),
                Readings.option("--readers", Readings.number(1, 1024), (long) readers),
                DEFAULTS.drain,
                accessLog);
    }

    /** Those of {@link Topology} that have no workers, who would have nothing to do here, and no socket for several loops. */
    public enum Kind {
        SINGLE,
        ACCEPTOR_READERS,
        REUSE_PORT
    }

    /**
     * The topology. Each kind listens with {@code SO_REUSEPORT}, so that a listener whose settings have changed can be opened
     * before the one that it replaces is closed.
     */
    public Topology toTopology() {
        Topology usual =
                switch (topology) {
                    case SINGLE -> Topology.singleThread();
                    case ACCEPTOR_READERS -> Topology.acceptorAndReaders(readers);
                    case REUSE_PORT -> Topology.reusePort(readers);
                };
        return new Topology(usual.loops(), true, null);
    }
}
