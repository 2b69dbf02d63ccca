// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Lease;
import dev.sluice.loop.LogText;
import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Loop;
import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the byte streams of the connections it owns, on one thread around one selector. It has one buffer to read into
 * and one to write from, and lends others to connections that are in the middle of something. The figures it tells are
 * written by its thread alone, and are recent values to others.
 */
public final class Reader {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int SAMPLE = 64;
    private static final VarHandle BYTES_READ;
    private static final VarHandle BYTES_WRITTEN;
    private static final VarHandle FRAMES;
    private static final VarHandle CLOSED = MethodHandles.arrayElementVarHandle(long[].class);

    static {
        try {
            BYTES_READ = MethodHandles.lookup().findVarHandle(Reader.class, "bytesRead", long.class);
            BYTES_WRITTEN = MethodHandles.lookup().findVarHandle(Reader.class, "bytesWritten", long.class);
            FRAMES = MethodHandles.lookup().findVarHandle(Reader.class, "frames", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int index;
    final Loop loop;
    final Limits limits;
    final boolean poison;

    // any thread
    private final SelectorProvider provider;
    private final AtomicInteger assigned = new AtomicInteger(); // counted before a connection is handed over
    private long bytesRead;
    private long bytesWritten;
    private long frames;
    private final long[] closed = new long[CloseReason.Kind.values().length];
    private final AtomicInteger paused = new AtomicInteger(); // these two are written by the loop
    private final AtomicLong pauses = new AtomicLong();
    private volatile boolean ended;

    // loop thread
    final ByteBuffer inbound = ByteBuffer.allocateDirect(BUFFER_BYTES);
    final Outbound outbound;
    final DeadlineWatch watch;
    final Pressure pressure;
    final Warnings warnings;
    SocketConnection current; // the one whose event is being handled
    private SocketConnection first;
    private SocketConnection sampled; // where the next sample begins, or null
    private long sequence;
    private int held;
    private Drain drain;
    private TlsIo tls; // these two are null while nobody needs them
    private HandshakeQueue handshakes;
    private final Set<Work> waiting = new LinkedHashSet<>();

    Reader(int index, Loop loop, Settings settings) {
        this.index = index;
        this.loop = loop;
        this.limits = settings.limits;
        this.provider = settings.environment.selectorProvider();
        this.poison = settings.poisonBuffers;
        this.outbound = new Outbound(loop, BUFFER_BYTES);
        this.watch = new DeadlineWatch(loop, settings.deadlines);
        this.pressure = new Pressure(this);
        this.warnings = new Warnings(LOG, settings.environment.nanoClock());
    }

    /** Its number, from 0. */
    public int index() {
        return index;
    }

    /** How many connections it holds, those included that are on their way to it, and the refused not. */
    public int connections() {
        return assigned.get();
    }

    /** Bytes read from sockets. */
    public long bytesRead() {
        return (long) BYTES_READ.getOpaque(this);
    }

    /** Bytes that sockets have taken. */
    public long bytesWritten() {
        return (long) BYTES_WRITTEN.getOpaque(this);
    }

    /** Frames delivered: requests, if the protocol is one of requests. */
    public long frames() {
        return (long) FRAMES.getOpaque(this);
    }

    /**
     * How many of its open connections are not read now: because their protocol has paused them, because too much is
     * unsent, or because too many replies are in flight.
     */
    public int paused() {
        return paused.getOpaque();
    }

    /** How many times a connection of its was {@link #paused}. */
    public long pauses() {
        return pauses.getOpaque();
    }

    /** How many buffers are lent to its connections: for unfinished frames, and for bytes that sockets have not taken. */
    public int lentBuffers() {
        return loop.buffers().lent();
    }

    /** How many bytes the {@link #lentBuffers} have, used or not. */
    public long lentBytes() {
        return loop.buffers().lentBytes();
    }

    /**
     * When the pass of its loop began that it is in now, in nanoseconds of {@link Environment#nanoClock} and never 0; or 0,
     * while it waits for something to do. What its handlers are told meanwhile has all this one time, so that a clock need
     * not be asked for each; and one that doesn't change for long is the time since which a handler blocks.
     */
    public long busySince() {
        return loop.busySince();
    }

    /** How many of its connections ended for that kind of reason. */
    public long closed(CloseReason.Kind kind) {
        return (long) CLOSED.getOpaque(closed, kind.ordinal());
    }

    /** The name of its thread. */
    @Override
    public String toString() {
        return loop.name();
    }

    /**
     * Whether its loop has ended: with the server, or because its selector has failed. Its connections have been cut then,
     * and it gets no others. Before the server is stopped this must be false; see to it that somebody is told otherwise.
     */
    public boolean hasEnded() {
        return ended;
    }

    /** Makes an alarm, which is not set, for what is to be done on this Reader's thread. Any thread. */
    public Alarm alarm(Runnable action) {
        return new Alarm(this, Check.present("action", action));
    }

    /** The same; if this Reader ends while the alarm is set, {@code atEnd} is done then in the place of {@code action}. Any thread. */
    public Alarm alarm(Runnable action, Runnable atEnd) {
        return new Alarm(this, Check.present("action", action), Check.present("atEnd", atEnd));
    }

    /**
     * Has something done on this Reader's thread: soon, or at once if this is called there. Any thread.
     *
     * @return whether it will be done: false if this Reader has ended
     */
    public boolean execute(Runnable action) {
        Check.present("action", action);
        if (loop.onLoop()) {
            action.run();
            return true;
        }
        return loop.post(new Alarm.Action(this, action));
    }

    /** Whether the caller is this Reader's thread. */
    public boolean isCurrent() {
        return loop.onLoop();
    }

    // ---- taking connections

    /** Takes over an accepted connection, for which the caller has a slot. Any thread. */
    void adopt(SocketChannel channel, FrameLevel<?> level, List<OptionValue<?>> options) {
        assigned.incrementAndGet();
        give(new Adoption(this, channel, level, options, null));
    }

    /** Takes over an accepted connection only to refuse it, for which the caller has a slot. Any thread. */
    void turnAway(
            SocketChannel channel,
            FrameLevel<?> level,
            List<OptionValue<?>> options,
            Function<CloseReason.Circumstances, CloseReason> why) {
        give(new Adoption(this, channel, level, options, why));
    }

    private void give(Adoption adoption) {
        if (loop.onLoop()) {
            adoption.runNow();
        } else if (!loop.post(adoption)) {
            adoption.failed(new IOException(loop.name() + " has ended"));
        }
    }

    /** Begins to connect, with a permit of the caller's: an {@link Attempt}, or a {@link NamedConnect}. Any thread. */
    void connect(Work connect) {
        expect();
        if (loop.onLoop() && !ended) {
            loop.later(connect);
        } else if (!loop.post(connect)) {
            connect.failed(new Attempt.OfOurs(loop.name() + " has ended"));
        }
    }

    /** A connection for which there is a permit is on its way to it. Any thread. */
    void expect() {
        assigned.incrementAndGet();
    }

    /** Whether connections are made, or taken over: not while it stops, unless others are still being served by them. */
    boolean takes(FrameLevel<?> level) {
        return !ended && (drain == null || level.connectsWhileDraining && !drain.isForcing());
    }

    /** Makes a connection out of a channel. Loop thread. */
    SocketConnection take(SocketChannel channel, FrameLevel<?> level, ConnectionState state) throws IOException {
        if (!takes(level)) {
            throw new Attempt.OfOurs(loop.name() + " is stopping");
        }
        long id = sequence++ << 10 | index;
        SocketConnection c = level.security == null
                ? new SocketConnection(id, channel, level, state)
                : new TlsConnection(id, channel, level, state, level.security.first());
        int ops = state == ConnectionState.CONNECTING ? SelectionKey.OP_CONNECT : SelectionKey.OP_READ;
        loop.register(channel, ops, c);
        link(c);
        if (drain != null) {
            drain.add(c);
        }
        return c;
    }

    /** Puts a connection on its list. */
    void link(SocketConnection c) {
        c.next = first;
        if (first != null) {
            first.previous = c;
        }
        first = c;
        held++;
        carryPause(c, 1);
    }

    private void unlink(SocketConnection c) {
        carryPause(c, -1);
        if (sampled == c) {
            sampled = c.next;
        }
        if (drain != null) {
            drain.removed(c, c.next);
        }
        pressure.removed(c, c.next);
        held--;
        if (c.previous != null) {
            c.previous.next = c.next;
        } else {
            first = c.next;
        }
        if (c.next != null) {
            c.next.previous = c.previous;
        }
        c.previous = null; // whoever keeps this one must not keep its neighbours
        c.next = null;
    }

    // ---- moving connections, loop thread

    /** It goes to another Reader. */
    void release(SocketConnection c) {
        unlink(c);
        loop.timers().disarm(c);
        loop.forget(c);
        assigned.decrementAndGet();
    }

    /** It was released, and stays nevertheless. */
    void keepOn(SocketConnection c) {
        link(c);
        assigned.incrementAndGet();
    }

    /** A connection sets out for this Reader. On the other's thread. Returns false if this one's loop has ended. */
    boolean passOn(Move move) {
        assigned.incrementAndGet();
        boolean posted = false;
        try {
            posted = loop.post(move);
        } finally {
            if (!posted) {
                assigned.decrementAndGet();
            }
        }
        return posted;
    }

    boolean isDraining() {
        return drain != null;
    }

    /** Tells a connection that it is to end once it has nothing to do. */
    void drainNow(SocketConnection c) {
        try {
            c.drain();
        } catch (Throwable e) {
            c.failed(e);
        }
    }

    // ---- connecting

    /** Something that waits, and has no connection by which it would be told that the loop ends. Loop thread. */
    void waits(Work work) {
        waiting.add(work);
    }

    void waitsNoMore(Work work) {
        waiting.remove(work);
    }

    void finishConnect(SocketConnection c) throws Exception {
        ((Attempt) c.attachment()).finish(c);
    }

    /** A connection that was counted could not be taken. */
    void notTaken(FrameLevel<?> level, SocketChannel channel) {
        SocketAddress remote = null;
        if (channel != null) {
            remote = SocketIo.remoteAddress(channel);
            SocketIo.close(channel);
        }
        assigned.decrementAndGet();
        level.admission.left(remote);
    }

    /**
     * The one that made no progress for longest among the next few, of those that may be evicted, or null. It is as good as
     * the idlest of all, and costs the same however many there are. Loop thread.
     *
     * @param at where it must have been accepted, or null for anywhere
     */
    SocketConnection idlest(Admission at) {
        SocketConnection start = sampled != null ? sampled : first;
        SocketConnection idlest = null;
        SocketConnection c = start;
        for (int i = 0; i < SAMPLE && c != null; i++) {
            boolean candidate = (at == null || c.level().admission == at) && c.mayBeEvicted();
            if (candidate && (idlest == null || c.progressNanos - idlest.progressNanos < 0)) {
                idlest = c;
            }
            c = c.next != null ? c.next : first;
            if (c == start) {
                break;
            }
        }
        sampled = c;
        return idlest;
    }

    void removed(SocketConnection c, SocketAddress remote, CloseReason.Kind reason) {
        unlink(c);
        int kind = reason.ordinal();
        CLOSED.setOpaque(closed, kind, closed[kind] + 1);
        if (c.isTurnedAway()) {
            c.level().admission.endRefusal();
        } else {
            assigned.decrementAndGet();
            c.level().admission.left(remote);
        }
        completeIfDrained();
    }

    /** One of its connections was closed, for that reason. */
    void log(SocketConnection c, CloseReason reason) {
        if (LOG.isDebugEnabled()) {
            LOG.debug("connection {}: {}", c.id, LogText.of(reason));
        }
    }

    SelectorProvider provider() {
        return provider;
    }

    // ---- TLS, loop thread

    /** Those whose handshakes are to begin. The same for all of its connections that are accepted. */
    HandshakeQueue handshakes(Handshakes all) {
        if (handshakes == null) {
            handshakes = new HandshakeQueue(loop, all);
        }
        return handshakes;
    }

    /** TLS of its connections, made when the first needs it. Loop thread. */
    TlsIo tls() {
        if (tls == null) {
            tls = new TlsIo(this);
        }
        return tls;
    }

    // ---- the budget, any thread

    /** What is charged to this Reader's part of the budget. */
    Lease lease() {
        return loop.buffers().lease();
    }

    /** Whether the budget is nearly used up. */
    boolean isTight() {
        return lease().shared().isTight();
    }

    /** Unsent bytes of a connection above which it isn't read; none are too few when the budget is nearly used up. */
    int highMark() {
        return isTight() ? 0 : limits.highMark();
    }

    /** Unsent bytes of a connection at or below which it is read again. */
    int lowMark() {
        return isTight() ? 0 : limits.lowMark();
    }

    // ---- counting, loop thread

    void read(int bytes) {
        BYTES_READ.setOpaque(this, bytesRead + bytes);
    }

    void delivered() {
        FRAMES.setOpaque(this, frames + 1);
    }

    // One that is paused may move.
    private void carryPause(SocketConnection c, int change) {
        if (c.isPaused()) {
            paused.setOpaque(paused.getPlain() + change);
        }
    }

    /** One of its connections is read no more for a while, or is read again or has ended. */
    void paused(boolean begins) {
        paused.setOpaque(paused.getPlain() + (begins ? 1 : -1));
        if (begins) {
            pauses.setOpaque(pauses.getPlain() + 1);
        }
    }

    void wrote(int bytes) {
        BYTES_WRITTEN.setOpaque(this, bytesWritten + bytes);
    }

    // ---- ending, loop thread

    /**
     * Tells every connection, over the time {@code telling}, that it is to end as soon as it has nothing to do, and ends
     * it after {@code window} whatever it does.
     */
    CompletableFuture<DrainReport> drain(Duration window, Duration telling) {
        if (drain == null) {
            drain = new Drain(this, first, held, window, telling);
            completeIfDrained();
        } else {
            drain.forceAfter(window);
        }
        return drain.result;
    }

    /** The first of its connections, or null. */
    SocketConnection first() {
        return first;
    }

    /** Closes what is still open when the loop ends. */
    void closeAll() {
        ended = true;
        while (first != null) {
            endNow(first);
        }
        for (Work work : List.copyOf(waiting)) {
            failAtEnd(work);
        }
    }

    private void failAtEnd(Work work) {
        try {
            work.failed(new Attempt.OfOurs(loop.name() + " has ended"));
        } catch (Throwable e) { // or those behind it would not be told
            warnings.warn("{}: a callback failed at the end", loop.name(), LoggedFailure.of(e));
        }
    }

    /** Closes one that is still open when the loop ends. */
    void endNow(SocketConnection c) {
        c.cut(CloseReason.Stopped::new);
        try {
            c.closeNow();
        } catch (Throwable e) { // or those behind it would stay open
            c.failed(e);
        }
    }

    private void completeIfDrained() {
        if (first == null && drain != null) {
            drain.complete();
        }
    }

    /** An accepted channel on its way from the Acceptor to its Reader; {@code refusal} is null if it was let in. */
    private record Adoption(
            Reader reader,
            SocketChannel channel,
            FrameLevel<?> level,
            List<OptionValue<?>> options,
            Function<CloseReason.Circumstances, CloseReason> refusal)
            implements Work {
        @Override
        public void run() throws Exception {
            SocketConnection c;
            try {
                SocketIo.configure(channel, options);
                c = reader.take(channel, level, ConnectionState.OPEN);
                c.awaitsFirstByte();
            } catch (IOException | RuntimeException | Error e) {
                failed(e); // reset by its peer meanwhile, for instance
                return;
            }
            try {
                if (refusal == null) {
                    c.opened();
                } else {
                    c.turnAway(refusal);
                }
            } catch (Throwable e) {
                c.failed(e);
            }
        }

        void runNow() {
            try {
                run();
            } catch (Exception e) {
                failed(e);
            }
        }

        @Override
        public void failed(Throwable cause) {
            if (refusal == null) {
                reader.notTaken(level, channel);
            } else {
                SocketIo.close(channel);
                level.admission.endRefusal();
            }
            try {
                reader.warnings.warn("{}: a connection could not be taken over: {}", reader, LogText.of(cause));
            } catch (RuntimeException | Error e) {
                // This must not be called again, for everything is given back; and there is nothing left to tell it
                // with.
            }
        }
    }
}
