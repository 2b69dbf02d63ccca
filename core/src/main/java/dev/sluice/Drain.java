// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The end of one Reader: its connections are told that it drains, spread over a time and a bounded number in each pass,
 * and what is left when the window is over is cut. Loop thread only, but for the result.
 */
final class Drain {
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final long STEP_NANOS = 10_000_000;
    private static final int PER_PASS = 1024;
    /** How long a peer that has just connected is given to send its first request, before it is told to go. */
    private static final long FIRST_REQUEST_NANOS = 200_000_000;

    final CompletableFuture<DrainReport> result = new CompletableFuture<>();
    private final Reader reader;
    private final long beganNanos;
    private final long tellingNanos;
    private final long firstRequestNanos;
    private final int held;
    private final Timer nextStep = new Timer(new Step(this, this::tell));

    // The next one to be told, or to be cut: those that come later stand before it in the Reader's list.
    private SocketConnection cursor;
    private int told;
    private List<SocketConnection> young = new ArrayList<>(); // to be told once they aren't
    private final Timer youngOnes = new Timer(new Step(this, this::tellYoung));
    private boolean forcing;
    private int forced;
    private long unanswered;
    private long unsentBytes;

    /** Begins. Connections are told over {@code telling}, and cut after {@code window}. */
    Drain(Reader reader, SocketConnection first, int held, Duration window, Duration telling) {
        this.reader = reader;
        this.cursor = first;
        this.held = held;
        this.beganNanos = reader.loop.now();
        this.tellingNanos = nanos(telling);
        this.firstRequestNanos = Math.min(FIRST_REQUEST_NANOS, nanos(window) / 2);
        forceAfter(window);
        reader.loop.later(new Step(this, this::tell));
        reader.loop.timers().arm(youngOnes, beganNanos + firstRequestNanos);
    }

    /** Ends what is left after {@code window}, too; the first of several holds. */
    void forceAfter(Duration window) {
        reader.loop.timers().arm(new Timer(new Step(this, this::force)), reader.loop.now() + nanos(window));
    }

    static long nanos(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : Math.max(0, time.toNanos());
    }

    /** A connection has left the Reader's list. */
    void removed(SocketConnection c, SocketConnection next) {
        if (cursor == c) {
            cursor = next;
        }
    }

    /** Whether the window is over. */
    boolean isForcing() {
        return forcing;
    }

    /** The last connection has ended. */
    void complete() {
        reader.loop.timers().disarm(nextStep);
        reader.loop.timers().disarm(youngOnes);
        Duration took = Duration.ofNanos(Math.max(0, reader.loop.now() - beganNanos));
        result.complete(new DrainReport(held, forced, unanswered, unsentBytes, took));
    }

    private void tell() {
        if (forcing) {
            return;
        }
        long due = tellingNanos == 0 ? held : dueAt(reader.loop.now() - beganNanos);
        for (int i = 0; i < PER_PASS && told < due && cursor != null; i++) {
            SocketConnection c = cursor;
            cursor = c.next;
            told++;
            if (isYoung(c) || isUnopened(c)) {
                add(c);
            } else {
                reader.drainNow(c);
            }
        }
        if (cursor == null) {
            return;
        }
        if (told < due) {
            reader.loop.later(new Step(this, this::tell));
        } else {
            reader.loop.timers().arm(nextStep, reader.loop.now() + STEP_NANOS);
        }
    }

    // Its request may be on its way, or in the socket already: it was accepted a moment ago.
    private boolean isYoung(SocketConnection c) {
        return c.bytesRead == 0 && c.progressNanos + firstRequestNanos - beganNanos > 0 && youngOnes.isArmed();
    }

    private static boolean isUnopened(SocketConnection c) {
        return c.level().connectsWhileDraining && !c.wasOpened();
    }

    /** A connection is told a little later. */
    void add(SocketConnection c) {
        young.add(c);
        if (!youngOnes.isArmed()) {
            reader.loop.timers().arm(youngOnes, reader.loop.now() + firstRequestNanos);
        }
    }

    private void tellYoung() {
        List<SocketConnection> now = young;
        young = new ArrayList<>();
        for (SocketConnection c : now) {
            if (c.state().isOver()) {
                continue;
            }
            if (isUnopened(c)) {
                add(c);
            } else {
                reader.drainNow(c);
            }
        }
    }

    private long dueAt(long elapsedNanos) {
        return elapsedNanos >= tellingNanos ? held : (long) Math.ceil((double) held * elapsedNanos / tellingNanos);
    }

    private void force() {
        if (!forcing) {
            forcing = true;
            cursor = reader.first();
            cut();
        }
    }

    private void cut() {
        for (int i = 0; i < PER_PASS && cursor != null; i++) {
            SocketConnection c = cursor;
            cursor = c.next;
            if (c.state() != ConnectionState.LINGERING && !c.state().isOver()) { // else all has left
                forced++;
                unanswered += c.repliesInFlight();
                unsentBytes += c.unsentBytes();
            }
            c.cut(CloseReason.Stopped::new);
        }
        if (cursor != null) {
            reader.loop.later(new Step(this, this::cut));
        }
    }

    private record Step(Drain drain, Runnable action) implements Work {
        @Override
        public void run() {
            action.run();
        }

        @Override
        public void failed(Throwable cause) {
            drain.reader.warnings.warn("{}: draining failed", drain.reader, LoggedFailure.of(cause));
        }
    }
}
