// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.sim.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must hold for a server in the simulation, whatever happens: the one place for it. Rules in {@link #afterEachTurn}
 * are looked at after each turn that anybody took, those in {@link #whenQuiet} when all clients have gone, those in
 * {@link #atTheEnd} when the server was stopped. The protocol under test reports to the methods further down.
 *
 * <p>To add a rule: write a method that throws {@code AssertionError} with what it saw, and call it from one of the three.
 */
final class ServerInvariants {
    /** What handlers and hooks throw on purpose; any other failure of one is a defect. */
    static final class Deliberate extends RuntimeException {
        private static final long serialVersionUID = 1;

        Deliberate() {
            super("deliberate", null, false, false);
        }
    }

    /** How much later than its deadline a loop may be: the clock jumps by up to 10 s, and wake-ups are late. */
    private static final Duration SLACK = Duration.ofSeconds(30);

    private static final class Seen {
        int inFlight;
        boolean paused;
        boolean endedHere;
        long bytes = -1; // read and written, when it was looked at last
        Duration since; // when they changed, or its end was begun
    }

    private final Simulation sim;
    private final Limits limits;
    private final boolean onReaders;
    private final Map<Connection, Seen> open = new IdentityHashMap<>();
    private final Map<CloseReason.Kind, Long> reasons = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private Server server;
    private long opened;
    private long closed;

    /** {@code onReaders} is false if workers run the handlers. */
    ServerInvariants(Simulation sim, Limits limits, boolean onReaders) {
        this.sim = sim;
        this.limits = limits;
        this.onReaders = onReaders;
    }

    void watch(Server watched) {
        server = watched;
        sim.check(this::afterEachTurn);
    }

    // ---- the rules

    // snippet: rules
    private void afterEachTurn() {
        if (!violations.isEmpty()) {
            throw new AssertionError(violations.get(0));
        }
        connectionsAreBounded();
        everyConnectionIsBounded();
        everyEndIsCountedOnce();
    }
    // end snippet

    /** All clients have gone, and the server had time to see it. */
    void whenQuiet() {
        same("connections held", 0, server.connections());
        same("connections not told their end", 0, open.size());
        nothingIsLent();
        for (Acceptor acceptor : server.acceptors()) {
            if (acceptor.isFull()) {
                throw new AssertionError("an acceptor waits for a permit though all are free");
            }
        }
        for (Reader reader : server.readers()) {
            same("timers of " + reader, 0, reader.loop.timers().armed());
        }
    }

    /** The server was stopped. */
    void atTheEnd() {
        afterEachTurn();
        same("permits", 0, server.connections());
        same("open sockets", 0, sim.openSockets());
        same("connections not told their end", 0, open.size());
        same("connections closed, of those opened", opened, closed);
        nothingIsLent();
    }

    private void connectionsAreBounded() {
        int held = server.connections();
        int ofReaders = 0;
        for (Reader reader : server.readers()) {
            ofReaders += reader.connections();
        }
        if (held > limits.connections()) {
            throw new AssertionError(held + " connections are held, the limit is " + limits.connections());
        }
        if (ofReaders > held || open.size() > ofReaders) {
            throw new AssertionError(
                    held + " permits, " + ofReaders + " connections at Readers, " + open.size() + " told open");
        }
    }

    private void everyConnectionIsBounded() {
        for (Map.Entry<Connection, Seen> entry : open.entrySet()) {
            long unsent = entry.getKey().unsentBytes();
            if (unsent < 0 || unsent > limits.outboundBytes()) {
                throw new AssertionError("connection " + entry.getKey().id() + " has " + unsent
                        + " bytes unsent, of at most " + limits.outboundBytes());
            }
            endIsBounded((SocketConnection) entry.getKey(), entry.getValue());
        }
    }

    /** A connection that is being ended, and makes no progress, is cut in time. */
    private void endIsBounded(SocketConnection connection, Seen seen) {
        long bytes = connection.bytesRead + connection.bytesWritten;
        if (connection.isOpen() || bytes != seen.bytes) {
            seen.bytes = bytes;
            seen.since = sim.now();
        } else if (sim.now().minus(seen.since).compareTo(limits.linger().plus(SLACK)) > 0) {
            throw new AssertionError("connection " + connection.id() + " is " + connection.state() + " since "
                    + seen.since + ", it may linger for " + limits.linger());
        }
    }

    private void everyEndIsCountedOnce() {
        long counted = 0;
        for (Reader reader : server.readers()) {
            for (CloseReason.Kind kind : CloseReason.Kind.values()) {
                counted += reader.closed(kind);
            }
        }
        same("reasons counted", closed, counted);
    }

    private void nothingIsLent() {
        for (Reader reader : server.readers()) {
            same("buffers lent by " + reader, 0, reader.loop.buffers().lent());
            same("connections of " + reader, 0, reader.connections());
        }
    }

    private static void same(String what, long expected, long seen) {
        if (expected != seen) {
            throw new AssertionError(what + ": " + seen + ", must be " + expected);
        }
    }

    // ---- what the protocol under test reports; it must not throw, for that would only end a connection

    void opened(Connection connection) {
        opened++;
        if (open.put(connection, new Seen()) != null) {
            violations.add(connection + " was opened twice");
        }
    }

    void closed(Connection connection, CloseReason reason) {
        closed++;
        reasons.merge(reason.kind(), 1L, Long::sum);
        Seen seen = open.remove(connection);
        if (seen == null) {
            violations.add(connection + " was closed without being open, for " + reason);
        } else if (seen.endedHere && !isOfClose(reason)) {
            violations.add(connection + " had been closed here, and ended for " + reason);
        }
        if (reason instanceof CloseReason.HandlerFailed failed && !(failed.cause() instanceof Deliberate)) {
            violations.add("somebody failed who must not: " + failed.cause());
        }
    }

    private static boolean isOfClose(CloseReason reason) {
        return reason instanceof CloseReason.ClosedHere || reason instanceof CloseReason.PeerClosed;
    }

    /** Its handler is about to close it, and nobody aborts it afterwards. */
    void closing(Connection connection) {
        Seen seen = open.get(connection);
        if (seen != null && onReaders && connection.isOpen()) {
            seen.endedHere = true;
        }
    }

    /** A request has come. */
    void delivered(Connection connection) {
        Seen seen = open.get(connection);
        if (seen == null) {
            if (onReaders) {
                violations.add(connection + " got a request though it isn't open");
            }
            return;
        }
        if (seen.paused) {
            violations.add(connection + " got a request while it was paused");
        }
        if (++seen.inFlight > limits.repliesInFlight()) {
            violations.add(connection + " has " + seen.inFlight + " replies in flight");
        }
    }

    /** A reply is about to be complete. */
    void answering(Connection connection) {
        Seen seen = open.get(connection);
        if (seen != null) {
            seen.inFlight--;
        }
    }

    /** It was paused, or resumed, by its handler. Exact on Readers only. */
    void paused(Connection connection, boolean paused) {
        Seen seen = open.get(connection);
        if (seen != null && onReaders) {
            seen.paused = paused;
        }
    }

    /** How many connections have ended for that kind of reason. */
    long ended(CloseReason.Kind kind) {
        return reasons.getOrDefault(kind, 0L);
    }
}
