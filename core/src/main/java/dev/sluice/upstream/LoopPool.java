// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Alarm;
import dev.sluice.Reader;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link ConnectionPool} has on one Reader: its idle connections and who waits. That Reader's thread, but for a few. */
final class LoopPool {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    final Reader reader;
    private final ConnectionPool pool;
    private final PoolCounters counters;

    // any thread
    private volatile int idleHere; // written by the Reader's
    private volatile int waitingHere; // likewise

    private final Map<SocketAddress, ArrayDeque<PooledConnection>> idle =
            new LinkedHashMap<>(); // released last at the end
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(); // who has waited longest at the beginning
    private boolean isServing;
    private long lookedForUnwanted; // the time of that pass
    private final FailedTakers failed = new FailedTakers(LOG);
    private final Alarm idleAlarm;
    private final Alarm waitAlarm;

    private record Waiter(SocketAddress address, ConnectionPool.Taker taker, long since) {}

    LoopPool(ConnectionPool pool, Reader reader) {
        this.pool = pool;
        this.reader = reader;
        this.counters = pool.counters;
        this.idleAlarm = reader.alarm(this::dropExpired);
        this.waitAlarm = reader.alarm(
                this::dismissWhoHasWaitedTooLong, () -> refuseAll("no connection comes free here any more"));
        this.lookedForUnwanted = reader.busySince() - 1;
    }

    /** Whether somebody waits here. Any thread. */
    boolean isAwaited() {
        return waitingHere > 0;
    }

    /** Whether a connection is idle here. Any thread. */
    boolean hasIdle() {
        return idleHere > 0;
    }

    private long now() {
        return reader.busySince();
    }

    // ---- taking

    void take(SocketAddress address, ConnectionPool.Taker taker) {
        if (pool.isClosed()) {
            refuse(taker, NoConnection.Reason.CLOSED, "the pool was closed");
            return;
        }
        PooledConnection fresh = freshIdle(address);
        if (fresh != null) {
            counters.reused.incrementAndGet();
            taker.taken(fresh);
        } else if (waiters.isEmpty() && mayConnect()) {
            connect(address, taker);
        } else if (waiters.size() >= pool.queue && !dropUnwanted()) {
            counters.queueFull.incrementAndGet();
            refuse(
                    taker,
                    NoConnection.Reason.QUEUE_FULL,
                    "pool.connections of " + pool.connections + " are in use, and pool.queue of " + pool.queue
                            + " wait on this Reader");
        } else {
            wait(address, taker);
        }
    }

    private PooledConnection freshIdle(SocketAddress address) {
        ArrayDeque<PooledConnection> of = idle.get(address);
        if (of == null) {
            return null;
        }
        for (PooledConnection last = of.pollLast(); last != null; last = of.pollLast()) {
            countIdle(-1);
            if (last.isOpen() && !isTooOld(last)) {
                last.becomeUsed();
                return last;
            }
            counters.expired.incrementAndGet();
            letGo(last);
        }
        return null;
    }

    private boolean isTooOld(PooledConnection connection) {
        return now() - connection.madeNanos() >= pool.ageNanos;
    }

    private boolean mayConnect() {
        return pool.tryTakePermit() || dropOldestIdle() && pool.tryTakePermit();
    }

    private void connect(SocketAddress address, ConnectionPool.Taker taker) {
        counters.made.incrementAndGet();
        PooledConnection connection = new PooledConnection(this, address, taker, now());
        pool.connector().connect(null, address, connection, pool.preface).whenComplete((opened, failure) -> {
            if (failure != null) {
                connectFailed(connection, failure);
            }
        });
    }

    private void connectFailed(PooledConnection connection, Throwable why) {
        connection.becomeGone();
        ConnectionPool.Taker taker = connection.takeTaker(); // null if that is who has failed
        giveBack(connection); // before it is told, which may want another one at once
        if (taker != null) {
            tellFailure(taker, why);
        }
    }

    // ---- waiting

