// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

/** Decimal numbers as Redis takes them: no plus, no spaces, no zeros in front. */
final class Numbers {
    /** Bytes of the longest number of 64 bits. */
    static final int MOST_DIGITS = 20;

    private Numbers() {}

    /** Whether the first bytes of an array are a number of 64 bits. */
    static boolean isNumber(byte[] bytes, int length) {
        if (length == 0 || length > MOST_DIGITS) {
            return false;
        }
        int first = bytes[0] == '-' ? 1 : 0;
        if (first == length || (bytes[first] == '0' && length > 1)) {
            return false;
        }
        long negated = 0; // there is one more negative number than positive ones
        for (int i = first; i < length; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || negated < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            negated = 10 * negated - digit;
        }
        return first == 1 || negated != Long.MIN_VALUE;
    }

    /** The number that the first bytes of an array are, if they {@linkplain #isNumber are one}. */
    static long number(byte[] bytes, int length) {
        int first = bytes[0] == '-' ? 1 : 0;
        long negated = 0;
        for (int i = first; i < length; i++) {
            negated = 10 * negated - (bytes[i] - '0');
        }
        return first == 1 ? negated : -negated;
    }

    /** Writes a number to the front of an array of {@link #MOST_DIGITS} or more bytes, and returns its length. */
    static int write(long number, byte[] into) {
        long rest = number < 0 ? number : -number;
        int at = MOST_DIGITS;
        do {
            into[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (number < 0) {
            into[--at] = '-';
        }
        System.arraycopy(into, at, into, 0, MOST_DIGITS - at);
        return MOST_DIGITS - at;
    }
}
