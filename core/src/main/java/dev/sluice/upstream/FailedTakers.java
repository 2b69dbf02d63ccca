// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import org.slf4j.Logger;

/**
 * Takers that throw, which each client could be the cause of: one in ten seconds is logged, with its stack, the others are counted.
 * A failure's message is left out, as it might quote what a client sent. One thread.
 */
final class FailedTakers {
    private final Logger log;
    private final Seldom failing = new Seldom();

    FailedTakers(Logger log) {
        this.log = log;
    }

    /** One has failed; {@code what} says at what. */
    void note(String what, Throwable failure, long nowNanos) {
        long leftOut = failing.ask(nowNanos);
        if (leftOut >= 0) {
            log.error("{} ({} more failures of takers since the last that was logged)", what, leftOut, shown(failure));
        }
    }

    private static Throwable shown(Throwable failure) {
        Throwable shown = new Throwable(failure.getClass().getName());
        shown.setStackTrace(failure.getStackTrace());
        return shown;
    }
}
