// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread around one selector. {@link #runOnce} is one pass in four phases; the thread only repeats it, so a test or
 * a simulation can step a loop without one.
 *
 * <ol>
 *   <li><b>wait</b>: select, until a channel is ready, a timer is due or the mailbox was written to.
 *   <li><b>ready</b>: each ready channel's {@link KeyTarget} is called, inside the select call.
 *   <li><b>mail</b>: what the loop put off for itself, then what other threads sent.
 *   <li><b>settle</b>: timers that are due, but not too many, then the interest changes of this pass are written to their keys.
 * </ol>
 *
 * After the callbacks of mail and of settle the {@code afterCallbacks} hook runs, in which a Reader sends what was left
 * in its outbound buffer. Callbacks see one time for the whole pass.
 */
public final class Loop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    /** Most work items of one mail phase: a flood of mail must not keep the channels waiting. */
    private static final int MAIL_PER_PASS = 1024;
    /** Most timers of one settle phase, for the same reason: the rest of those that are due are for the next passes. */
    static final int TIMERS_PER_PASS = 1024;

    private static final VarHandle BUSY_SINCE;
    private static final VarHandle PASSES;

    static {
        try {
            BUSY_SINCE = MethodHandles.lookup().findVarHandle(Loop.class, "busySince", long.class);
            PASSES = MethodHandles.lookup().findVarHandle(Loop.class, "passes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final Polling polling;
    private final LongSupplier nanoClock;
    private final Consumer<SelectionKey> dispatcher = this::dispatch;

    // any thread
    private long busySince; // written by the loop
    private long passes; // likewise
    private final Mailbox mailbox;
    private volatile Thread owner;
    private volatile boolean stopping;

    // loop thread
    private final TimerWheel timers;
    private final BufferPool buffers;
    private final ArrayList<KeyTarget> unsettled = new ArrayList<>();
    private final ArrayDeque<Work> later = new ArrayDeque<>();
    private Runnable afterCallbacks = () -> {};
    private final ArrayList<Runnable> atEnd = new ArrayList<>();
    private long nowNanos;
    private boolean clockRead;

    /**
     * Makes a loop around a selector, which it closes when it ends. One that spins is replaced by another of its provider.
     * What it lends is taken from {@code bytes}.
     */
    public Loop(String name, Selector selector, LongSupplier nanoClock, SharedBytes bytes) {
        this.name = name;
        this.polling = new Polling(name, selector, selector.provider());
        this.nanoClock = nanoClock;
        this.mailbox = new Mailbox(polling);
        this.buffers = new BufferPool(new Lease(bytes));
        this.nowNanos = nanoClock.getAsLong();
        this.timers = new TimerWheel(nowNanos);
    }

    /** Sets what runs after the callbacks of a phase; before the loop starts. */
    public void afterCallbacks(Runnable action) {
        afterCallbacks = action;
    }

    /** Adds something that runs once on the loop's thread when it ends, whatever it ends by; before the loop starts. */
    public void atEnd(Runnable action) {
        atEnd.add(action);
    }

    /** Sets what pauses the loop's thread, given nanoseconds, while its selectors spin; before the loop starts. */
    public void pauseWith(LongConsumer pause) {
        polling.pauseWith(pause);
    }

    /** Repeats {@link #runOnce} until {@link #stop}, then closes the selector. */
    @Override
    public void run() {
        claim();
        try {
            while (!stopping) {
                runOnce();
            }
        } catch (IOException | RuntimeException | Error e) {
            // The selector itself failed. Nothing can be read here any more: say so and let go of everything.
            LOG.error("{}: the loop ends, its selector failed", name, e);
        } finally {
            end();
        }
    }

    /** Makes the calling thread this loop's thread. */
    public void claim() {
        owner = Thread.currentThread();
    }

    /** Ends {@link #claim}: until the next one no thread is this loop's. For whoever steps several loops on one thread. */
    public void release() {
        owner = null;
    }

    /** One pass. Returns how many channels, mails and timers were served. */
    public int runOnce() throws IOException {
        assert onLoop();
        clockRead = false;
        int served = waitAndServeReady();
        served += serveMail();
        return served + settle();
    }

    /** Asks the loop to end after its pass. Any thread. */
    public void stop() {
        stopping = true;
        polling.wakeup();
    }

    /** Whether {@link #stop} was called; {@link #run} then only ends what there is. Any thread. */
    public boolean isStopping() {
        return stopping;
    }

    /** Nanoseconds until this loop has something to do, channels aside; {@code Long.MAX_VALUE} if it has nothing. */
    public long nanosUntilWork() {
        if (hasMail()) {
            return 0;
        }
        return timers.armed() == 0 ? Long.MAX_VALUE : timers.nanosUntilDue(nanoClock.getAsLong());
    }

    /** Whether mail or what was put off waits to be served. */
    public boolean hasMail() {
        return !later.isEmpty() || !mailbox.isEmpty();
    }

    /** How much mail of other threads waits. All of it is looked at, so ask it for people only. Any thread. */
    public int mailWaiting() {
        return mailbox.size();
    }

    /** Gives the loop work from any thread. Returns false if the loop has ended; it is then neither run nor failed. */
    public boolean post(Work work) {
        return mailbox.put(work);
    }

    /** Puts work off to the next mail phase. Loop thread. */
    public void later(Work work) {
        assert onLoop();
        later.add(work);
    }

    /** Registers a channel. Loop thread. */
    public void register(SelectableChannel channel, int ops, KeyTarget target) throws IOException {
        assert onLoop();
        target.registered(polling.register(channel, ops, target), ops);
    }

    /** Takes a channel off this loop; its key is gone at the next select. Loop thread. */
    public void deregister(KeyTarget target) {
        assert onLoop();
        target.deregister();
    }

    /** Forgets a target that was taken off this loop: no change of interest of its is written any more. Loop thread. */
    public void forget(KeyTarget target) {
        assert onLoop();
        if (target.unlist()) {
            unsettled.remove(target);
        }
    }

    /** Notes what a target is interested in from the end of this pass on. Loop thread. */
    public void interest(KeyTarget target, int ops) {
        assert onLoop();
        if (target.desire(ops)) {
            unsettled.add(target);
        }
    }

    /** Whether the caller is this loop's thread. */
    public boolean onLoop() {
        return Thread.currentThread() == owner;
    }

    /** The time of this pass, in nanoseconds of the given clock. Loop thread. */
    public long now() {
        return nowNanos;
    }

    /** This loop's timers. Loop thread. */
    public TimerWheel timers() {
        return timers;
    }

    /** This loop's lent buffers. Loop thread. */
    public BufferPool buffers() {
        return buffers;
    }

    /**
     * The time at which the pass began that it is in, in nanoseconds of the given clock and never 0; 0 while it waits. Any
     * thread; a recent value.
     */
    public long busySince() {
        return (long) BUSY_SINCE.getOpaque(this);
    }

    /** How many passes it has begun. Any thread. */
    public long passes() {
        return (long) PASSES.getOpaque(this);
    }

    /** Whether it takes no work any more. Any thread. */
    public boolean hasEnded() {
        return mailbox.isClosed();
    }

    /** The thread that runs it, or null. Any thread. */
    public Thread thread() {
        return owner;
    }

    /** How many selectors that spun were replaced. Any thread. */
    public long selectorsReplaced() {
        return polling.replaced();
    }

    /** The loop's name, which its thread has too. */
    public String name() {
        return name;
    }

    // Phases 1 and 2.
    private int waitAndServeReady() throws IOException {
        long nanos = nanosUntilWork();
        if (nanos > 0) {
            BUSY_SINCE.setOpaque(this, 0L);
        }
        int ready = nanos == 0 ? polling.selectNow(dispatcher) : polling.select(dispatcher, nanos);
        if (!clockRead) {
            readClock();
        }
        boolean interrupted = clearInterrupt(); // one from outside would make every select return at once
        if (nanos == 0 || ready > 0 || interrupted || stopping || hasMail() || timers.nanosUntilDue(nowNanos) == 0) {
            polling.returnedInTime();
        } else {
            polling.returnedEarly(nowNanos);
        }
        return ready;
    }

    private void dispatch(SelectionKey key) {
        if (!clockRead) {
            readClock();
        }
        if (!key.isValid()) {
            return; // closed by an earlier callback of this pass
        }
        KeyTarget target = (KeyTarget) key.attachment();
        try {
            target.serve(key.readyOps());
        } catch (Throwable t) {
            fail(target::failed, t);
        } finally {
            clearInterrupt();
        }
    }

    // Phase 3. Without anything to do it costs two looks.
    private int serveMail() {
        mailbox.lowerFlag();
        int served = 0;
        for (int i = later.size(); i > 0; i--, served++) {
            perform(later.poll());
        }
        Work work;
        for (int mails = 0; mails < MAIL_PER_PASS && (work = mailbox.take()) != null; mails++, served++) {
            perform(work);
        }
        if (served > 0) {
            finishCallbacks();
        }
        return served;
    }

    // Phase 4.
    private int settle() {
        int served = 0;
        if (timers.hasDue()) {
            served = fireTimers();
            finishCallbacks();
        }
        for (int i = 0, n = unsettled.size(); i < n; i++) {
            unsettled.get(i).settleInterest();
        }
        unsettled.clear();
        return served;
    }

    private int fireTimers() {
        int fired = 0;
        Timed timer;
        while (fired < TIMERS_PER_PASS && (timer = timers.nextDue(nowNanos)) != null) {
            try {
                timer.timeHasCome();
            } catch (Throwable t) {
                fail(timer::failed, t);
            } finally {
                clearInterrupt();
            }
            fired++;
        }
        return fired;
    }

    private void perform(Work work) {
        try {
            work.run();
        } catch (Throwable t) {
            fail(work::failed, t);
        } finally {
            clearInterrupt();
        }
    }

    private void finishCallbacks() {
        try {
            afterCallbacks.run();
        } catch (Throwable t) {
            LOG.error("{}: sending what was left failed; the loop goes on", name, LoggedFailure.of(t));
        }
    }

    private void fail(Consumer<Throwable> failed, Throwable cause) {
        try {
            failed.accept(cause);
        } catch (Throwable second) {
            try {
                LOG.error("{}: handling a failure failed; the loop goes on", name, LoggedFailure.of(second));
            } catch (Throwable third) {
                // nothing is left to say it with; but all others are still to be served
            }
        }
    }

    // An interrupt flag that a callback left behind would make every select return at once.
    private static boolean clearInterrupt() {
        return Thread.interrupted();
    }

    private void readClock() {
        nowNanos = nanoClock.getAsLong();
        clockRead = true;
        BUSY_SINCE.setOpaque(this, nowNanos == 0 ? 1 : nowNanos);
        PASSES.setOpaque(this, passes + 1);
        timers.passBegins(nowNanos);
    }

    private void end() {
        mailbox.close();
        for (Runnable action : atEnd) {
            try {
                action.run();
            } catch (Throwable t) {
                LOG.error("{}: letting go at the end failed", name, LoggedFailure.of(t));
            }
        }
        for (int i = later.size(); i > 0; i--) {
            perform(later.poll());
        }
        IllegalStateException ended = new IllegalStateException("loop " + name + " has ended");
        for (Work work = mailbox.take(); work != null; work = mailbox.take()) {
            fail(work::failed, ended);
        }
        buffers.lease().close();
        polling.close();
        BUSY_SINCE.setOpaque(this, 0L);
    }
}
