// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.KeyTarget;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls {@code accept()} on one {@link Listener} from one loop, and gives each connection to a {@link Reader}. It takes a
 * permit before it accepts, so the limit of connections is never passed; while there is none, or while the machine has
 * no descriptor left, it doesn't accept, and clients wait in the kernel's backlog.
 */
public final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    /** How long accepting rests after an error. Short, so that it goes on soon after a descriptor has come free. */
    private static final long BACK_OFF_NANOS = 50_000_000;

    private final Listener listener;
    private final Loop loop;
    private final Permits permits;
    private final Limits limits;
    private final ReaderChoice.Picker picker;
    private final AcceptKey key = new AcceptKey();
    private final Warnings warnings;

    // any thread
    private final AtomicLong accepted = new AtomicLong(); // written by the loop only
    private final AtomicLong errors = new AtomicLong();
    private final AtomicBoolean resuming = new AtomicBoolean(); // one mail is enough, however many permits come free
    private volatile boolean full;

    // loop thread
    private boolean closed;
    private final Timer backOff = new Timer(new Resume(this));

    Acceptor(Listener listener, Loop loop, LoopGroup group, ReaderChoice.Picker picker) {
        this.listener = listener;
        this.loop = loop;
        this.permits = group.permits;
        this.limits = group.limits;
        this.picker = picker;
        this.warnings = new Warnings(LOG, group.environment.nanoClock());
        listener.use();
        loop.atEnd(this::closeNow);
        permits.onFreed(() -> {
            if (full && resuming.compareAndSet(false, true)) {
                loop.post(new Resume(this));
            }
        });
    }

    /** The listener that it accepts from. */
    public Listener listener() {
        return listener;
    }

    /** How many connections it has accepted. */
    public long accepted() {
        return accepted.get();
    }

    /** How many times {@code accept} failed; each time accepting rested for 50 ms. */
    public long errors() {
        return errors.get();
    }

    /** Whether it waits for a connection to end because {@link Limits#connections} are held. */
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
        loop.timers().disarm(backOff);
        loop.deregister(key);
        listener.release();
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
        for (int i = 0; i < most && permits.tryTake(); i++) {
            if (!admit()) {
                return;
            }
        }
    }

    private void acceptSome() {
        for (int i = 0; i < limits.acceptsPerPass(); i++) {
            if (!takePermit() || !admit()) {
                return;
            }
        }
    }

    /** Accepts one for which a permit was taken. Returns whether there may be more. */
    private boolean admit() {
        SocketChannel channel;
        try {
            channel = SocketIo.accept(listener.channel);
        } catch (IOException e) {
            permits.giveBack();
            rest(e);
            return false;
        } catch (RuntimeException | Error e) {
            permits.giveBack();
            throw e;
        }
        if (channel == null) {
            permits.giveBack();
            return false;
        }
        accepted.lazySet(accepted.get() + 1);
        assign(channel);
        return true;
    }

    // A Reader whose selector has failed takes nothing any more; it would have the fewest connections.
    private void assign(SocketChannel channel) {
        Reader reader;
        try {
            reader = picker.pick(SocketIo.remoteAddress(channel));
            for (int i = 0; reader.hasEnded() && i < listener.levels.length; i++) {
                reader = listener.levels[i].reader;
            }
        } catch (RuntimeException | Error e) {
            SocketIo.close(channel);
            permits.giveBack();
            throw e;
        }
        reader.adopt(channel, listener.levels[reader.index()], listener.options);
    }

    private boolean takePermit() {
        if (permits.tryTake()) {
            return true;
        }
        full = true;
        permits.waitForOne();
        if (permits.tryTake()) { // one came free in between
            full = false;
            permits.waitedEnough();
            return true;
        }
        loop.interest(key, 0);
        return false;
    }

    // The JDK tells what went wrong only as text that the C library may have translated, so every error is treated as
    // one that may pass, such as running out of descriptors.
    private void rest(IOException e) {
        errors.lazySet(errors.get() + 1);
        warnings.warn("accepting on {} rests for 50 ms: {}", listener, e.toString());
        loop.interest(key, 0);
        loop.timers().arm(backOff, loop.now() + BACK_OFF_NANOS);
    }

    private void resume() {
        resuming.set(false);
        if (closed) {
            return;
        }
        if (full) {
            full = false;
            permits.waitedEnough();
        }
        if (!backOff.isArmed()) {
            loop.interest(key, SelectionKey.OP_ACCEPT);
        }
    }

    /** The listener's key on this loop. */
    private final class AcceptKey extends KeyTarget {
        @Override
        public void ready(int readyOps) {
            acceptSome();
        }

        @Override
        public void failed(Throwable cause) {
            warnings.warn("accepting on {} failed", listener, cause);
        }
    }

    private record Start(Acceptor acceptor) implements Work {
        @Override
        public void run() throws IOException {
            acceptor.loop.register(acceptor.listener.channel, SelectionKey.OP_ACCEPT, acceptor.key);
        }

        @Override
        public void failed(Throwable cause) {
            LOG.error("accepting on {} did not start", acceptor.listener, cause);
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
            acceptor.warnings.warn("{}: taking what was queued failed", acceptor.listener, cause);
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
            LOG.debug("accepting on {} was not resumed", acceptor.listener, cause);
        }
    }
}
