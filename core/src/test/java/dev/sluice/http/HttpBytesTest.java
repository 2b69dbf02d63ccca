// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HttpBytesTest {
    private static final int LENGTH = 19; // two steps of eight and a rest

    private interface Skip {
        int from(ByteBuffer in, int at, int end);
    }

    private interface Rule {
        boolean allows(byte b);
    }

    @Test
    void skipsWhatAValueIsMadeOf() {
        checkPairs(HttpBytes::skipValue, HttpBytes::isValue);
    }

    @Test
    void skipsWhatATargetIsMadeOf() {
        checkPairs(HttpBytes::skipTarget, HttpBytes::isTarget);
    }

    @Test
    void skipsWhatATokenIsMadeOf() {
        checkPairs(HttpBytes::skipToken, HttpBytes::isToken);
    }

    /** Any two bytes, one behind the other at each place: what is said of one must not depend on the other. */
    private static void checkPairs(Skip skip, Rule rule) {
        byte[] bytes = new byte[LENGTH];
        for (int pair = 0; pair < 1 << 16; pair++) {
            for (int at = 0; at < LENGTH - 1; at++) {
                Arrays.fill(bytes, (byte) 'x');
                bytes[at] = (byte) (pair >> 8);
                bytes[at + 1] = (byte) pair;
                ByteBuffer in = ByteBuffer.wrap(bytes);
                for (int from = 0; from < 2; from++) {
                    assertEquals(first(bytes, from, LENGTH, rule), skip.from(in, from, LENGTH));
                    assertEquals(first(bytes, from, at + 1, rule), skip.from(in, from, at + 1));
                }
            }
        }
    }

    private static int first(byte[] bytes, int from, int end, Rule rule) {
        int i = from;
        while (i < end && rule.allows(bytes[i])) {
            i++;
        }
        return i;
    }
}
