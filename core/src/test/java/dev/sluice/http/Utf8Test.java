// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The same bytes as the JDK's. */
class Utf8Test {
    private static final String HIGH = "\ud83d";
    private static final String LOW = "\ude00";
    private static final String[] PIECES = {
        "", "a", "plain", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", HIGH + LOW, HIGH, LOW, LOW + HIGH, "\0"
    };

    @Test
    void piecesOfEachLengthAndHalvesOfPairs() {
        for (String one : PIECES) {
            for (String two : PIECES) {
                for (String three : PIECES) {
                    assertSame(one + two + three);
                }
            }
        }
    }

    @Test
    void textsLongerThanTheRoomThatIsGivenAtOnce() {
        SplittableRandom random = new SplittableRandom(1);
        for (int run = 0; run < 50; run++) {
            StringBuilder text = new StringBuilder();
            int chars = Output.MAX_ROOM / 2 + random.nextInt(2 * Output.MAX_ROOM);
            while (text.length() < chars) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            assertSame(text.toString());
        }
        assertSame("a".repeat(3 * Output.MAX_ROOM + 1));
        assertSame("\u20ac".repeat(Output.MAX_ROOM));
    }

    private static void assertSame(String text) {
        byte[] expected = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(expected.length, Utf8.length(text));
        HeapOutput out = new HeapOutput();
        Utf8.put(out, text, expected.length);
        ByteBuffer bytes = out.toBuffer();
        byte[] actual = new byte[bytes.remaining()];
        bytes.get(actual);
        assertArrayEquals(expected, actual);
    }
}
