// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a {@code Range} field asks for of something that has a known number of bytes (RFC 9110, 14). Ranges are in the order
 * in which they were asked for; none is empty, none overlaps another.
 *
 * <p>A field that is malformed, of another unit than bytes, with more than {@value #MOST} ranges, or with ranges that
 * overlap is ignored, as a server may (14.2): then the whole is sent.
 */
public final class ByteRanges {
    /** Most ranges of one request. */
    public static final int MOST = 16;

    private static final String UNIT = "bytes=";

    /**
     * One of them.
     *
     * @param position its first byte, from 0
     * @param count its bytes, 1 or more
     */
    public record Range(long position, long count) {
        /** The value of {@code Content-Range} for it, of something with so many bytes. */
        public String of(long length) {
            return "bytes " + position + "-" + (position + count - 1) + "/" + length;
        }
    }

    private final List<Range> ranges;

    private ByteRanges(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    /** The ranges; none if there is nothing where all that were asked for begin, which is answered with 416. */
    public List<Range> ranges() {
        return ranges;
    }

    /**
     * Reads a field.
     *
     * @param value the field's value, or null if there is none
     * @param length the bytes of the whole, 0 or more
     * @return the ranges, or nothing if the field is to be ignored
     */
    public static Optional<ByteRanges> parse(String value, long length) {
        if (value == null || !value.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return Optional.empty();
        }
        String[] specs = value.substring(UNIT.length()).split(",", -1);
        if (specs.length > MOST) {
            return Optional.empty();
        }
        List<Range> ranges = new ArrayList<>();
        for (String spec : specs) {
            long[] bounds = bounds(trimmed(spec), length);
            if (bounds == null) {
                return Optional.empty();
            }
            if (bounds[0] < bounds[1]) {
                ranges.add(new Range(bounds[0], bounds[1] - bounds[0]));
            }
        }
        return overlap(ranges) ? Optional.empty() : Optional.of(new ByteRanges(ranges));
    }

    private static String trimmed(String spec) {
        int from = 0;
        int to = spec.length();
        while (from < to && isSpace(spec.charAt(from))) {
            from++;
        }
        while (from < to && isSpace(spec.charAt(to - 1))) {
            to--;
        }
        return spec.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    /** Where it begins and ends, the end not included; the same if nothing is there. Null if it is malformed. */
    private static long[] bounds(String spec, long length) {
        int dash = spec.indexOf('-');
        if (dash < 0 || spec.length() == 1 || !areDigits(spec, 0, dash) || !areDigits(spec, dash + 1, spec.length())) {
            return null;
        }
        if (dash == 0) {
            long last = number(spec, 1, spec.length());
            return new long[] {Math.max(0, length - last), length};
        }
        long first = number(spec, 0, dash);
        if (dash == spec.length() - 1) {
            return new long[] {Math.min(first, length), length};
        }
        long last = number(spec, dash + 1, spec.length());
        if (last < first) {
            return null;
        }
        return new long[] {Math.min(first, length), last >= length ? length : last + 1};
    }

    private static boolean areDigits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!HttpBytes.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** What is beyond all lengths is as good as the largest. */
    private static long number(String text, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (number > (Long.MAX_VALUE - digit) / 10) {
                return Long.MAX_VALUE;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private static boolean overlap(List<Range> ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            for (int j = 0; j < i; j++) {
                Range one = ranges.get(i);
                Range other = ranges.get(j);
                if (one.position < other.position + other.count && other.position < one.position + one.count) {
                    return true;
                }
            }
        }
        return false;
    }
}
