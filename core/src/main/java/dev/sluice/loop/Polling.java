// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waiting in the selector of one loop, and what is done about a selector that doesn't wait. If it returns early again and
 * again, with nothing ready, nothing due and nobody who woke it, then it spins, as selectors over epoll have done for
 * more than one reason. It is replaced by a new one, to which all channels are moved.
 *
 * <p>A new one that spins as well is replaced a second later, the next ones after twice as long each, up to a minute; in
 * between the loop pauses for a millisecond before each select. So whatever is wrong, the loop goes on, and takes a few
 * per cent of a processor.
 */
final class Polling {
    private static final Logger LOG = LoggerFactory.getLogger(Polling.class);
    /** So many early returns in a row are no accident. */
    static final int MOST_EARLY_RETURNS = 512;

    private static final long SHORTEST_GAP_NANOS = 1_000_000_000L;
    private static final long LONGEST_GAP_NANOS = 60 * SHORTEST_GAP_NANOS;
    private static final long PAUSE_NANOS = 1_000_000;
    private static final VarHandle REPLACED;

    static {
        try {
            REPLACED = MethodHandles.lookup().findVarHandle(Polling.class, "replaced", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final SelectorProvider provider;

    // any thread
    private volatile Selector selector; // written by the loop
    private long replaced;

    // loop thread
    private LongConsumer pause = LockSupport::parkNanos;
    private int earlyReturns; // in a row
    private boolean pausing;
    private long triedNanos; // when it was last to be replaced
    private long gapNanos; // how long after that it may be again; 0 if it never was

    Polling(String name, Selector selector, SelectorProvider provider) {
        this.name = name;
        this.selector = selector;
        this.provider = provider;
    }

    /** Sets what pauses a loop whose selectors all spin, given nanoseconds; before the loop starts. */
    void pauseWith(LongConsumer newPause) {
        pause = newPause;
    }

    /**
     * Makes the select that runs return, or else the next one. Any thread. What the caller has written before is seen by
     * the loop before it waits again, even if it replaces the selector at this moment: then the caller may wake the old
     * one, but has written before the loop changed over, and the loop looks behind that.
     */
    void wakeup() {
        selector.wakeup();
    }

    /** How many selectors were replaced. Any thread. */
    long replaced() {
        return (long) REPLACED.getOpaque(this);
    }

    // ---- loop thread

    SelectionKey register(SelectableChannel channel, int ops, KeyTarget target) throws ClosedChannelException {
        return channel.register(selector, ops, target);
    }

    /** Serves what is ready, without waiting. */
    int selectNow(Consumer<SelectionKey> action) throws IOException {
        return selector.selectNow(action);
    }

    /** Waits until something is ready, for so long or {@code Long.MAX_VALUE}, and serves it. */
    int select(Consumer<SelectionKey> action, long nanos) throws IOException {
        if (pausing) {
            pause.accept(PAUSE_NANOS);
        }
        return nanos == Long.MAX_VALUE
                ? selector.select(action)
                : selector.select(action, (nanos + 999_999) / 1_000_000);
    }

    /** The loop had a reason to return. */
    void returnedInTime() {
        earlyReturns = 0;
        pausing = false;
    }

    /** The select has returned though there was nothing, and nobody had woken it. */
    void returnedEarly(long nowNanos) {
        if (++earlyReturns < MOST_EARLY_RETURNS) {
            return;
        }
        if (gapNanos == 0 || nowNanos - triedNanos >= gapNanos) {
            boolean again = gapNanos > 0 && nowNanos - triedNanos < 4 * gapNanos;
            gapNanos = again ? Math.min(2 * gapNanos, LONGEST_GAP_NANOS) : SHORTEST_GAP_NANOS;
            triedNanos = nowNanos;
            replace();
        } else if (!pausing) {
            pausing = true;
            LOG.warn("{}: its new selector returns at once as well, so the loop pauses for 1 ms in each pass", name);
        }
    }

    private void replace() {
        Selector old = selector;
        Selector fresh = null;
        try {
            fresh = provider.openSelector();
            registerAll(old, fresh);
        } catch (IOException | RuntimeException | Error e) { // out of descriptors, for instance
            LOG.error("{}: its selector spins and can't be replaced; the loop pauses for 1 ms in each pass", name, e);
            close(fresh);
            pausing = true;
            return;
        }
        for (SelectionKey key : fresh.keys()) {
            ((KeyTarget) key.attachment()).movedTo(key);
        }
        selector = fresh;
        close(old);
        REPLACED.setOpaque(this, replaced + 1);
        LOG.warn(
                "{}: its selector returned {} times in a row with nothing to do, so it was replaced; {} channels moved",
                name,
                earlyReturns,
                fresh.keys().size());
        returnedInTime();
    }

    // Until all are registered the old keys stay in use, so that nothing is lost if one can't be.
    private static void registerAll(Selector old, Selector fresh) throws IOException {
        for (SelectionKey key : old.keys()) {
            KeyTarget target = (KeyTarget) key.attachment();
            if (key.isValid()) {
                key.channel().register(fresh, target.interest(), target);
            }
        }
    }

    /** At the loop's end. */
    void close() {
        close(selector);
    }

    private void close(Selector which) {
        if (which == null) {
            return;
        }
        try {
            which.close();
        } catch (IOException e) {
            LOG.warn("{}: closing the selector failed", name, e);
        }
    }
}
