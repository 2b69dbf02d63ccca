// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How every other thread enters a loop. Many writers, one reader, and at most one wake-up of the selector for each
 * batch: the first writer after the loop has looked wakes it, those after that find the flag up.
 *
 * <p>No wake-up is lost: the loop lowers the flag <i>before</i> it empties the queue, so whoever adds behind its back
 * finds the flag down, and {@code Selector.wakeup} holds for the next select if none is running.
 *
 * <p>What peers cause is bounded: each reply slot, each connection's bytes sent from other threads and each accepted
 * connection is counted against its own limit before it is put here. What other threads ask for themselves (a pause, a
 * resume, a close, a move) is as much as they ask for until the loop comes to it.
 */
final class Mailbox {
    private final ConcurrentLinkedQueue<Work> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final Polling selector;
    private volatile boolean closed;

    Mailbox(Polling selector) {
        this.selector = selector;
    }

    /** Any thread. Returns false if the loop has ended; then the work is neither run nor failed. */
    boolean put(Work work) {
        if (closed) {
            return false;
        }
        queue.add(work);
        if (closed && queue.remove(work)) {
            return false;
        }
        if (!signalled.get() && signalled.compareAndSet(false, true)) {
            selector.wakeup();
        }
        return true;
    }

    /** How much waits in it; it is counted, so this is not for the loop's own use. Any thread. */
    int size() {
        return queue.size();
    }

    /** Loop thread. */
    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Loop thread, before {@link #take}: whoever puts something from now on wakes the selector again. */
    void lowerFlag() {
        if (signalled.get()) {
            signalled.set(false);
        }
    }

    /** Loop thread. */
    Work take() {
        return queue.poll();
    }

    /** Any thread. */
    boolean isClosed() {
        return closed;
    }

    /** Loop thread, at its end: what is put from now on is refused. */
    void close() {
        closed = true;
    }
}
