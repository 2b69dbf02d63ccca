// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Looks for bytes in a buffer, eight at a time. All indexes are absolute and no position moves.
 *
 * <p>Loops are plain counted ones with the last index worked out before, so that the compiler unrolls them and takes the
 * bounds checks out; unrolled by hand they were slower.
 */
final class ByteScan {
    private static final int WORD = Long.BYTES;
    private static final long LOW = 0x0101_0101_0101_0101L;
    private static final long HIGH = 0x8080_8080_8080_8080L;
    private static final long LINE_FEEDS = '\n' * LOW;
    private static final long CARRIAGE_RETURNS = '\r' * LOW;

    private ByteScan() {}

    /** Returns the index of the first LF from {@code from} to before {@code to}, or -1. */
    static int lineFeed(ByteBuffer in, int from, int to) {
        return find(in, from, to, (byte) '\n');
    }

    /** Returns the index of the first {@code wanted} from {@code from} to before {@code to}, or -1. */
    static int find(ByteBuffer in, int from, int to, byte wanted) {
        long pattern = (wanted & 0xFF) * LOW;
        int at = from;
        for (int last = to - WORD; at <= last; at += WORD) {
            long word = in.getLong(at) ^ pattern;
            if ((zeroes(word) & HIGH) != 0) {
                return at + firstZero(word);
            }
        }
        for (; at < to; at++) {
            if (in.get(at) == wanted) {
                return at;
            }
        }
        return -1;
    }

    /** Returns the index of the first CR or LF from {@code from} to before {@code to}, or -1. */
    static int lineBreak(ByteBuffer in, int from, int to) {
        int at = from;
        for (int last = to - WORD; at <= last; at += WORD) {
            long word = in.getLong(at);
            long lineFeeds = word ^ LINE_FEEDS;
            long carriageReturns = word ^ CARRIAGE_RETURNS;
            if (((zeroes(lineFeeds) | zeroes(carriageReturns)) & HIGH) != 0) {
                return at + Math.min(firstZero(lineFeeds), firstZero(carriageReturns));
            }
        }
        for (; at < to; at++) {
            byte b = in.get(at);
            if (b == '\n' || b == '\r') {
                return at;
            }
        }
        return -1;
    }

    /**
     * Marks zero bytes in their high bits, to be taken with {@link #HIGH}. Cheap, and right about whether there is one,
     * though a borrow can mark the byte in front of it too.
     */
    private static long zeroes(long word) {
        return (word - LOW) & ~word;
    }

    /** Index of the first zero byte of a big-endian word, exact; 8 if there is none. */
    private static int firstZero(long word) {
        long zeroes = ~(((word & ~HIGH) + ~HIGH) | word | ~HIGH);
        return Long.numberOfLeadingZeros(zeroes) >>> 3;
    }
}
