// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;

/** The time as access logs have it: {@code [10/Oct/2000:13:55:36 -0700]}. */
final class LogTime {
    private static final int SECONDS_PER_MINUTE = 60;
    private static final int MINUTES_PER_HOUR = 60;

    private LogTime() {}

    static String text(long epochSecond, ZoneId zone) {
        Instant instant = Instant.ofEpochSecond(epochSecond);
        LocalDateTime at = LocalDateTime.ofInstant(instant, zone);
        int minutes = zone.getRules().getOffset(instant).getTotalSeconds() / SECONDS_PER_MINUTE;
        StringBuilder text = new StringBuilder("[");
        HttpDate.digits(text, at.getDayOfMonth(), 10).append('/');
        HttpDate.month(text, at.getMonthValue()).append('/');
        HttpDate.digits(text, at.getYear(), 1000).append(':');
        HttpDate.time(text, at).append(minutes < 0 ? " -" : " +");
        HttpDate.digits(text, Math.abs(minutes) / MINUTES_PER_HOUR, 10);
        return HttpDate.digits(text, Math.abs(minutes) % MINUTES_PER_HOUR, 10)
                .append(']')
                .toString();
    }
}
