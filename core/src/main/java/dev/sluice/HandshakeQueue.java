// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The accepted connections of a Reader from which something has come, and whose handshakes are to begin. One of them does in each
 * pass of the loop, behind all that was ready: so those who have agreed on keys are served before those who want to, and between
 * any two of these.
 *
 * <p>The newest goes first. Where more come than there is time for, the first who came have given up by now, or will before it is
 * their turn; serving them in order would serve nobody in time. Who waits isn't read: what it has sent stays in the kernel, and
 * here it costs its connection and a {@link Place}. It waits until its time for the handshake is over.
 *
 * <p>Loop thread only, but for what is told when a slot has come free.
 */
final class HandshakeQueue implements Work {
    private final Loop loop;
    private final Handshakes all;
    private final Timer rest = new Timer(new Rested(this));

    private Place newest;
    private TlsConnection admitted; // the one whose handshake may begin now
    private boolean hasBegun;
    private boolean turnComes;
    private boolean rests;

    // any thread
    private volatile boolean full; // it waits for a slot; written by the loop
    private final AtomicBoolean resuming = new AtomicBoolean(); // one mail is enough

    /** Where one waits. */
    static final class Place {
        private final TlsConnection connection;
        private final Object begun;
        private Place older;
        private Place newer;

        private Place(TlsConnection connection, Object begun) {
            this.connection = connection;
            this.begun = begun;
        }

        /** What the connection has for its handshake so far. */
        Object begun() {
            return begun;
        }
    }

    HandshakeQueue(Loop loop, Handshakes all) {
        this.loop = loop;
        this.all = all;
        all.slots.onFreed(() -> {
            if (full && resuming.compareAndSet(false, true)) {
                loop.post(new Resume(this));
            }
        });
    }

    /** Makes a place for one that comes newly. */
    Place add(TlsConnection c, Object begun) {
        Place place = new Place(c, begun);
        place.older = newest;
        if (newest != null) {
            newest.newer = place;
        }
        newest = place;
        all.waiting.incrementAndGet();
        turn();
        return place;
    }

    /** It waits no more. */
    void remove(Place place) {
        if (place.newer == null) {
            newest = place.older;
        } else {
            place.newer.older = place.older;
        }
        if (place.older != null) {
            place.older.newer = place.newer;
        }
        all.waiting.decrementAndGet();
        if (newest == null) {
            stopWaiting();
        }
    }

    /** Whether it is its turn now. */
    boolean admits(TlsConnection c) {
        return admitted == c;
    }

    /** The one whose turn it is has sent its first message, and takes the slot. */
    void begins(TlsConnection c) {
        assert admitted == c;
        hasBegun = true;
    }

    /** One that had begun is over. */
    void ended() {
        all.ended();
    }

    private void turn() {
        if (newest != null && !turnComes && !rests && !full) {
            turnComes = true;
            loop.later(this);
        }
    }

    @Override
    public void run() {
        turnComes = false;
        if (newest == null) {
            return;
        }
        if (!all.tryBegin(loop.now())) {
            waitForOne();
            return;
        }
        TlsConnection c = newest.connection;
        remove(newest);
        admitted = c;
        hasBegun = false;
        try {
            c.mayBegin();
        } catch (Throwable e) {
            c.failed(e);
        } finally {
            admitted = null;
            if (!hasBegun) { // it has gone, or not all of its message has come
                all.notBegun();
            }
        }
        turn();
    }

    private void waitForOne() {
        long nanos = all.nanosUntilNext(loop.now());
        if (nanos > 0) {
            rests = true;
            loop.timers().arm(rest, loop.now() + nanos);
            return;
        }
        full = true;
        all.slots.waitForOne();
        if (all.slots.hasFree()) { // one came free in between, and was not announced
            stopWaiting();
            turn();
        }
    }

    private void stopWaiting() {
        if (full) {
            full = false;
            all.slots.waitedEnough();
        }
    }

    @Override
    public void failed(Throwable cause) {
        throw new IllegalStateException("the turn of a handshake failed", cause);
    }

    private record Resume(HandshakeQueue queue) implements Work {
        @Override
        public void run() {
            queue.resuming.set(false);
            queue.stopWaiting();
            queue.turn();
        }

        @Override
        public void failed(Throwable cause) {
            // the loop has ended, and all who waited with it
        }
    }

    private record Rested(HandshakeQueue queue) implements Work {
        @Override
        public void run() {
            queue.rests = false;
            queue.turn();
        }

        @Override
        public void failed(Throwable cause) {
            queue.failed(cause);
        }
    }
}
