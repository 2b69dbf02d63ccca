// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * What a {@link Watch} knows of one loop. Blocked means that it has been in one pass for too long, so that nobody else on
 * it is served. Told once it is found, again each time that it has lasted twice as long, and when it is over; if passes
 * are blocked one after the other, at most one of these is told in a second. The watch's thread only, but for the
 * figures.
 */
final class WatchedLoop {
    private static final long MILLI = 1_000_000;

    private final Loop loop;
    private final Reader reader; // may be null
    private final long blockedAfterNanos;
    private final Warnings warnings;
    private final Logger log;

    // any thread
    private volatile long blocked;
    private volatile long blockedNanos;

    private long pass; // the one that is blocked, by the time of its beginning; 0 if none is
    private long tellAfterNanos;
    private boolean told;

    WatchedLoop(Loop loop, Reader reader, long blockedAfterNanos, LongSupplier nanoClock, Logger log) {
        this.loop = loop;
        this.reader = reader;
        this.blockedAfterNanos = blockedAfterNanos;
        this.warnings = new Warnings(log, nanoClock);
        this.log = log;
    }

    /** How many passes were found blocked. Any thread. */
    long blocked() {
        return blocked;
    }

    /** How long they were, those that are over, in nanoseconds. Any thread. */
    long blockedNanos() {
        return blockedNanos;
    }

    void look(long nowNanos) {
        long now = loop.busySince();
        if (pass != 0 && now != pass) {
            isOver(nowNanos - pass);
        }
        if (now != 0 && nowNanos - now >= blockedAfterNanos) {
            isBlocked(now, nowNanos - now);
        }
    }

    private void isBlocked(long inPass, long nanos) {
        if (pass == 0) {
            pass = inPass;
            tellAfterNanos = nanos;
            blocked = blocked + 1;
        }
        if (nanos < tellAfterNanos) {
            return;
        }
        tellAfterNanos = 2 * nanos;
        BusyWith what = BusyWith.now(loop, reader);
        if (loop.busySince() == inPass) { // else the stack is that of something else
            told |= warnings.warn("{}: blocked for {} ms in {}", loop.name(), nanos / MILLI, what.what(), what.stack());
        }
    }

    private void isOver(long nanos) {
        pass = 0;
        blockedNanos = blockedNanos + nanos;
        if (told) {
            told = false;
            log.warn("{}: goes on, after a pass of about {} ms", loop.name(), nanos / MILLI);
        }
    }
}
