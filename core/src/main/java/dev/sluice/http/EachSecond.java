// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** A text about the time, made once a second. Any thread. */
final class EachSecond {
    private static final int MILLIS_PER_SECOND = 1000;

    private final LongSupplier epochMillis;
    private final LongFunction<String> text;
    private Second last; // threads may see different ones, each of which is whole

    private record Second(long epochSecond, byte[] text) {}

    /** {@code text} makes the text of a second since 1970, of ASCII. */
    EachSecond(LongSupplier epochMillis, LongFunction<String> text) {
        this.epochMillis = epochMillis;
        this.text = text;
    }

    /** The text now, not to be changed. */
    byte[] now() {
        long epochSecond = Math.floorDiv(epochMillis.getAsLong(), MILLIS_PER_SECOND);
        Second second = last;
        if (second == null || second.epochSecond != epochSecond) {
            second = new Second(epochSecond, text.apply(epochSecond).getBytes(StandardCharsets.US_ASCII));
            last = second;
        }
        return second.text;
    }
}
