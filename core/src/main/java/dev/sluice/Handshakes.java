// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many handshakes of accepted connections are under way in a server, and begin in a second: {@link Limits#handshakes} and
 * {@link Limits#handshakesPerSecond}. Those that wait are in the {@link HandshakeQueue} of their Reader. Any thread.
 */
final class Handshakes {
    private static final int RESTS_PER_SECOND = 50; // the wheel's ticks are 10 ms, and a rest may take two

    final Permits slots;
    final AtomicInteger waiting = new AtomicInteger();
    final AtomicInteger tasks = new AtomicInteger(); // that an executor has, of both sides
    private final AcceptRate rate;
    private final AtomicLongArray ended = new AtomicLongArray(HandshakeEnd.values().length);

    Handshakes(Limits limits, long nowNanos) {
        int perSecond = limits.handshakesPerSecond();
        slots = new Permits(limits.handshakes());
        int inOneRest = (perSecond + RESTS_PER_SECOND - 1) / RESTS_PER_SECOND;
        rate = new AcceptRate(perSecond, inOneRest + 1, nowNanos); // one is there when it ends, however late that is
    }

    /** Takes a slot, if one may be taken now. */
    boolean tryBegin(long nowNanos) {
        if (!rate.tryTake(nowNanos)) {
            return false;
        }
        if (slots.tryTake()) {
            return true;
        }
        rate.giveBack();
        return false;
    }

    /** Nanoseconds until the rate lets one begin; 0 if it does. */
    long nanosUntilNext(long nowNanos) {
        return rate.nanosUntilNext(nowNanos);
    }

    /** Nothing began. */
    void notBegun() {
        rate.giveBack();
        slots.giveBack();
    }

    /** One that had begun is over. */
    void ended() {
        slots.giveBack();
    }

    // ---- figures

    /** What has become of one. */
    void count(HandshakeEnd end) {
        ended.incrementAndGet(end.ordinal());
    }

    HandshakeCounters counters() {
        Map<HandshakeEnd, Long> ends = new EnumMap<>(HandshakeEnd.class);
        for (HandshakeEnd end : HandshakeEnd.values()) {
            ends.put(end, ended.get(end.ordinal()));
        }
        return new HandshakeCounters(slots.taken(), waiting.get(), tasks.get(), ends);
    }
}
