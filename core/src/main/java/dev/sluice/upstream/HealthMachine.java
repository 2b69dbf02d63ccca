// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/**
 * What is thought of one backend, as a state machine that knows neither clock nor connection. It has two independent halves:
 *
 * <pre>
 *   what came of its connections:            what checks say:
 *
 *   UP ── failures ──► EJECTED ◄─┐           up ── fall failed checks in a row ──► DOWN
 *   ▲                     │ time │             ◄── rise good checks in a row ──────
 *   │                     ▼      │ failure
 *   └── success ─── PROBATION ───┘           the first check of all decides alone
 * </pre>
 *
 * While checks say that it is down, nothing else matters; when they bring it up again it is as if it had never failed. Times
 * are nanoseconds of one clock. Whoever owns it sees to it that one thread at a time calls.
 */
final class HealthMachine {
    private final Health health;
    private final long ejectionNanos;
    private final long longestEjectionNanos;
    private final long windowNanos;

    // connections
    private BackendState state = BackendState.UP; // or EJECTED, or PROBATION
    private int failuresInRow;
    private boolean inWindow;
    private long windowStart;
    private long windowFailures;
    private long successesBefore; // the window
    private int ejections;
    private long inSuccession;
    private long upSince;
    private long ejectedUntil;

    // checks
    private boolean down;
    private boolean checkedBefore;
    private int otherInRow; // results in a row that say something else than it is

    HealthMachine(Health health, long now) {
        this.health = health;
        this.ejectionNanos = health.ejection().toNanos();
        this.longestEjectionNanos = health.longestEjection().toNanos();
        this.windowNanos = health.failureWindow().toNanos();
        this.upSince = now;
    }

    /** One of {@code UP}, {@code EJECTED}, {@code PROBATION} and {@code DOWN}. */
    BackendState state() {
        return down ? BackendState.DOWN : state;
    }

    /** How many times it was ejected. A connection that was picked when this was another number says nothing any more. */
    int ejections() {
        return ejections;
    }

    /** Whether its connections have ejected it, and none of them has brought it back. */
    boolean isEjected() {
        return state != BackendState.UP;
    }

    /** Whether a success would change nothing. */
    boolean isCalm() {
        return state == BackendState.UP && failuresInRow == 0;
    }

    /** When {@code EJECTED} becomes {@code PROBATION}. */
    long ejectedUntil() {
        return ejectedUntil;
    }

    /** Time has passed. Returns whether the state has changed, as all methods here do. */
    boolean passed(long now) {
        if (state == BackendState.EJECTED && now - ejectedUntil >= 0) {
            state = BackendState.PROBATION;
            return true;
        }
        return false;
    }

    boolean succeeded(long now, int ejectionsThen) {
        if (ejectionsThen != ejections) {
            return false;
        }
        failuresInRow = 0;
        if (state == BackendState.UP) {
            return false;
        }
        becomeUp(now);
        return !down;
    }

    /**
     * A connection has failed.
     *
     * @param successes how many there ever were
     * @param mayEject whether one more may be ejected
     */
    boolean failed(long now, int ejectionsThen, long successes, boolean mayEject) {
        if (ejectionsThen != ejections || state == BackendState.EJECTED) {
            return false;
        }
        if (state == BackendState.PROBATION) {
            eject(now);
            return !down;
        }
        failuresInRow++;
        countInWindow(now, successes);
        if (mayEject && hasFailedTooOften(successes)) {
            inSuccession = Math.max(0, inSuccession - (now - upSince) / ejectionNanos);
            eject(now);
            return !down;
        }
        return false;
    }

    /** A check has ended; {@code fall} and {@code rise} are those of the checks. */
    boolean checked(long now, boolean good, int fall, int rise) {
        int needed = checkedBefore ? good ? rise : fall : 1;
        checkedBefore = true;
        if (good != down) {
            otherInRow = 0;
            return false;
        }
        if (++otherInRow < needed) {
            return false;
        }
        otherInRow = 0;
        down = !good;
        if (!down) {
            becomeUp(now);
        }
        return true;
    }

    /** There are no checks any more. */
    boolean unchecked(long now) {
        boolean wasDown = down;
        down = false;
        checkedBefore = false;
        otherInRow = 0;
        if (wasDown) {
            becomeUp(now);
        }
        return wasDown;
    }

    private void countInWindow(long now, long successes) {
        if (!inWindow || now - windowStart >= windowNanos) {
            inWindow = true;
            windowStart = now;
            windowFailures = 0;
            successesBefore = successes;
        }
        windowFailures++;
    }

    private boolean hasFailedTooOften(long successes) {
        if (health.failuresInRow() > 0 && failuresInRow >= health.failuresInRow()) {
            return true;
        }
        long outcomes = windowFailures + successes - successesBefore;
        return health.failurePercent() > 0
                && outcomes >= health.failureOutcomes()
                && windowFailures * 100 >= outcomes * health.failurePercent();
    }

    private void eject(long now) {
        state = BackendState.EJECTED;
        ejections++;
        inSuccession = Math.min(inSuccession + 1, longestEjectionNanos / ejectionNanos + 1);
        ejectedUntil = now + Math.min(inSuccession * ejectionNanos, longestEjectionNanos);
    }

    private void becomeUp(long now) {
        state = BackendState.UP;
        upSince = now;
        failuresInRow = 0;
        inWindow = false;
    }
}
