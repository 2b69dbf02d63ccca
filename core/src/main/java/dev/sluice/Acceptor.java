// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Cause;
import dev.sluice.loop.KeyTarget;
import dev.sluice.loop.LogText;
import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls {@code accept()} on one {@link Listener} from one loop, and gives each connection to a {@link Reader}. It
 * reserves a slot before it accepts, so no limit is ever passed. While there is none it does what {@link Limits#whenFull}
 * and {@link Limits#whenTooFast} say; while {@code accept} fails, for want of descriptors say, it rests for 50 ms at a
 * time, without holding up its loop, and clients wait in the kernel's backlog.
 *
 * <p>With {@link WhenFull#REFUSE} it holds a spare descriptor. When no other is left it lets go of it, accepts a client
 * with it, and refuses that one; it takes the descriptor again when that client has gone. With
 * {@link WhenFull#EVICT_IDLEST} an idle connection's descriptor is freed instead.
 */
public final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    /** How long accepting rests after an error. Short, so that it goes on soon after a descriptor has come free. */
    private static final long BACK_OFF_NANOS = 50_000_000;
    /** How long until an idle connection is looked for again, if there was none. */
    private static final long LOOK_AGAIN_NANOS = 100_000_000;
    /** So that a storm of clients who are refused leaves time for those who are held. */
    private static final int REFUSALS_PER_PASS = 16;
    /** Of so many connections that were gone before they were taken, one is followed by a rest: it might be something else. */
    private static final int GONE_PER_REST = 16;

    private final Listener listener;
    private final Loop loop;
    private final Admission admission;
    private final Limits limits;
    private final Reader[] readers;
    private final ReaderChoice.Picker picker;
    private final AcceptKey key = new AcceptKey();
    private final Warnings warnings;

    // any thread; written by the loop only
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong resetAtOnce = new AtomicLong();
    private final AtomicLong rests = new AtomicLong();
    private final AtomicLongArray errors = new AtomicLongArray(AcceptError.values().length);
    private final AtomicLongArray refused = new AtomicLongArray(Cause.values().length);

    // any thread
    private final AtomicBoolean resuming = new AtomicBoolean(); // one mail is enough, however many permits come free
    private volatile boolean full;
    private volatile Closure closure; // null while it accepts; written by the loop

    // loop thread
    private boolean closed;
    private long takenBefore; // by all acceptors of the listener, when the selector was asked
    private int refusals; // in this pass
    private long outcomes; // clients that were taken or refused, and errors
    private Permits awaited; // while it is full
    private Closure lastClosure;
    private final SpareDescriptor spare; // null if it is of no use
    private final Timer backOff = new Timer(new Resume(this));
    private final Timer lookAgain = new Timer(new Resume(this));
    private int firstAsked; // for an idle connection

    /** {@code own} is the Reader on the same loop, or null. */
    Acceptor(Listener listener, Loop loop, LoopGroup group, Reader own, ReaderChoice.Picker picker) {
        this.listener = listener;
        this.loop = loop;
        this.admission = listener.admission;
        this.limits = group.limits;
        this.readers = group.readers;
        this.picker = picker;
        this.warnings = new Warnings(LOG, group.environment.nanoClock());
        this.spare =
                limits.whenFull() == WhenFull.REFUSE ? new SpareDescriptor(group.environment.selectorProvider()) : null;
        this.firstAsked = own != null ? own.index() : 0;
        listener.use();
        loop.atEnd(this::closeNow);
        admission.onFreed(() -> {
            if (full && resuming.compareAndSet(false, true)) {
                loop.post(new Resume(this));
            }
        });
    }

    /** The listener that it accepts from. */
    public Listener listener() {
        return listener;
    }

    /** How many connections it has let in. */
    public long accepted() {
        return accepted.get();
    }

    /** How many clients it has not let in, for want of that. */
    public long refused(CloseReason.Cause cause) {
        return refused.get(cause.ordinal());
    }

    /** How many of the {@linkplain #refused refused} were reset at once, without words, for 128 were being refused. */
    public long resetAtOnce() {
        return resetAtOnce.get();
    }

    /** How many times {@code accept} failed. */
    public long errors() {
        long sum = 0;
        for (AcceptError error : AcceptError.values()) {
            sum += errors(error);
        }
        return sum;
    }

    /** How many times {@code accept} failed like that. */
    public long errors(AcceptError error) {
        return errors.get(error.ordinal());
    }

    /**
     * How many times it has rested: for 50 ms after an error that does not concern one client alone, and until the next
     * client may come where {@link Limits#acceptsPerSecond} are exceeded.
     */
    public long rests() {
        return rests.get();
    }

    /** Why it lets nobody in at the moment, or null if it does. Any thread. */
    Closure closure() {
        return closure;
    }

    /** The loop that it is on. */
    Loop loop() {
        return loop;
    }

    /** Whether it waits for a connection to end because {@link Limits#connections} or {@link Endpoint#connections} are held. */
    public boolean isFull() {
        return full;
    }

    // ---- any thread

    void start() {
        loop.post(new Start(this));
    }

    /**
     * Closes the listener from its loop, in two passes. In the first its key is cancelled; by the second the selector has
     * let go of it, so that the close after the last accept is one at once, and hardly anybody comes in between.
     */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.post(new Close(this, done))) {
            done.complete(null);
        }
        return done;
    }

    // ---- loop thread

    private void hideAndDeregister() {
        listener.hide();
        loop.deregister(key);
    }

    private void closeNow() {
        if (closed) {
            return;
        }
        closed = true;
        stopWaiting();
        closure = null;
        loop.timers().disarm(backOff);
        loop.deregister(key);
        listener.release();
        if (spare != null) {
            spare.release();
        }
    }

    /**
     * Takes what the kernel has completed already, within the limits: closing would reset it. An inherited socket lives on
     * with whoever started this process, and its queue with it.
     */
    private void acceptQueued() {
        if (closed || listener.endpoint().isInherited()) {
            return;
        }
        int most = listener.endpoint().backlog() + 1; // who comes faster than this must not keep it open
        for (int i = 0; i < most; i++) {
            if (listener.reserve(loop.now()) != null || !admit()) {
                return;
            }
        }
    }

    private void acceptSome() {
        refusals = 0;
        for (int i = 0; i < limits.acceptsPerPass(); i++) {
            Cause lacking = listener.reserve(loop.now());
            boolean goOn;
            if (lacking == null) {
                goOn = admit();
            } else if (limits.outcome(lacking) == WhenFull.REFUSE) {
                goOn = refuse(lacking);
            } else {
                goOn = waitFor(lacking);
            }
            if (!goOn || refusals == REFUSALS_PER_PASS) {
                return;
            }
        }
    }

    // ---- accepting; these return whether there may be more to accept in this pass

    /** Accepts one for whom a slot is reserved. */
    private boolean admit() {
        SocketChannel channel;
        try {
            channel = listener.takeReserved();
        } catch (IOException e) {
            admission.notUsed();
            return goOnAfter(e);
        } catch (RuntimeException | Error e) {
            admission.notUsed();
            throw e;
        }
        if (channel == null) {
            admission.notUsed();
            return false;
        }
        if (!admission.enter(SocketIo.remoteAddress(channel))) {
            turnAway(channel, Cause.CONNECTIONS_OF_SOURCE);
            return true;
        }
        outcomes++;
        accepted.lazySet(accepted.get() + 1);
        assign(channel);
        return true;
    }

    private void assign(SocketChannel channel) {
        Reader reader;
        try {
            reader = pick(channel);
        } catch (RuntimeException | Error e) {
            admission.left(SocketIo.remoteAddress(channel));
            SocketIo.close(channel);
            throw e;
        }
        reader.adopt(channel, level(reader), listener.options);
    }

    // A Reader whose selector has failed takes nothing any more; it would have the fewest connections.
    private Reader pick(SocketChannel channel) {
        Reader reader = picker.pick(SocketIo.remoteAddress(channel));
        for (int i = 0; reader.hasEnded() && i < readers.length; i++) {
            reader = readers[i];
        }
        return reader;
    }

    private FrameLevel<?> level(Reader reader) {
        return listener.levels[reader.index()];
    }

    /** Accepts one for whom there is no slot, and refuses it. */
    private boolean refuse(Cause lacking) {
        SocketChannel channel;
        try {
            channel = listener.take();
        } catch (IOException e) {
            return goOnAfter(e);
        }
        if (channel == null) {
            return false;
        }
        turnAway(channel, lacking);
        return true;
    }

    private void turnAway(SocketChannel channel, Cause lacking) {
        outcomes++;
        refusals++;
        refused.lazySet(lacking.ordinal(), refused(lacking) + 1);
        if (!admission.beginRefusal()) {
            resetAtOnce.lazySet(resetAtOnce.get() + 1);
            SocketIo.reset(channel);
            return;
        }
        Reader reader;
        try {
            reader = pick(channel);
        } catch (RuntimeException | Error e) {
            admission.endRefusal();
            SocketIo.close(channel);
            throw e;
        }
        long limit = admission.limit(lacking);
        reader.turnAway(channel, level(reader), listener.options, at -> new CloseReason.Refused(at, lacking, limit));
    }

    // ---- waiting for room

    /** Rests until there may be a slot. An idle connection is ended only for somebody: else the selector is asked again. */
    private boolean waitFor(Cause lacking) {
        if (lacking == Cause.ACCEPT_RATE) {
            rest(
                    admission.nanosUntilNext(loop.now()),
                    "limits.acceptsPerSecond, " + admission.limit(lacking) + ", are exceeded");
            return false;
        }
        boolean evicts = limits.whenFull() == WhenFull.EVICT_IDLEST;
        if (evicts && !somebodyWaits()) {
            return false;
        }
        awaited = admission.permits(lacking);
        full = true;
        awaited.waitForOne();
        if (awaited.hasFree()) { // one came free in between, and was not announced
            stopWaiting();
            return true;
        }
        loop.interest(key, 0);
        closed(full(lacking) + admission.limit(lacking) + ", are held");
        if (evicts) {
            loop.timers().arm(lookAgain, loop.now() + LOOK_AGAIN_NANOS);
            evict(lacking);
        }
        return false;
    }

    /** For sure: the selector said so, and nobody was taken since, nor is being taken. */
    private boolean somebodyWaits() {
        return listener.hasTaken(takenBefore);
    }

    private static String full(Cause lacking) {
        return lacking == Cause.CONNECTIONS_OF_LISTENER ? "endpoint.connections, " : "limits.connections, ";
    }

    private void evict(Cause lacking) {
        Eviction.begin(admission, lacking, readers, firstAsked);
        firstAsked = firstAsked + 1 == readers.length ? 0 : firstAsked + 1;
    }

    private void stopWaiting() {
        loop.timers().disarm(lookAgain);
        if (full) {
            full = false;
            awaited.waitedEnough();
            awaited = null;
        }
    }

    // ---- errors

    private boolean goOnAfter(IOException e) {
        AcceptError error = AcceptError.of(e);
        count(error);
        if (error == AcceptError.CONNECTION && errors(error) % GONE_PER_REST != 0) {
            return true;
        }
        if (error.isOutOfDescriptors()) {
            if (!somebodyWaits()) {
                return false; // Linux says it of an empty backlog too
            }
            makeRoomForOne();
        }
        rest(BACK_OFF_NANOS, error.what);
        warnings.warn(
                "accepting on {} rests for 50 ms, {} time(s) so far: {} ({}; {} descriptors may be open); {}",
                listener,
                errors(),
                error.what,
                LogText.of(e),
                descriptors(),
                error.advice);
        return false;
    }

    private String descriptors() {
        long allowed = admission.limit(Cause.DESCRIPTORS);
        return allowed == 0 ? "an unknown number of" : String.valueOf(allowed);
    }

    private void count(AcceptError error) {
        outcomes++;
        errors.lazySet(error.ordinal(), errors(error) + 1);
    }

    private void makeRoomForOne() {
        switch (limits.whenFull()) {
            case WAIT -> {
                // the clients wait
            }
            case REFUSE -> shed();
            case EVICT_IDLEST -> evict(Cause.DESCRIPTORS);
        }
    }

    /** Refuses one with the descriptor that was kept for it. */
    private void shed() {
        if (!spare.release()) {
            return;
        }
        try {
            SocketChannel channel = listener.take();
            if (channel != null) {
                turnAway(channel, Cause.DESCRIPTORS);
            }
        } catch (IOException e) {
            count(AcceptError.of(e)); // somebody else was faster
        }
    }

    /** Takes the spare descriptor again. It is tried after each rest. */
    private void takeSpare() {
        if (spare == null) {
            return;
        }
        try {
            spare.take();
        } catch (IOException e) {
            count(AcceptError.of(e)); // who was refused with it is still there, or somebody else has it
        }
    }

    private void rest(long nanos, String why) {
        rests.lazySet(rests.get() + 1);
        closed(why);
        loop.interest(key, 0);
        loop.timers().arm(backOff, loop.now() + nanos);
    }

    private void closed(String why) {
        lastClosure = Closure.after(lastClosure, why, loop.now(), accepted.get());
        closure = lastClosure;
    }

    private void resume() {
        resuming.set(false);
        if (closed) {
            return;
        }
        stopWaiting();
        if (!backOff.isArmed()) {
            closure = null;
            takeSpare();
            loop.interest(key, SelectionKey.OP_ACCEPT);
        }
    }

    /** The listener's key on this loop. */
    private final class AcceptKey extends KeyTarget {
        // Where loops share a listener, all are told of each client and all but one come too late, so it takes more
        // here.
        private static final int MOST_ROUNDS_IN_VAIN = 10;
        private int rounds;

        @Override
        public boolean ready(int readyOps) {
            long before = outcomes;
            acceptSome();
            takenBefore = listener.taken();
            boolean fruitful = full || backOff.isArmed() || outcomes != before;
            if (fruitful) {
                rounds = 0;
            }
            return fruitful;
        }

        @Override
        public void spins(int readyOps) {
            if (++rounds == MOST_ROUNDS_IN_VAIN) {
                rounds = 0;
                count(AcceptError.UNKNOWN);
                rest(BACK_OFF_NANOS, "the selector reports clients, and there are none");
                warnings.warn(
                        "accepting on {} rests for 50 ms: it was reported ready {} times in a row, and nobody was there",
                        listener,
                        MOST_ROUNDS_IN_VAIN * MOST_IN_VAIN);
            }
        }

        @Override
        public void failed(Throwable cause) {
            count(AcceptError.UNKNOWN); // whatever it was may be so at once again
            rest(BACK_OFF_NANOS, "accepting failed");
            warnings.warn("accepting on {} rests for 50 ms, it failed", listener, LoggedFailure.of(cause));
        }
    }

    private record Start(Acceptor acceptor) implements Work {
        @Override
        public void run() throws IOException {
            acceptor.takeSpare();
            acceptor.loop.register(acceptor.listener.channel, SelectionKey.OP_ACCEPT, acceptor.key);
        }

        @Override
        public void failed(Throwable cause) {
            LOG.error("accepting on {} did not start", acceptor.listener, LoggedFailure.of(cause));
        }
    }

    private record Close(Acceptor acceptor, CompletableFuture<Void> done) implements Work {
        @Override
        public void run() {
            acceptor.hideAndDeregister();
            acceptor.loop.later(new FinishClose(acceptor, done));
        }

        @Override
        public void failed(Throwable cause) {
            done.complete(null); // the loop has ended, and the listener with it
        }
    }

    private record FinishClose(Acceptor acceptor, CompletableFuture<Void> done) implements Work {
        @Override
        public void run() {
            acceptor.acceptQueued();
            acceptor.closeNow();
            done.complete(null);
        }

        @Override
        public void failed(Throwable cause) {
            acceptor.warnings.warn("{}: taking what was queued failed", acceptor.listener, LoggedFailure.of(cause));
            acceptor.closeNow();
            done.complete(null);
        }
    }

    private record Resume(Acceptor acceptor) implements Work {
        @Override
        public void run() {
            acceptor.resume();
        }

        @Override
        public void failed(Throwable cause) {
            LOG.debug("accepting on {} was not resumed", acceptor.listener, LoggedFailure.of(cause));
        }
    }
}
