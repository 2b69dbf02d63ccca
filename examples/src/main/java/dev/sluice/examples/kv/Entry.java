// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.resp.RespRequest;
import java.util.Arrays;

/** A key, its value, and when it expires. What changes here has to be told to the {@link Store}, which counts bytes. */
final class Entry {
    /** Of an entry that doesn't expire. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int SMALL = 16;
    private static final byte[] NO_BYTES = {};

    final byte[] key;
    final long hash;
    Entry next; // in the same bucket
    byte[] value = NO_BYTES; // may be longer than what is in it
    int length;
    long expiresAtMillis = NEVER;

    Entry(byte[] key, long hash) {
        this.key = key;
        this.hash = hash;
    }

    /** Replaces the value, in the same array if that fits well. */
    void set(RespRequest request, int argument) {
        int bytes = request.length(argument);
        if (value.length < bytes || value.length > 2 * bytes + SMALL) {
            value = new byte[bytes];
        }
        request.copy(argument, value, 0);
        length = bytes;
    }

    /** Appends to the value. */
    void append(RespRequest request, int argument) {
        int bytes = length + request.length(argument);
        if (value.length < bytes) {
            value = Arrays.copyOf(value, Math.max(bytes, Math.min(2 * length, bytes + (1 << 20))));
        }
        request.copy(argument, value, length);
        length = bytes;
    }

    /** Replaces the value by a number in decimal. */
    void set(long number) {
        if (value.length < Numbers.MOST_DIGITS || value.length > 4 * Numbers.MOST_DIGITS) {
            value = new byte[Numbers.MOST_DIGITS];
        }
        length = Numbers.write(number, value);
    }
}
