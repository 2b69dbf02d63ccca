// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LengthFieldFramerTest {
    private static final int MAX = 64;

    @Test
    void keepsTheContractWithFourBytes() {
        FramerContract.of(LengthField.bytes(4).framing())
                .maxFrameBytes(12)
                .accepts("")
                .accepts("\0\0\0\2hi\0\0\0\0\0\0\0\1!\0\0\0\b12345678", "hi", "", "!", "12345678")
                .rejects("\0\0\0\1a\0\0\0\t123456789", TOO_LONG, "a")
                .rejects("\u00ff\u00ff\u00ff\u00ff", TOO_LONG)
                .rejects("\0\0\0\2hi\0\0", TRUNCATED, "hi")
                .rejects("\0\0\0\2h", TRUNCATED)
                .unfinished(LengthFieldFramerTest::unfinished)
                .check();
    }

    @Test
    void keepsTheContractWithAFieldInTheMiddleOfItsHeader() {
        FramerContract.of(LengthField.bytes(2)
                        .at(1)
                        .littleEndian()
                        .strip(0)
                        .adjust(1)
                        .framing())
                .maxFrameBytes(MAX)
                .accepts("T\2\0*hiU\0\0*", "T\2\0*hi", "U\0\0*")
                .rejects("T\2\0*hiU\0\1", TOO_LONG, "T\2\0*hi")
                .rejects("T\2\0*h", TRUNCATED)
                .check();
    }

    @Test
    void keepsTheContractWithALengthThatIncludesTheHeader() {
        FramerContract.of(LengthField.bytes(3).includingHeader().framing())
                .maxFrameBytes(MAX)
                .accepts("\0\0\5hi\0\0\3\0\0\4.", "hi", "", ".")
                .rejects("\0\0\5hi\0\0\2..", MALFORMED, "hi")
                .rejects("\0\0\0", MALFORMED)
                .rejects("\0\1\0", TOO_LONG)
                .check();
    }

    @Test
    void keepsTheContractWithEightBytesAndOne() {
        FramerContract.of(LengthField.bytes(8).framing())
                .maxFrameBytes(MAX)
                .accepts("\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\0", "a", "")
                .rejects("\u0080\0\0\0\0\0\0\0", TOO_LONG)
                .rejects("\u00ff".repeat(8), TOO_LONG)
                .rejects("\u007f" + "\u00ff".repeat(7), TOO_LONG)
                .check();
        FramerContract.of(LengthField.bytes(1).framing())
                .maxFrameBytes(MAX)
                .accepts("\1a\0\2bc", "a", "", "bc")
                .rejects("\u00ff", TOO_LONG)
                .check();
    }

    @Test
    void emitsNothingUntilTheLengthPrefixIsComplete() throws FrameException {
        assertNull(new LengthFieldFramer(MAX, LengthField.bytes(4)).next(bytes(0, 0, 0)));
    }

    @Test
    void refusesATooLongFrameWithItsHeaderAlone() {
        var refused = refusal(LengthField.bytes(4), 0, 0, 0, MAX - 3);

        assertEquals(TOO_LONG, refused.kind());
        assertEquals(MAX, refused.limit());
        assertEquals("frame of 65 bytes or more, the limit is 64", refused.getMessage());
    }

    @Test
    void takesAFrameThatIsExactlyAsLongAsTheLimit() throws FrameException {
        ByteBuffer in = ByteBuffer.allocate(MAX).putInt(0, MAX - 4);
        assertEquals(
                MAX - 4,
                new LengthFieldFramer(MAX, LengthField.bytes(4)).next(in).remaining());
    }

    @Test
    void saysUnsignedHowLongAFrameClaimsToBe() {
        int[] all = {255, 255, 255, 255, 255, 255, 255, 255};

        assertEquals(
                "frame of 18446744073709551615 bytes or more, the limit is 64",
                refusal(LengthField.bytes(8), all).getMessage());
        assertEquals(
                "frame of 18446744073709551605 bytes or more, the limit is 64",
                refusal(LengthField.bytes(8).includingHeader().adjust(-10), all).getMessage());
        assertEquals(
                "frame of 4294967299 bytes or more, the limit is 64",
                refusal(LengthField.bytes(4), 255, 255, 255, 255).getMessage());
    }

    @Test
    void refusesALengthThatTheAdjustmentTakesBelowTheHeader() {
        var refused = refusal(LengthField.bytes(2).at(1).adjust(-3), 9, 0, 2);

        assertEquals(MALFORMED, refused.kind());
        assertEquals(1, refused.offset());
        assertEquals(
                "length 2 makes a frame of 2 bytes, fewer than the 3 it must have, at offset 1 of the frame",
                refused.getMessage());
    }

    @Test
    void refusesAFrameThatHasFewerBytesThanAreStripped() {
        assertEquals(MALFORMED, refusal(LengthField.bytes(2).strip(4), 0, 1, 7).kind());
    }

    @Test
    void refusesEveryFrameWhereTheAdjustmentAlonePassesTheLimit() {
        assertEquals(TOO_LONG, refusal(LengthField.bytes(1).adjust(64), 0).kind());
    }

    @Test
    void refusesALimitBelowTheHeader() {
        assertThrows(IllegalArgumentException.class, () -> new LengthFieldFramer(3, LengthField.bytes(4)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new LengthFieldFramer(7, LengthField.bytes(4).strip(8)));
    }

    private static FrameException refusal(LengthField field, int... header) {
        var framer = new LengthFieldFramer(MAX, field);
        return assertThrows(FrameException.class, () -> framer.next(bytes(header)));
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }

    private static byte[] unfinished(int length) {
        return ByteBuffer.allocate(length).putInt(0, length).array();
    }
}
