// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintLengthFramerTest {
    private static final int ROOMY = Integer.MAX_VALUE;

    @Test
    void keepsTheContractWithASmallLimit() {
        FramerContract.of(VarintLengthFramer::new)
                .maxFrameBytes(4)
                .accepts("")
                .accepts("\2hi\0\0\3abc\1.", "hi", "", "", "abc", ".")
                .rejects("\1a\4abcd", TOO_LONG, "a")
                .rejects("\0\u0080\1", TOO_LONG, "")
                .rejects("\u00ff\u00ff\u00ff\u00ff\u00ff", TOO_LONG)
                .rejects("\2h", TRUNCATED)
                .check();
    }

    @Test
    void keepsTheContractWithVarintsOfTwoBytes() {
        String two = "x".repeat(128);
        FramerContract.of(VarintLengthFramer::new)
                .maxFrameBytes(16_387)
                .accepts("\u0080\1" + two + "\u007f" + "z".repeat(127) + "\0", two, "z".repeat(127), "")
                .rejects("\u0081\u0080\1", TOO_LONG)
                .rejects("\0\u0080\0", MALFORMED, "")
                .rejects("\u0080\u0080\0", MALFORMED)
                .rejects("\u0080\u0080\u0080", TOO_LONG)
                .rejects("\u0080", TRUNCATED)
                .rejects("\u0080\1" + two.substring(1), TRUNCATED)
                .unfinished(VarintLengthFramerTest::unfinished)
                .check();
    }

    @ParameterizedTest
    @CsvSource({"127, 1", "128, 2", "16383, 2", "16384, 3", "2097151, 3", "2097152, 4"})
    void takesVarintsOfAsManyBytesAsALengthNeeds(int length, int varintBytes) throws FrameException {
        ByteBuffer in = HeapOutput.encode(ByteBuffer.allocate(length), new VarintLengthEncoder());
        assertEquals(varintBytes + length, in.remaining());

        assertEquals(length, new VarintLengthFramer(ROOMY).next(in).remaining());
        assertEquals(0, in.remaining());
    }

    /** What no limit forbids, 32 bits do. */
    @Test
    void keepsTheContractWithoutALimitWorthTheName() {
        FramerContract.of(max -> new VarintLengthFramer(ROOMY))
                .maxFrameBytes(ROOMY)
                .accepts("\2hi\0", "hi", "")
                .rejects("\u0080\u0080\u0080\u0080\0", MALFORMED)
                .rejects("\u0080\u0080\u0080\u0080\u0010", MALFORMED)
                .rejects("\u0080\u0080\u0080\u0080\u0080", MALFORMED)
                .rejects("\u00ff\u00ff\u00ff\u00ff\17", TOO_LONG)
                .rejects("\u00ff\u00ff\u00ff\u00ff\7", TOO_LONG)
                .rejects("\u00ff\u00ff\u00ff\u00ff\6", TRUNCATED)
                .check();
    }

    @Test
    void takesAFrameThatIsExactlyAsLongAsTheLimit() throws FrameException {
        ByteBuffer in = ByteBuffer.allocate(202).put(0, new byte[] {(byte) 200, 1});
        assertEquals(200, new VarintLengthFramer(202).next(in).remaining());
        assertThrows(FrameException.class, () -> new VarintLengthFramer(201).next(in.rewind()));
    }

    @ParameterizedTest
    @CsvSource({
        "200 1, 201, 'frame of 202 bytes or more, the limit is 201'",
        "128, 129, 'frame of 130 bytes or more, the limit is 129'",
        "128 128, 16386, 'frame of 16387 bytes or more, the limit is 16386'",
        "255 255 255 255 15, 2147483647, 'frame of 4294967300 bytes or more, the limit is 2147483647'",
        "128 128 0, 100000, 'varint of 3 bytes that ends with zero at offset 2 of the frame'",
        "255 255 255 255 16, 2147483647, 'varint that doesn''t fit 32 bits at offset 4 of the frame'"
    })
    void saysWhatIsWrongAndAtWhichLimit(String bytes, int max, String message) {
        var refused = assertThrows(FrameException.class, () -> new VarintLengthFramer(max).next(bytes(bytes)));
        assertEquals(message, refused.getMessage());
    }

    @Test
    void refusesALongVarintBeforeItIsComplete() {
        var refused = assertThrows(FrameException.class, () -> new VarintLengthFramer(100).next(bytes("128")));
        assertEquals(TOO_LONG, refused.kind());
        assertEquals(100, refused.limit());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void refusesALimitOfNothing(int max) {
        var refused = assertThrows(IllegalArgumentException.class, () -> new VarintLengthFramer(max));
        assertEquals("maxFrameBytes is " + max + ", must be 1 or more", refused.getMessage());
    }

    /** The beginning of a frame that claims 1,000,000 bytes. */
    private static byte[] unfinished(int length) {
        return ByteBuffer.allocate(length).put(bytes("192 132 61")).array();
    }

    private static ByteBuffer bytes(String numbers) {
        String[] words = numbers.split(" ");
        ByteBuffer bytes = ByteBuffer.allocate(words.length);
        for (String word : words) {
            bytes.put((byte) Integer.parseInt(word));
        }
        return bytes.flip();
    }
}
