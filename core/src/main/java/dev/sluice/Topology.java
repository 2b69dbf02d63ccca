// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Which loop does what. A loop is one thread around one selector, and it may accept, read, or both; a topology is an
 * allocation of these roles to loops, and nothing else. An accepting loop that reads keeps what it accepted; one that
 * doesn't hands it to a Reader picked by the {@link ReaderChoice}.
 *
 * @param loops the roles of each loop
 * @param listenerPerLoop whether each accepting loop has a listening socket of its own on the same port
 *     ({@code SO_REUSEPORT}); else all share one
 * @param workers runs the handlers, or null if the Readers do
 */
public record Topology(List<Roles> loops, boolean listenerPerLoop, Executor workers) {

    /** The roles of one loop. */
    public enum Roles {
        /** Accepts connections and hands them out. */
        ACCEPTS,
        /** Reads the connections it is given. */
        READS,
        /** Accepts connections and reads them. */
        ACCEPTS_AND_READS;

        boolean accepts() {
            return this != READS;
        }

        boolean reads() {
            return this != ACCEPTS;
        }
    }

    private static final int MAX_READERS = 1024;

    /** Copies the list. */
    public Topology {
        loops = List.copyOf(Check.present("topology.loops", loops));
    }

    /** One loop does everything, as in Node.js and Redis. */
    public static Topology singleThread() {
        return new Topology(List.of(Roles.ACCEPTS_AND_READS), false, null);
    }

    /** One loop accepts and hands connections to {@code readers} loops, 1 to 1,024, as in memcached and Netty. */
    public static Topology acceptorAndReaders(int readers) {
        return new Topology(acceptorAnd(readers), false, null);
    }

    /**
     * {@code readers} loops, 1 to 1,024, accept from one shared socket, and each reads what it accepted, as in nginx
     * without {@code reuseport}. The JDK has no {@code EPOLLEXCLUSIVE}: a new connection wakes every loop.
     */
    public static Topology sharedListener(int readers) {
        return new Topology(copies(readers, Roles.ACCEPTS_AND_READS), false, null);
    }

    /**
     * {@code readers} loops, 1 to 1,024, each with a listening socket of its own on the same port, as in Envoy and nginx
     * with {@code reuseport}. The kernel spreads connections by a hash of the addresses. TCP only.
     */
    public static Topology reusePort(int readers) {
        return new Topology(copies(readers, Roles.ACCEPTS_AND_READS), true, null);
    }

    /**
     * One loop accepts, {@code readers} loops, 1 to 1,024, frame requests, and {@code executor} runs the handler of each.
     * Replies leave in the order of the requests. Handlers may block. A request that was given to the executor is handled
     * even if its connection has ended meanwhile; its reply then goes nowhere. The executor is not shut down by the
     * server.
     */
    public static Topology workers(int readers, Executor executor) {
        return new Topology(acceptorAnd(readers), false, Check.present("topology.executor", executor));
    }

    private static List<Roles> acceptorAnd(int readers) {
        List<Roles> loops = new ArrayList<>();
        loops.add(Roles.ACCEPTS);
        loops.addAll(copies(readers, Roles.READS));
        return loops;
    }

    private static List<Roles> copies(int readers, Roles roles) {
        Check.range("topology.readers", readers, 1, MAX_READERS);
        return Collections.nCopies(readers, roles);
    }

    int readers() {
        return (int) loops.stream().filter(Roles::reads).count();
    }

    void check() {
        Check.range("topology.readers", readers(), 1, MAX_READERS);
        if (loops.stream().noneMatch(Roles::accepts)) {
            throw new IllegalArgumentException("topology.loops: none of " + loops + " accepts");
        }
    }
}
