// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** Warnings that a peer or a handler could cause by the thousand: one a second is logged, the others are counted. */
final class Warnings {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Logger log;
    private final LongSupplier nanoClock;
    private long lastNanos;
    private long leftOut;

    Warnings(Logger log, LongSupplier nanoClock) {
        this.log = log;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong() - SECOND_NANOS;
    }

    /**
     * Logs {@code format} with its arguments, of which the last may be an exception whose stack is to be shown. Returns
     * whether it was not left out.
     */
    synchronized boolean warn(String format, Object... arguments) {
        long now = nanoClock.getAsLong();
        if (now - lastNanos < SECOND_NANOS) {
            leftOut++;
            return false;
        }
        if (leftOut > 0) {
            log.warn("{} warnings were left out since the last", leftOut);
        }
        lastNanos = now;
        leftOut = 0;
        log.warn(format, arguments);
        return true;
    }
}
