// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelimiterFramerTest {
    private static final int MAX = 100;

    @Test
    void keepsTheContractWithOneByte() {
        FramerContract.of(Delimiter.bytes(0).framing())
                .maxFrameBytes(8)
                .accepts("")
                .accepts("one\0\0three\0", "one", "", "three")
                .accepts("0123456\0\0", "0123456", "")
                .accepts("x\0".repeat(400), "x ".repeat(400).split(" "))
                .rejects("one\0" + "01234567\0", TOO_LONG, "one")
                .rejects("01234567\0", TOO_LONG)
                .rejects("one\0two", TRUNCATED, "one")
                .unfinished(length -> "x".repeat(length).getBytes(StandardCharsets.US_ASCII))
                .check();
    }

    @Test
    void keepsTheContractWithSeveralBytes() {
        FramerContract.of(Delimiter.text("\r\n.\r\n").framing())
                .maxFrameBytes(16)
                .accepts("a\r\nb\r\n.\r\n\r\n.\r\n\r\n\r\n.\r\n", "a\r\nb", "", "\r\n")
                .accepts("\r\n.\r\r\n.\r\n", "\r\n.\r")
                .accepts("0123456789a\r\n.\r\n", "0123456789a")
                .rejects("\r\n.\r\n0123456789ab\r\n.\r\n", TOO_LONG, "")
                .rejects("a\r\n.\r", TRUNCATED)
                .unfinished(
                        length -> "\r\n.\r".repeat(length).substring(0, length).getBytes(StandardCharsets.US_ASCII))
                .check();
    }

    @Test
    void keepsTheContractWithADelimiterThatOverlapsItself() {
        FramerContract.of(Delimiter.text("aaab").framing())
                .maxFrameBytes(12)
                .accepts("aaaaaabaaab", "aaa", "")
                .accepts("aabaaaab", "aaba")
                .rejects("aaaaaaaaaaaaaaab", TOO_LONG)
                .rejects("aaabaaa", TRUNCATED, "")
                .unfinished(length -> "a".repeat(length).getBytes(StandardCharsets.US_ASCII))
                .check();
        FramerContract.of(Delimiter.text("abab").framing())
                .maxFrameBytes(12)
                .accepts("ababababab.abab", "", "", "ab.")
                .accepts("abaabab", "aba")
                .rejects("aba", TRUNCATED)
                .check();
    }

    /** With 1,024 bytes that match up to the last one, a second look at each would be a thousand looks. */
    @Test
    void isLinearWithALongDelimiterThatNearlyMatchesEverywhere() {
        FramerContract.of(Delimiter.text("a".repeat(1023) + "b").framing())
                .maxFrameBytes(5000)
                .accepts("a".repeat(2000) + "b", "a".repeat(977))
                .unfinished(length -> "a".repeat(length).getBytes(StandardCharsets.US_ASCII))
                .check();
    }

    /** The scan goes by words: the delimiter must be found wherever it falls, and no neighbour taken for it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x7F, 0x80, 0xFF})
    void findsEveryByteAtEveryLengthAndPlace(int delimiter) throws FrameException {
        for (int length = 0; length < 100; length++) {
            byte[] content = new byte[length];
            for (int i = 0; i < length; i++) {
                content[i] = (byte) (delimiter + 1 + (i + length) % 255);
            }
            byte[] stream = Arrays.copyOf(content, length + 2);
            stream[length] = stream[length + 1] = (byte) delimiter;
            assertEquals(
                    List.of(ByteBuffer.wrap(content), ByteBuffer.allocate(0)),
                    frames(new DelimiterFramer(MAX + 2, Delimiter.bytes(delimiter)), ByteBuffer.wrap(stream)));
        }
    }

    @Test
    void remembersHowFarItHasLookedAndWhatMatched() throws FrameException {
        DelimiterFramer framer = new DelimiterFramer(MAX, Delimiter.text("||"));

        assertNull(framer.next(bytes("abc|")));

        // What has been looked at is another byte now, and only a second look could tell.
        assertEquals(bytes("||b"), framer.next(bytes("||bx|")));
    }

    @Test
    void takesAFrameThatIsExactlyAsLongAsTheLimit() throws FrameException {
        var framer = new DelimiterFramer(5, Delimiter.text("||"));
        assertEquals(List.of(bytes("abc"), bytes("")), frames(framer, bytes("abc||||")));
    }

    @Test
    void saysTheLimitOfAFrameThatIsTooLong() {
        var framer = new DelimiterFramer(4, Delimiter.text("||"));

        var refused = assertThrows(FrameException.class, () -> frames(framer, bytes("abc||")));

        assertEquals(TOO_LONG, refused.kind());
        assertEquals("frame of 5 bytes or more, the limit is 4", refused.getMessage());
    }

    @Test
    void refusesALimitThatHoldsNoDelimiter() {
        var refused = assertThrows(IllegalArgumentException.class, () -> new DelimiterFramer(1, Delimiter.text("||")));
        assertEquals("maxFrameBytes is 1, must be 2 or more for a delimiter of so many bytes", refused.getMessage());
    }

    @Test
    void refusesDelimitersThatAreNone() {
        assertEquals("delimiter has 0 bytes, must have 1 to 1024", refusal(() -> Delimiter.bytes()));
        assertEquals("delimiter has 1025 bytes, must have 1 to 1024", refusal(() -> Delimiter.text("x".repeat(1025))));
        assertEquals("byte 1 of the delimiter is 256, must be -128 to 255", refusal(() -> Delimiter.bytes(0, 256)));
        assertEquals("byte 0 of the delimiter is -129, must be -128 to 255", refusal(() -> Delimiter.bytes(-129)));
    }

    private static String refusal(Runnable making) {
        return assertThrows(IllegalArgumentException.class, making::run).getMessage();
    }

    private static List<ByteBuffer> frames(DelimiterFramer framer, ByteBuffer in) throws FrameException {
        List<ByteBuffer> frames = new ArrayList<>();
        ByteBuffer frame;
        while (in.hasRemaining() && (frame = framer.next(in)) != null) {
            frames.add(framer.detach(frame));
        }
        return frames;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
