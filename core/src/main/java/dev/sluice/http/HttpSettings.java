// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.function.LongSupplier;

/**
 * What a protocol was told, for all its replies.
 *
 * @param epochMillis the clock
 * @param lines makes the lines of the access log; null if there is none
 */
record HttpSettings(
        HttpLimits limits,
        LongSupplier epochMillis,
        HttpDate date,
        ErrorPages errors,
        AccessLines lines,
        Endings endings,
        GzipPermits gzips) {
    static HttpSettings defaults() {
        LongSupplier clock = System::currentTimeMillis;
        return new HttpSettings(
                HttpLimits.defaults(),
                clock,
                new HttpDate(clock),
                ErrorPages.PLAIN,
                null,
                new Endings(),
                new GzipPermits(GzipPermits.MOST));
    }

    HttpSettings withLimits(HttpLimits other) {
        return new HttpSettings(other, epochMillis, date, errors, lines, endings, gzips);
    }

    HttpSettings withClock(LongSupplier other) {
        AccessLines theirs = lines == null ? null : lines.withClock(other);
        return new HttpSettings(limits, other, new HttpDate(other), errors, theirs, endings, gzips);
    }

    HttpSettings withErrors(ErrorPages other) {
        return new HttpSettings(limits, epochMillis, date, other, lines, endings, gzips);
    }

    HttpSettings withLog(HttpAccessLog log) {
        return new HttpSettings(limits, epochMillis, date, errors, new AccessLines(log, epochMillis), endings, gzips);
    }

    HttpSettings withGzips(GzipPermits other) {
        return new HttpSettings(limits, epochMillis, date, errors, lines, endings, other);
    }
}