    private void wait(SocketAddress address, ConnectionPool.Taker taker) {
        waiters.add(new Waiter(address, taker, now()));
        countWaiting(1);
        if (waiters.size() == 1) {
            waitAlarm.set(Duration.ofNanos(pool.waitNanos));
        }
        pool.makeRoomBeside(this);
        serve(); // a permit that came free before this was seen to wait was not announced
    }

    /** Makes room for those who still want one, once in a pass of the loop. Returns whether there is any. */
    private boolean dropUnwanted() {
        if (now() == lookedForUnwanted) {
            return false;
        }
        lookedForUnwanted = now();
        int before = waiters.size();
        waiters.removeIf(waiter -> !isWanted(waiter));
        countWaiting(waiters.size() - before);
        return waiters.size() < pool.queue;
    }

    private boolean isWanted(Waiter waiter) {
        try {
            return waiter.taker.isWanted();
        } catch (RuntimeException | Error e) {
            failed.note("whoever waits for a connection has failed to say whether it still does", e, now());
            return true;
        }
    }

    /** Something may have come free. */
    void serve() {
        if (isServing) {
            return; // whoever does goes on with it
        }
        isServing = true;
        try {
            while (!waiters.isEmpty() && serveFirst()) {
                // until there is nothing for the first
            }
        } finally {
            isServing = false;
        }
    }

    private boolean serveFirst() {
        if (!isWanted(waiters.peekFirst())) {
            waiters.removeFirst();
            countWaiting(-1);
            return true;
        }
        PooledConnection fresh = freshIdle(waiters.peekFirst().address);
        if (fresh == null && !mayConnect()) {
            return false;
        }
        Waiter first = waiters.removeFirst();
        countWaiting(-1);
        if (fresh != null) {
            give(fresh, first.taker);
        } else {
            connect(first.address, first.taker);
        }
        return true;
    }

    private void give(PooledConnection connection, ConnectionPool.Taker taker) {
        counters.reused.incrementAndGet();
        connection.becomeUsed();
        try {
            taker.taken(connection);
        } catch (RuntimeException | Error e) {
            failed.note("the taker of a connection has failed, so the connection ends", e, now());
            connection.abort();
        }
    }

    private void dismissWhoHasWaitedTooLong() {
        while (!waiters.isEmpty() && hasWaited(waiters.peekFirst(), pool.waitNanos)) {
            Waiter first = waiters.removeFirst();
            countWaiting(-1);
            counters.waitedTooLong.incrementAndGet();
            refuse(
                    first.taker,
                    NoConnection.Reason.WAITED_TOO_LONG,
                    "pool.connections of " + pool.connections + " were in use for pool.longestWait of "
                            + Duration.ofNanos(pool.waitNanos));
        }
        if (!waiters.isEmpty()) {
            long waited = now() - waiters.peekFirst().since;
            waitAlarm.set(Duration.ofNanos(Math.max(0, pool.waitNanos - waited)));
        }
    }

    private boolean hasWaited(Waiter waiter, long nanos) {
        return now() - waiter.since >= nanos;
    }

    // ---- giving back

    void released(PooledConnection connection) {
        boolean reusable = connection.isOpen() && connection.unsentBytes() == 0 && !connection.isLastUse();
        if (!reusable || pool.isClosed() || isTooOld(connection)) {
            letGo(connection);
            return;
        }
        Waiter waiter = waiterFor(connection);
        if (waiter != null) {
            countWaiting(-1);
            connection.becomeIdle(now());
            give(connection, waiter.taker);
        } else if (!waiters.isEmpty() || pool.isAwaitedBeside(this)) {
            letGo(connection); // for somebody who wants one to another server, or on another Reader
        } else {
            connection.becomeIdle(now());
            idle.computeIfAbsent(connection.address(), address -> new ArrayDeque<>())
                    .addLast(connection);
            countIdle(1);
            if (!idleAlarm.isSet()) {
                idleAlarm.set(Duration.ofNanos(pool.idleNanos));
            }
        }
    }

