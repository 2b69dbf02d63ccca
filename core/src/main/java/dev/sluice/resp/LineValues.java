// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Values that are one line: what the line has to be, and what comes of it. */
final class LineValues {
    private static final RespValue OK = new RespValue.SimpleString("OK");
    private static final int MOST_DECIMAL_BYTES = 512;
    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]++(\\.[0-9]*+)?([eE][+-]?[0-9]++)?");

    private LineValues() {}

    /** Most bytes of a line of that type. */
    static int mostBytes(RespType type) {
        return switch (type) {
            case NULL, END -> 0;
            case BOOL -> 1;
            case INT -> 20;
            case DECIMAL -> MOST_DECIMAL_BYTES;
            default -> Integer.MAX_VALUE;
        };
    }

    /**
     * Makes a value of the bytes between {@code from} and {@code to}.
     *
     * @param offset of {@code from} in the frame
     */
    static RespValue value(RespType type, ByteBuffer in, int from, int to, long offset) throws FrameException {
        return switch (type) {
            case SIMPLE_STRING -> isOk(in, from, to) ? OK : new RespValue.SimpleString(text(in, from, to));
            case SIMPLE_ERROR -> new RespValue.SimpleError(text(in, from, to));
            case INT -> new RespValue.Int(integer(in, from, to, offset));
            case NULL -> RespValue.Null.NULL;
            case BOOL -> bool(in, from, to, offset);
            case DECIMAL -> decimal(text(in, from, to), offset);
            case BIG_NUMBER -> bigNumber(in, from, to, offset);
            default -> throw new AssertionError(type);
        };
    }

    private static boolean isOk(ByteBuffer in, int from, int to) {
        return to - from == 2 && in.get(from) == 'O' && in.get(from + 1) == 'K';
    }

    private static String text(ByteBuffer in, int from, int to) {
        byte[] bytes = new byte[to - from];
        in.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static long integer(ByteBuffer in, int from, int to, long offset) throws FrameException {
        int first = from < to && isSign(in.get(from)) ? from + 1 : from;
        long negated = 0; // there is one more negative number than positive ones
        for (int at = first; at < to; at++) {
            int digit = in.get(at) - '0';
            if (digit < 0 || digit > 9 || negated < (Long.MIN_VALUE + digit) / 10) {
                throw FrameException.malformed(offset + (at - from), "not an integer of 64 bits");
            }
            negated = 10 * negated - digit;
        }
        boolean negative = first > from && in.get(from) == '-';
        if (first == to || (!negative && negated == Long.MIN_VALUE)) {
            throw FrameException.malformed(offset, "not an integer of 64 bits");
        }
        return negative ? negated : -negated;
    }

    private static RespValue bool(ByteBuffer in, int from, int to, long offset) throws FrameException {
        byte b = from < to ? in.get(from) : 0;
        if (b != 't' && b != 'f') {
            throw FrameException.malformed(offset, "a boolean that is neither t nor f");
        }
        return new RespValue.Bool(b == 't');
    }

    private static RespValue decimal(String text, long offset) throws FrameException {
        double value =
                switch (text) {
                    case "inf", "+inf" -> Double.POSITIVE_INFINITY;
                    case "-inf" -> Double.NEGATIVE_INFINITY;
                    case "nan", "-nan" -> Double.NaN;
                    default -> {
                        if (!DECIMAL.matcher(text).matches()) {
                            throw FrameException.malformed(offset, "not a floating-point number");
                        }
                        yield Double.parseDouble(text);
                    }
                };
        return new RespValue.Decimal(value);
    }

    private static RespValue bigNumber(ByteBuffer in, int from, int to, long offset) throws FrameException {
        int first = from < to && isSign(in.get(from)) ? from + 1 : from;
        for (int at = first; at < to; at++) {
            if (in.get(at) < '0' || in.get(at) > '9') {
                throw FrameException.malformed(offset + (at - from), "not a big number");
            }
        }
        if (first == to) {
            throw FrameException.malformed(offset, "not a big number");
        }
        return new RespValue.BigNumber(text(in, from, to));
    }

    private static boolean isSign(byte b) {
        return b == '-' || b == '+';
    }
}
