// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/** The Date field's value (RFC 9110, 5.6.7), made once a second. Any thread. */
final class HttpDate {
    static final int LENGTH = "Sun, 06 Nov 1994 08:49:37 GMT".length();

    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private static final int MILLIS_PER_SECOND = 1000;

    private final LongSupplier epochMillis;
    private Second last; // threads may see different ones, each of which is whole

    private static final class Second {
        final long epochSecond;
        final byte[] text;

        Second(long epochSecond, byte[] text) {
            this.epochSecond = epochSecond;
            this.text = text;
        }
    }

    HttpDate(LongSupplier epochMillis) {
        this.epochMillis = epochMillis;
    }

    /** The date now, {@link #LENGTH} bytes, not to be changed. */
    byte[] now() {
        long epochSecond = Math.floorDiv(epochMillis.getAsLong(), MILLIS_PER_SECOND);
        Second second = last;
        if (second == null || second.epochSecond != epochSecond) {
            second = new Second(epochSecond, text(epochSecond).getBytes(StandardCharsets.US_ASCII));
            last = second;
        }
        return second.text;
    }

    /** An IMF-fixdate. Written out, since the words that locales have for months change with the JDK. */
    static String text(long epochSecond) {
        LocalDateTime at = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(LENGTH);
        int day = 3 * (at.getDayOfWeek().getValue() - 1);
        int month = 3 * (at.getMonthValue() - 1);
        text.append(DAYS, day, day + 3).append(", ");
        digits(text, at.getDayOfMonth(), 10).append(' ');
        text.append(MONTHS, month, month + 3).append(' ');
        digits(text, at.getYear(), 1000).append(' ');
        digits(text, at.getHour(), 10).append(':');
        digits(text, at.getMinute(), 10).append(':');
        return digits(text, at.getSecond(), 10).append(" GMT").toString();
    }

    private static StringBuilder digits(StringBuilder text, int value, int highest) {
        for (int power = highest; power > 0; power /= 10) {
            text.append((char) ('0' + value / power % 10));
        }
        return text;
    }
}
