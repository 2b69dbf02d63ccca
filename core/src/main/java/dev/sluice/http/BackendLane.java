// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Alarm;
import dev.sluice.Reader;
import dev.sluice.upstream.PooledConnection;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The requests to some backends that are under way on one Reader, and the one alarm that looks for those that have waited too
 * long or for nobody. That Reader's thread, but for {@link #isIdle}.
 */
final class BackendLane {
    private static final int LOOKS = 8; // within the longest time
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    final BackendLanes lanes;
    final Reader reader;
    final ForwardedRequest requests;
    final ForwardedResponse responses;
    final long timeoutNanos;
    final long tunnelIdleNanos;
    private final Alarm alarm;
    private final Duration between;

    private final ArrayDeque<PooledConnection> unwanted = new ArrayDeque<>(); // that came when nobody waited any more
    private boolean isGivingBack;
    private Proxied first; // of those under way, in no order
    private volatile int underWay; // written by the Reader's

    BackendLane(BackendLanes lanes, Reader reader) {
        this.lanes = lanes;
        this.reader = reader;
        this.requests = new ForwardedRequest(lanes.proxy.forwarding());
        this.responses = new ForwardedResponse(lanes.proxy.forwarding());
        this.alarm = reader.alarm(this::look);
        Duration timeout = lanes.backends.responseTimeout();
        Duration tunnelIdle = lanes.backends.tunnelIdle();
        this.timeoutNanos = timeout.toNanos();
        this.tunnelIdleNanos = tunnelIdle.toNanos();
        Duration shorter = timeout.compareTo(tunnelIdle) < 0 ? timeout : tunnelIdle;
        Duration part = shorter.dividedBy(LOOKS);
        this.between = part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
    }

    HttpBackends backends() {
        return lanes.backends;
    }

    /** Whether no request is under way. Any thread. */
    boolean isIdle() {
        return underWay == 0;
    }

    void add(Proxied one) {
        one.next = first;
        if (first != null) {
            first.previous = one;
        }
        first = one;
        underWay++;
        if (!alarm.isSet()) {
            alarm.set(between);
        }
    }

    void remove(Proxied one) {
        if (one.previous == null) {
            first = one.next;
        } else {
            one.previous.next = one.next;
        }
        if (one.next != null) {
            one.next.previous = one.previous;
        }
        one.next = null;
        one.previous = null;
        underWay--;
        if (underWay == 0 && lanes.backends.isClosed()) {
            lanes.closeIfAllIdle();
        }
    }

    /**
     * Gives back a connection that came too late. If many have gone away who waited, each gets it from the one before: not in that
     * one's call, or there would be no end of calls within calls.
     */
    void giveBack(PooledConnection connection) {
        unwanted.add(connection);
        if (isGivingBack) {
            return; // whoever does goes on with it
        }
        isGivingBack = true;
        try {
            for (PooledConnection next = unwanted.poll(); next != null; next = unwanted.poll()) {
                next.release();
            }
        } finally {
            isGivingBack = false;
        }
    }

    private void look() {
        long now = reader.busySince();
        Proxied one = first;
        while (one != null) {
            Proxied next = one.next;
            one.look(now);
            one = next != null && next.isOver() ? first : next; // an end may have taken others with it
        }
        if (first != null) {
            alarm.set(between);
        }
    }
}
