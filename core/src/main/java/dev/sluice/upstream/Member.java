// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What is remembered of a backend for as long as it is in the list, or has connections. */
final class Member {
    final Members members;
    private final SocketAddress address;

    // any thread
    final AtomicInteger active = new AtomicInteger();
    final AtomicLong picked = new AtomicLong();
    final AtomicLong connected = new AtomicLong();
    final AtomicLong successes = new AtomicLong();
    final AtomicLong failures = new AtomicLong();
    final AtomicLong due = new AtomicLong(); // of RoundRobin
    private final AtomicLong trialUntil = new AtomicLong(); // 0: there is none
    volatile boolean calm = true; // a success needs not be told to its health
    volatile int ejections; // those of its health
    volatile String lastFailure;

    // the lock of members
    Backend backend;
    final HealthMachine health;
    BackendState state = BackendState.UP;
    long since;
    boolean starting;
    long startedAt;
    int weightInTurn; // of RoundRobin: by which it was used last, 0 if it wasn't

    Member(Members members, Backend backend, HealthMachine health, long now) {
        this.members = members;
        this.address = backend.address();
        this.backend = backend;
        this.health = health;
        this.since = now;
    }

    /** It never changes, as it is one of two things by which a backend is known. */
    SocketAddress address() {
        return address;
    }

    boolean take(int limit) {
        for (int now = active.get(); now < limit; now = active.get()) {
            if (active.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    boolean isOnTrial(long now) {
        long until = trialUntil.get();
        return until != 0 && now - until < 0;
    }

    /** Begins a trial, if there is none. Returns the low half of its end, by which it is known; 0 if it didn't begin. */
    int beginTrial(long now, long nanos) {
        long until = trialUntil.get();
        long mine = now + nanos | 1; // so that neither it nor its low half is 0
        boolean free = until == 0 || now - until >= 0;
        return free && trialUntil.compareAndSet(until, mine) ? (int) mine : 0;
    }

    void endTrial(int mine) {
        long until = trialUntil.get();
        if ((int) until == mine) {
            trialUntil.compareAndSet(until, 0);
        }
    }

    /** Between 1 and {@link View#FULL}: how much of its weight it has. The lock of {@link Members}. */
    int parts(long now, long slowStartNanos) {
        if (!starting) {
            return View.FULL;
        }
        long part = (now - startedAt) / stepNanos(slowStartNanos) + 1;
        if (part >= View.FULL) {
            starting = false;
            return View.FULL;
        }
        return (int) Math.max(1, part);
    }

    long nextStep(int parts, long slowStartNanos) {
        return startedAt + parts * stepNanos(slowStartNanos);
    }

    private static long stepNanos(long slowStartNanos) {
        return Math.max(1, slowStartNanos / View.FULL);
    }
}
