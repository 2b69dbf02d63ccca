// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/** The Date field's value (RFC 9110, 5.6.7), made once a second. Any thread. */
final class HttpDate {
    static final int LENGTH = "Sun, 06 Nov 1994 08:49:37 GMT".length();

    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final EachSecond date;

    HttpDate(LongSupplier epochMillis) {
        this.date = new EachSecond(epochMillis, HttpDate::text);
    }

    /** The date now, {@link #LENGTH} bytes, not to be changed. */
    byte[] now() {
        return date.now();
    }

    /** An IMF-fixdate. Written out, since the words that locales have for months change with the JDK. */
    static String text(long epochSecond) {
        LocalDateTime at = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(LENGTH);
        int day = 3 * (at.getDayOfWeek().getValue() - 1);
        text.append(DAYS, day, day + 3).append(", ");
        digits(text, at.getDayOfMonth(), 10).append(' ');
        month(text, at.getMonthValue()).append(' ');
        digits(text, at.getYear(), 1000).append(' ');
        return time(text, at).append(" GMT").toString();
    }

    /** The English abbreviation of a month, 1 to 12. */
    static StringBuilder month(StringBuilder text, int month) {
        return text.append(MONTHS, 3 * (month - 1), 3 * month);
    }

    /** Hours, minutes and seconds. */
    static StringBuilder time(StringBuilder text, LocalDateTime at) {
        digits(text, at.getHour(), 10).append(':');
        digits(text, at.getMinute(), 10).append(':');
        return digits(text, at.getSecond(), 10);
    }

    static StringBuilder digits(StringBuilder text, int value, int highest) {
        for (int power = highest; power > 0; power /= 10) {
            text.append((char) ('0' + value / power % 10));
        }
        return text;
    }
}
