// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A warning of what clients could cause by the thousand: one a second is logged, the others are counted. Any thread. */
final class RareWarning {
    private static final Logger LOG = LoggerFactory.getLogger(HttpProtocol.class);
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final String what;
    private long lastNanos = System.nanoTime() - SECOND_NANOS;
    private long leftOut;

    RareWarning(String what) {
        this.what = what;
    }

    /** Says what failed and where, and not the failure's message, which might quote what a client sent. */
    synchronized void warn(Throwable failure) {
        long now = System.nanoTime();
        if (now - lastNanos < SECOND_NANOS) {
            leftOut++;
            return;
        }
        StackTraceElement[] stack = failure.getStackTrace();
        Object where = stack.length > 0 ? stack[0] : "an unknown place";
        LOG.warn(
                "{}: {} at {} ({} more since the last warning)",
                what,
                failure.getClass().getName(),
                where,
                leftOut);
        lastNanos = now;
        leftOut = 0;
    }
}
