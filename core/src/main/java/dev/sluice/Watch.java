// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the loops of a group from outside, to find those that are blocked while they still are. Its thread only
 * repeats {@link #look}; where nobody runs the loops, as in a simulation, there is none. It ends with the last loop.
 */
final class Watch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long SHORTEST_PERIOD_NANOS = 1_000_000;

    private final List<WatchedLoop> watched = new ArrayList<>();
    private final long blockedAfterNanos;
    private final LongSupplier nanoClock;
    private CountDownLatch running;

    /** Makes a watch that finds nothing if {@code blockedAfterNanos} is 0. */
    Watch(long blockedAfterNanos, LongSupplier nanoClock) {
        this.blockedAfterNanos = blockedAfterNanos;
        this.nanoClock = nanoClock;
    }

    /** Adds a loop with the Reader on it, or null; before any loop runs. */
    void add(Loop loop, Reader reader) {
        watched.add(new WatchedLoop(loop, reader, blockedAfterNanos, nanoClock, LOG));
        loop.atEnd(() -> running.countDown());
    }

    /** What is known of the i-th loop. */
    WatchedLoop of(int i) {
        return watched.get(i);
    }

    /** Before any loop runs or is ended. */
    void allAdded() {
        running = new CountDownLatch(watched.size());
    }

    /** Starts a daemon thread and returns it, or returns null if there is nothing to do or no thread to be had. */
    Thread start(String name) {
        if (blockedAfterNanos == 0) {
            return null;
        }
        try {
            Thread thread = new Thread(this, name);
            thread.setDaemon(true);
            thread.start();
            return thread;
        } catch (OutOfMemoryError e) { // so the JVM says that no thread is left
            LOG.warn("{}: no thread could be made, so loops that are blocked will not be told of", name, e);
            return null;
        }
    }

    @Override
    public void run() {
        long period = Math.max(SHORTEST_PERIOD_NANOS, blockedAfterNanos / 4);
        boolean interrupted = false;
        while (true) {
            try {
                if (running.await(period, TimeUnit.NANOSECONDS)) {
                    break;
                }
                look(nanoClock.getAsLong());
            } catch (InterruptedException e) {
                interrupted = true; // nobody's business but the loops', whose end it waits for
            } catch (RuntimeException | Error e) {
                LOG.warn("looking at the loops failed", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks at all loops once. One thread at a time. */
    void look(long nowNanos) {
        for (WatchedLoop loop : watched) {
            loop.look(nowNanos);
        }
    }
}
