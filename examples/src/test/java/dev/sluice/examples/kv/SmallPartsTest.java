// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hash, patterns and numbers. */
class SmallPartsTest {

    /** CPython hashes with the same function: {@code PYTHONHASHSEED=0 python3.11 -c "print(hash(bytes(range(8))))"}. */
    @ParameterizedTest
    @CsvSource({
        "0, d1fba762150c532c",
        "1, 68a914128e01e473",
        "7, 2f098ab0c751325a",
        "8, ead411e67ebe2eea",
        "9, 75927f9d95124362",
        "15, f30eb725bb91c9ea",
        "16, 8972188433a5c5b7",
        "63, 385d3e39e5f37359"
    })
    void hashesAsSipHash13(int length, String hash) {
        byte[] bytes = new byte[64];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        assertEquals(hash, String.format("%016x", new SipHash(0, 0).hash(bytes, length)));
    }

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, abc, true",
        "a*c, abc, true",
        "a*c, ac, true",
        "a*c, abd, false",
        "a?c, abc, true",
        "a?c, ac, false",
        "[abc], b, true",
        "[a-c]x, bx, true",
        "[c-a]x, bx, true",
        "[^a-c], b, false",
        "[^a-c], d, true",
        "\\*, *, true",
        "\\*, a, false",
        "a\\, a\\, true",
        "[\\]], ], true",
        "[a, a, true",
        "*a*b*c, xxaxxbxxc, true",
        "*a*b*c, xxaxxbxx, false",
        "'', '', true",
        "'', a, false"
    })
    void matchesPatternsAsRedisDoes(String pattern, String text, boolean matches) {
        assertEquals(matches, new Glob(bytes(pattern)).matches(bytes(text)));
    }

    @Test
    void aPatternOfManyStarsTakesNoLongerThanItsLengths() {
        String text = "a".repeat(10_000);
        assertEquals(false, new Glob(bytes("a*".repeat(1000) + "b")).matches(bytes(text)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, true",
        "7, true",
        "-1, true",
        "9223372036854775807, true",
        "-9223372036854775808, true",
        "9223372036854775808, false",
        "-9223372036854775809, false",
        "'', false",
        "-, false",
        "01, false",
        "-0, false",
        "+1, false",
        "1.0, false",
        "123456789012345678901, false"
    })
    void knowsNumbers(String text, boolean isNumber) {
        byte[] bytes = bytes(text);
        assertEquals(isNumber, Numbers.isNumber(bytes, bytes.length));
        if (isNumber) {
            assertEquals(Long.parseLong(text), Numbers.number(bytes, bytes.length));
            byte[] written = new byte[Numbers.MOST_DIGITS];
            int length = Numbers.write(Long.parseLong(text), written);
            assertEquals(text, new String(written, 0, length, StandardCharsets.US_ASCII));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