    /** The first who waits for that server, and waits no more, unless somebody else has waited for half of his time. */
    private Waiter waiterFor(PooledConnection connection) {
        if (waiters.isEmpty()) {
            return null;
        }
        boolean onlyFirst = hasWaited(waiters.peekFirst(), pool.waitNanos / 2);
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (waiter.address.equals(connection.address())) {
                each.remove();
                return waiter;
            }
            if (onlyFirst) {
                return null;
            }
        }
        return null;
    }

    /** It has ended, for whatever reason. */
    void ended(PooledConnection connection) {
        if (connection.isIdle()) {
            counters.stale.incrementAndGet();
            removeIdle(connection);
        }
        connection.becomeGone();
        giveBack(connection);
    }

    /** It is idle, and its server has sent something. */
    void dropStale(PooledConnection connection) {
        counters.stale.incrementAndGet();
        removeIdle(connection);
        connection.becomeGone();
        connection.abort();
        giveBack(connection);
    }

    private void removeIdle(PooledConnection connection) {
        ArrayDeque<PooledConnection> of = idle.get(connection.address());
        if (of != null && of.remove(connection)) {
            countIdle(-1);
        }
    }

    private void letGo(PooledConnection connection) {
        connection.becomeGone();
        connection.close();
        giveBack(connection);
    }

    private void giveBack(PooledConnection connection) {
        if (connection.takePermit()) {
            pool.giveBackPermit(this);
            serve();
        }
    }

    // ---- idle

    /** Returns whether there was one. */
    boolean dropOldestIdle() {
        ArrayDeque<PooledConnection> where = null;
        for (ArrayDeque<PooledConnection> of : idle.values()) {
            PooledConnection first = of.peekFirst();
            if (first != null
                    && (where == null
                            || first.idleSinceNanos() - where.peekFirst().idleSinceNanos() < 0)) {
                where = of;
            }
        }
        if (where == null) {
            return false;
        }
        PooledConnection oldest = where.pollFirst();
        countIdle(-1);
        letGo(oldest);
        return true;
    }

    private void dropExpired() {
        List<PooledConnection> expired = new ArrayList<>(); // let go of at the end, as takers may be told then
        long next = Long.MAX_VALUE;
        for (Iterator<ArrayDeque<PooledConnection>> each = idle.values().iterator(); each.hasNext(); ) {
            ArrayDeque<PooledConnection> of = each.next();
            while (!of.isEmpty() && idleNanosLeft(of.peekFirst()) <= 0) {
                expired.add(of.pollFirst());
            }
            if (of.isEmpty()) {
                each.remove();
            } else {
                next = Math.min(next, idleNanosLeft(of.peekFirst()));
            }
        }
        if (next != Long.MAX_VALUE) {
            idleAlarm.set(Duration.ofNanos(next));
        }
        countIdle(-expired.size());
        counters.expired.addAndGet(expired.size());
        expired.forEach(this::letGo);
    }

    private long idleNanosLeft(PooledConnection connection) {
        return pool.idleNanos - (now() - connection.idleSinceNanos());
    }

    /** The pool was closed. */
    void close() {
        while (dropOldestIdle()) {
            // until there is none
        }
        refuseAll("the pool was closed");
        idleAlarm.cancel();
        waitAlarm.cancel();
    }

    private void refuseAll(String why) {
        while (!waiters.isEmpty()) {
            countWaiting(-1);
            refuse(waiters.removeFirst().taker, NoConnection.Reason.CLOSED, why);
        }
    }

    private void countIdle(int change) {
        idleHere += change;
        counters.idle.addAndGet(change);
    }

    private void countWaiting(int change) {
        waitingHere += change;
        counters.waiting.addAndGet(change);
    }

    private void refuse(ConnectionPool.Taker taker, NoConnection.Reason reason, String message) {
        tellFailure(taker, new NoConnection(reason, message));
    }

    private void tellFailure(ConnectionPool.Taker taker, Throwable why) {
        try {
            taker.failed(why);
        } catch (RuntimeException | Error e) {
            failed.note("whoever was told that there is no connection has failed", e, now());
        }
    }
}
