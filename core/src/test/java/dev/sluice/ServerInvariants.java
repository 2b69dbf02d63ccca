// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Output;
import dev.sluice.sim.Fault;
import dev.sluice.sim.RoughClient;
import dev.sluice.sim.RoughClient.Ends;
import dev.sluice.sim.Simulation;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * What must hold for a server in the simulation, whatever happens: the one place for it. Rules in {@link #afterEachTurn}
 * are looked at after each turn that anybody took, those in {@link #whenQuiet} when all clients have gone, those in
 * {@link #atTheEnd} when the server was stopped. The protocol under test reports to the methods further down.
 *
 * <p>To add a rule: write a method that throws {@code AssertionError} with what it saw, and call it from one of the three.
 */
final class ServerInvariants implements RoughClient.Fates {
    /** What the protocol under test says to one who is refused. */
    private static final byte[] WORDS = Framing.bytes("there is no room");

    /** What handlers and hooks throw on purpose; any other failure of one is a defect. */
    static final class Deliberate extends RuntimeException {
        private static final long serialVersionUID = 1;

        Deliberate() {
            super("deliberate", null, false, false);
        }
    }

    /** How much later than its deadline a loop may be, beside late wake-ups: a tick, and the order of turns. */
    private static final Duration SLACK = Duration.ofSeconds(1);
    /** The same once the clock has jumped, by up to 10 s. */
    private static final Duration SLACK_OF_JUMPS = Duration.ofSeconds(30);

    /** When it was ready, when it has waited for its turn, and what ends its stream. */
    private static final int MOST_TURNS = 3;

    /** How much earlier than its deadline a loop may be: what passes within a turn. */
    private static final Duration EXACTLY = Duration.ofMillis(1);

    /** Most that are armed for what doesn't count as a connection: accepting that rests, a drain, clients being refused. */
    private static final int OTHER_TIMERS = 20;

    private static final class Seen {
        Ends ends;
        int inFlight;
        int frames; // in this turn
        boolean paused;
        int resumesUnderWay;
        boolean endedHere;
        boolean draining;
        ConnectionState state; // when it was looked at last
        long bytes; // read and written then
        Duration since; // when any of that has changed
        final DeadlineRules deadlines;

        Seen(Connection connection) {
            deadlines = new DeadlineRules(connection);
        }
    }

    private final Simulation sim;
    private final Limits limits;
    private final MemoryBudget budget;
    private final boolean onReaders;
    private final Map<Connection, Seen> open = new IdentityHashMap<>();
    private final List<Connection> inOrder = new ArrayList<>(); // those that are open
    private final Map<CloseReason.Kind, Long> reasons = new TreeMap<>();
    private final Map<CloseReason.Deadline, Long> deadlines = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final List<Loops> watched = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private Server server;
    private long opened;
    private long closed;
    private long connectsFailed;
    private long refused;
    private final Set<Ends> refusedClients = new HashSet<>();
    private final Set<Ends> evictedClients = new HashSet<>();
    private final Map<Acceptor, Duration> waitingInVain = new IdentityHashMap<>();
    private long acceptedBefore;
    private double tokens;
    private Duration tokensAt = Duration.ZERO;

    /** {@code onReaders} is false if workers run the handlers. */
    ServerInvariants(Simulation sim, Limits limits, MemoryBudget budget, boolean onReaders) {
        this.sim = sim;
        this.limits = limits;
        this.budget = budget;
        this.onReaders = onReaders;
    }

    /** The Readers of a server or of a connector, and the permits that they share. */
    private record Loops(IntSupplier permits, List<Reader> readers) {}

    void watch(Server newServer) {
        server = newServer;
        tokens = limits.acceptBurst();
        tokensAt = sim.now();
        watch(server::connections, server.readers());
        sim.check(this::afterEachTurn);
    }

    /** A connector with Readers of its own. */
    void watch(Connector connector) {
        watch(connector::connections, connector.readers());
    }

    private void watch(IntSupplier permits, List<Reader> its) {
        watched.add(new Loops(permits, its));
        readers.addAll(its);
    }

    // ---- the rules

    // snippet: rules
    private void afterEachTurn() {
        if (!violations.isEmpty()) {
            throw new AssertionError(violations.get(0));
        }
        connectionsAreBounded();
        admissionIsBounded();
        timersAreBounded();
        everyConnectionIsBounded();
        theBudgetHolds();
        everyEndIsCountedOnce();
        pausesAreCounted();
    }
    // end snippet

    /** All clients have gone, and the server had time to see it. */
    void whenQuiet() {
        watched.forEach(loops -> same("connections held", 0, loops.permits.getAsInt()));
        nobodyIsCounted();
        same("connections not told their end", 0, open.size());
        nothingIsLent();
        for (Acceptor acceptor : server.acceptors()) {
            if (acceptor.isFull()) {
                throw new AssertionError("an acceptor waits for a permit though all are free");
            }
        }
        for (Reader reader : readers) {
            same("timers of " + reader, 0, reader.loop.timers().armed());
        }
    }

    /** Nothing has vanished, and deadlines are longer than anybody took: so none may have passed. */
    void noDeadlineHasPassed() {
        same("connections ended by a deadline", 0, ended(CloseReason.Kind.DEADLINE_PASSED));
    }

    /** The server was stopped. */
    void atTheEnd() {
        afterEachTurn();
        watched.forEach(loops -> same("permits", 0, loops.permits.getAsInt()));
        same("open sockets", 0, sim.openSockets());
        same("connections not told their end", 0, open.size());
        same("connections closed, of those opened", opened, closed);
        nothingIsLent();
        same("bytes of the budget in use", 0, budget.usedBytes());
    }

    private void theBudgetHolds() {
        long charged = 0;
        for (Reader reader : readers) {
            charged += reader.lease().taken();
        }
        if (charged < 0 || charged > budget.usedBytes() || budget.usedBytes() > budget.limitBytes()) {
            throw new AssertionError(charged + " bytes charged, the budget has " + budget);
        }
    }

    /** A connection that has ended is kept by no timer. */
    private void timersAreBounded() {
        for (Reader reader : readers) {
            int armed = reader.loop.timers().armed();
            if (armed > reader.connections() + OTHER_TIMERS) {
                throw new AssertionError(
                        armed + " timers of " + reader + ", for " + reader.connections() + " connections");
            }
        }
    }

    private void connectionsAreBounded() {
        int ofAllReaders = 0;
        for (Loops loops : watched) {
            int held = loops.permits.getAsInt();
            int ofReaders = 0;
            for (Reader reader : loops.readers) {
                ofReaders += reader.connections();
            }
            if (held > limits.connections()) {
                throw new AssertionError(held + " connections are held, the limit is " + limits.connections());
            }
            if (ofReaders > held) {
                throw new AssertionError(held + " permits, " + ofReaders + " connections at Readers");
            }
            ofAllReaders += ofReaders;
        }
        if (open.size() > ofAllReaders) {
            throw new AssertionError(ofAllReaders + " connections at Readers, " + open.size() + " told open");
        }
    }

    private void admissionIsBounded() {
        for (Listener listener : server.listeners()) {
            int most = listener.endpoint().connections();
            if (listener.connections() > most) {
                throw new AssertionError(listener + " holds " + listener.connections() + ", the limit is " + most);
            }
        }
        sourcesAreBounded();
        theRateIsKept();
        nobodyWaitsInVain();
    }

    private void sourcesAreBounded() {
        if (group().sources == null) {
            return;
        }
        Map<Object, Integer> held = new HashMap<>();
        for (Connection connection : inOrder) {
            SocketConnection c = (SocketConnection) connection;
            boolean accepted = !c.level().admission.isOfConnector() && c.state() != ConnectionState.CLOSED;
            if (accepted && connection.remoteAddress() instanceof InetSocketAddress remote) {
                int now = held.merge(remote.getAddress(), 1, Integer::sum);
                if (now > limits.connectionsPerSource()) {
                    throw new AssertionError(remote + " holds " + now + " connections");
                }
            }
        }
    }

    /** Counted without the server's arithmetic, and with a grain for rounding. */
    private void theRateIsKept() {
        long accepted =
                server.acceptors().stream().mapToLong(Acceptor::accepted).sum();
        double since = sim.now().minus(tokensAt).toNanos() / 1e9;
        tokens = Math.min(limits.acceptBurst(), tokens + since * limits.acceptsPerSecond());
        tokens -= accepted - acceptedBefore;
        tokensAt = sim.now();
        acceptedBefore = accepted;
        if (tokens < -1e-3) {
            throw new AssertionError("accepted " + accepted + ", which is " + -tokens + " more than the rate allows");
        }
    }

    /** While there is room an acceptor is not full, or not for longer than a loop may sleep late. */
    private void nobodyWaitsInVain() {
        for (Acceptor acceptor : server.acceptors()) {
            Listener listener = acceptor.listener();
            boolean room = group().permits.hasFree()
                    && listener.connections() < listener.endpoint().connections();
            if (!acceptor.isFull() || !room) {
                waitingInVain.remove(acceptor);
                continue;
            }
            Duration since = waitingInVain.computeIfAbsent(acceptor, a -> sim.now());
            if (sim.now().minus(since).compareTo(slack()) > 0) {
                throw new AssertionError("an acceptor waits for room since " + since + ", and there is some");
            }
        }
    }

    /** Nothing of those who have gone, or were refused, is left in any count. */
    private void nobodyIsCounted() {
        same("clients being refused", 0, group().refusals.taken());
        if (group().sources != null) {
            same("sources that hold connections", 0, group().sources.size());
        }
        for (Listener listener : server.listeners()) {
            same("connections of " + listener, 0, listener.connections());
            if (!listener.admission.beginEviction()) {
                throw new AssertionError("an eviction has no end");
            }
            listener.admission.endEviction(false);
        }
    }

    private LoopGroup group() {
        return server.listeners().get(0).admission.group();
    }

    private Duration slack() {
        return sim.happened(Fault.CLOCK_JUMP) == 0 ? SLACK : SLACK_OF_JUMPS;
    }

    private void everyConnectionIsBounded() {
        for (Map.Entry<Connection, Seen> entry : open.entrySet()) {
            long unsent = entry.getKey().unsentBytes();
            int most = entry.getKey().reader().limits.outboundBytes();
            if (unsent < 0 || unsent > most) {
                throw new AssertionError(
                        "connection " + entry.getKey().id() + " has " + unsent + " bytes unsent, of at most " + most);
            }
            endIsBounded((SocketConnection) entry.getKey(), entry.getValue());
            interestFits((SocketConnection) entry.getKey());
            entry.getValue().frames = 0;
            entry.getValue().deadlines.look(sim.now(), slack());
        }
    }

    /** Whatever has changed it, by now it is interested in what it needs. */
    private static void interestFits(SocketConnection connection) {
        if (!connection.state().isOver() && connection.interest() != connection.wantedOps()) {
            throw new AssertionError("connection " + connection.id() + " is interested in " + connection.interest()
                    + ", needs " + connection.wantedOps());
        }
    }

    /** A connection that is being ended, and makes no progress, is cut in time: within twice its linger time. */
    private void endIsBounded(SocketConnection connection, Seen seen) {
        long bytes = connection.bytesRead + connection.bytesWritten;
        ConnectionState state = connection.state();
        if (connection.isOpen() || state != seen.state || bytes != seen.bytes) {
            seen.state = state;
            seen.bytes = bytes;
            seen.since = sim.now();
            return;
        }
        Duration linger = connection.reader().watch.deadlines.linger();
        Duration longest = linger.multipliedBy(2).plus(slack());
        if (sim.now().minus(seen.since).compareTo(longest) > 0) {
            throw new AssertionError("connection " + connection.id() + " is " + state + " since " + seen.since
                    + ", it may linger for " + linger);
        }
    }

    /**
     * Those of connects that came to nothing are counted, unless they failed before they had a socket; the refused are
     * counted once they are gone.
     */
    private void everyEndIsCountedOnce() {
        long counted = 0;
        for (Reader reader : readers) {
            for (CloseReason.Kind kind : CloseReason.Kind.values()) {
                counted += reader.closed(kind);
            }
        }
        if (counted < closed || counted > closed + connectsFailed + refused) {
            throw new AssertionError(counted + " reasons counted, for " + closed + " connections that ended and "
                    + connectsFailed + " connects that failed, " + refused + " refused");
        }
    }

    private void pausesAreCounted() {
        for (Reader reader : readers) {
            int paused = 0;
            for (SocketConnection c = reader.first(); c != null; c = c.next) {
                paused += c.isPaused() ? 1 : 0;
            }
            same("connections of " + reader + " that are counted as paused", paused, reader.paused());
        }
    }

    private void nothingIsLent() {
        for (Reader reader : readers) {
            same("buffers lent by " + reader, 0, reader.loop.buffers().lent());
            same("bytes lent by " + reader, 0, reader.lentBytes());
            same("connections of " + reader, 0, reader.connections());
            same("bytes charged to " + reader, 0, reader.lease().taken());
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
        inOrder.add(connection);
        Seen seen = new Seen(connection);
        seen.ends = ends(connection);
        refusedClients.remove(seen.ends); // those that had the same ports before
        evictedClients.remove(seen.ends);
        if (open.put(connection, seen) != null) {
            violations.add(connection + " was opened twice");
        }
    }

    void closed(Connection connection, CloseReason reason) {
        closed++;
        reasons.merge(reason.kind(), 1L, Long::sum);
        Seen seen = open.remove(connection);
        inOrder.remove(connection);
        if (seen == null) {
            violations.add(connection + " was closed without being open, for " + reason);
        } else if (seen.endedHere && !isOfClose(reason) && !(reason instanceof CloseReason.BudgetExhausted)) {
            violations.add(connection + " had been closed here, and ended for " + reason);
        }
        if (seen != null && reason instanceof CloseReason.Stopped && !seen.draining) {
            violations.add(connection + " was not told that it is being drained");
        }
        if (reason instanceof CloseReason.Evicted && seen != null) {
            evictedClients.add(seen.ends);
            if (seen.inFlight > 0) {
                violations.add(connection + " was evicted with " + seen.inFlight + " requests in flight");
            }
        }
        if (reason instanceof CloseReason.DeadlinePassed passed) {
            deadlines.merge(passed.deadline(), 1L, Long::sum);
            boolean exact = sim.happened(Fault.CLOCK_JUMP) == 0;
            String wrong =
                    seen == null ? null : seen.deadlines.wrongWith(passed, sim.now(), exact ? EXACTLY : SLACK_OF_JUMPS);
            if (wrong != null) {
                violations.add(wrong);
            }
        }
        if (reason instanceof CloseReason.HandlerFailed failed && !(failed.cause() instanceof Deliberate)) {
            violations.add("somebody failed who must not: " + failed.cause());
        }
    }

    /** The server says why it ends a connection; one that it doesn't let in is told in words. */
    void refusing(Connection connection, CloseReason reason, Output out) {
        if (reason instanceof CloseReason.Refused) {
            refused++;
            refusedClients.add(ends(connection));
            if (open.containsKey(connection)) {
                violations.add(connection + " is open and was refused");
            }
            out.put(ByteBuffer.wrap(WORDS));
        }
    }

    private static Ends ends(Connection accepted) {
        return new Ends(accepted.remoteAddress(), accepted.localAddress());
    }

    @Override
    public boolean isRefused(Ends ends) {
        return refusedClients.contains(ends);
    }

    @Override
    public boolean isEvicted(Ends ends) {
        return evictedClients.contains(ends);
    }

    @Override
    public int hearWords(ByteBuffer heard, int before) {
        int n = before;
        while (heard.hasRemaining()) {
            byte b = heard.get();
            if (n == WORDS.length || b != WORDS[n++]) {
                violations.add("one who was refused heard other words: " + b + " at " + n);
                return n;
            }
        }
        return n;
    }

    /** How many clients were refused for want of that. */
    long refused(CloseReason.Cause cause) {
        return server.refused().get(cause);
    }

    private static boolean isOfClose(CloseReason reason) {
        return reason instanceof CloseReason.ClosedHere || reason instanceof CloseReason.PeerClosed;
    }

    /** It is told that the server stops. */
    void draining(Connection connection) {
        Seen seen = open.get(connection);
        if (seen == null || seen.draining) {
            violations.add(connection + " was told to drain " + (seen == null ? "while it isn't open" : "twice"));
        } else {
            seen.draining = true;
        }
    }

    /** Its handler is about to close it, and nobody aborts it afterwards. */
    void closing(Connection connection) {
        Seen seen = open.get(connection);
        if (seen != null && onReaders && connection.isOpen()) {
            seen.endedHere = true;
        }
    }

    /** A frame has come. */
    void delivered(Connection connection) {
        Seen seen = open.get(connection);
        if (onReaders && !connection.reader().loop.onLoop()) {
            violations.add(connection + " got a frame on another thread than its Reader's");
        }
        if (seen == null && onReaders) {
            violations.add(connection + " got a frame though it isn't open");
        }
        if (seen != null && ++seen.frames > MOST_TURNS * limits.requestsPerTurn() && onReaders) {
            violations.add(connection + " got " + seen.frames + " frames in one pass");
        }
        if (seen != null && seen.paused) {
            violations.add(connection + " got a frame while it was paused");
        }
    }

    /** A frame has come that a reply will answer. */
    void requested(Connection connection) {
        delivered(connection);
        Seen seen = open.get(connection);
        if (seen != null && ++seen.inFlight > limits.repliesInFlight()) {
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

    /** It was paused, or resumed, on its Reader, where that is exact. */
    void paused(Connection connection, boolean paused) {
        Seen seen = open.get(connection);
        if (seen != null) {
            seen.deadlines.interrupted(sim.now());
        }
        if (seen != null && onReaders && seen.resumesUnderWay == 0) {
            seen.paused = paused;
        }
    }

    /** A resume from elsewhere has set out for the Reader, or has arrived. */
    void resuming(Connection connection, int change) {
        Seen seen = open.get(connection);
        if (seen != null) {
            seen.deadlines.interrupted(sim.now());
            seen.resumesUnderWay += change;
            seen.paused = false;
        }
    }

    /** A Reader that it may be moved to; its own among them. */
    Reader anyReaderOf(Connection connection, int draw) {
        for (Loops loops : watched) {
            if (loops.readers.contains(connection.reader())) {
                return loops.readers.get(draw % loops.readers.size());
            }
        }
        throw new AssertionError(connection + " belongs to no Reader");
    }

    /** One of the open connections, or null. */
    Connection anyOpen(int draw) {
        return open.isEmpty() ? null : inOrder.get(draw % inOrder.size());
    }

    /** A connect came to nothing. */
    void connectFailed(Throwable failure) {
        connectsFailed++;
        if (failure.getCause() instanceof SocketTimeoutException) { // its protocol is not told
            deadlines.merge(CloseReason.Deadline.CONNECT, 1L, Long::sum);
        }
    }

    /** Something else that must not be. */
    void violated(String what) {
        violations.add(what);
    }

    /** How many connections have ended for that deadline. */
    long passed(CloseReason.Deadline deadline) {
        return deadlines.getOrDefault(deadline, 0L);
    }

    /** How many connections have ended for that kind of reason. */
    long ended(CloseReason.Kind kind) {
        return reasons.getOrDefault(kind, 0L);
    }
}
