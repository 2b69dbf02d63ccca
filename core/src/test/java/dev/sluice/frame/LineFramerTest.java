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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineFramerTest {
    private static final int MAX = 100;

    @Test
    void keepsTheContractWithTheDefaultEnding() {
        FramerContract.of(LineFramer::new)
                .maxFrameBytes(16)
                .accepts("")
                .accepts("one\ntwo\r\n\n\r\nfive\n", "one", "two", "", "", "five")
                .accepts("a\rb\r\r\n\r\r\n", "a\rb\r", "\r")
                .accepts("0123456789abcde\n0123456789abcd\r\n", "0123456789abcde", "0123456789abcd")
                .accepts("x\n".repeat(400), "x ".repeat(400).split(" "))
                .rejects("one\n0123456789abcdef\n", TOO_LONG, "one")
                .rejects("0123456789abcde\r\n", TOO_LONG)
                .rejects("0123456789abcdefghijklmnopqrstuvw", TOO_LONG)
                .rejects("one\ntwo", TRUNCATED, "one")
                .rejects("one\n\r", TRUNCATED, "one")
                .unfinished(byte[]::new)
                .check();
    }

    @Test
    void keepsTheContractWithLfOnly() {
        FramerContract.of(max -> new LineFramer(max, LineEnding.LF))
                .maxFrameBytes(8)
                .accepts("one\ntwo\r\n\n\r\n", "one", "two\r", "", "\r")
                .rejects("0123456\n01234567\n", TOO_LONG, "0123456")
                .rejects("one\r", TRUNCATED)
                .unfinished(byte[]::new)
                .check();
    }

    @Test
    void keepsTheContractWithThePairOnly() {
        FramerContract.of(max -> new LineFramer(max, LineEnding.CRLF))
                .maxFrameBytes(8)
                .accepts("one\r\n\r\na\nb\rc\r\r\n", "one", "", "a\nb\rc\r")
                .accepts("\n\n\n\r\n012345\r\n", "\n\n\n", "012345")
                .rejects("0123456\r\n", TOO_LONG)
                .rejects("01234567\r\n", TOO_LONG)
                .rejects("\n\n\n\n\n\n\n\n\r\n", TOO_LONG)
                .rejects("one\r\ntwo\n", TRUNCATED, "one")
                .rejects("one\r", TRUNCATED)
                .unfinished(length -> "\n".repeat(length).getBytes(StandardCharsets.US_ASCII))
                .check();
    }

    @Test
    void keepsTheContractWithTheStrictPair() {
        FramerContract.of(max -> new LineFramer(max, LineEnding.STRICT_CRLF))
                .maxFrameBytes(8)
                .accepts("one\r\n\r\n012345\r\n", "one", "", "012345")
                .rejects("one\r\ntwo\n", MALFORMED, "one")
                .rejects("one\r\ntw\ro\r\n", MALFORMED, "one")
                .rejects("\r\r\n", MALFORMED)
                .rejects("\n", MALFORMED)
                .rejects("0123456\r\n", TOO_LONG)
                .rejects("0123456\rx", TOO_LONG)
                .rejects("01234567\n", TOO_LONG)
                .rejects("one\r", TRUNCATED)
                .unfinished(byte[]::new)
                .check();
    }

    @Test
    void saysWhereABareLineFeedOrCarriageReturnStands() {
        assertEquals("LF without CR before it at offset 3 of the frame", strictRefusal("a\r\nbcd\n"));
        assertEquals("CR without LF behind it at offset 2 of the frame", strictRefusal("ab\rc"));
    }

    @Test
    void saysTheLimitOfALineThatIsTooLong() {
        var refused = assertThrows(FrameException.class, () -> lines(new LineFramer(4), "abcd\n"));

        assertEquals(TOO_LONG, refused.kind());
        assertEquals(4, refused.limit());
        assertEquals("frame of 5 bytes or more, the limit is 4", refused.getMessage());
    }

    @Test
    void takesALineThatIsExactlyAsLongAsTheLimit() throws FrameException {
        assertEquals(List.of("abc"), lines(new LineFramer(4), "abc\n"));
        assertEquals(List.of("ab"), lines(new LineFramer(4), "ab\r\n"));
    }

    /** The scan goes by words and blocks: the ending must be found wherever it falls, and no neighbour taken for it. */
    @ParameterizedTest
    @EnumSource(LineEnding.class)
    void findsTheEndingAtEveryLengthAndPlace(LineEnding ending) throws FrameException {
        String neighbours = "\u000b\u008a\u008d\u0009\u000c\u000e\u0000\u00ff";
        for (int length = 0; length < 300; length++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < length; i++) {
                line.append(neighbours.charAt((i + length) % neighbours.length()));
            }
            String stream = line + (ending.minBytes() == 1 ? "\n" : "\r\n");
            assertEquals(
                    List.of(line.toString(), ""),
                    lines(new LineFramer(1000, ending), stream + stream.substring(length)));
        }
    }

    @Test
    void remembersHowFarItHasLooked() throws FrameException {
        LineFramer framer = new LineFramer(MAX);

        assertNull(framer.next(bytes("abc")));

        // What has been looked at is another byte now, and only a second look could find it.
        assertEquals(bytes("\nbcd"), framer.next(bytes("\nbcd\n")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void refusesALimitThatHoldsNoEnding(int max) {
        var refused = assertThrows(IllegalArgumentException.class, () -> new LineFramer(max));
        assertEquals(
                "maxFrameBytes is " + max + ", must be 1 or more for lines that end with LF_OR_CRLF",
                refused.getMessage());
    }

    @Test
    void refusesALimitThatHoldsNoPair() {
        assertThrows(IllegalArgumentException.class, () -> new LineFramer(1, LineEnding.CRLF));
        assertThrows(IllegalArgumentException.class, () -> new LineFramer(1, LineEnding.STRICT_CRLF));
    }

    private static String strictRefusal(String stream) {
        return assertThrows(FrameException.class, () -> lines(new LineFramer(MAX, LineEnding.STRICT_CRLF), stream))
                .getMessage();
    }

    private static List<String> lines(LineFramer framer, String stream) throws FrameException {
        ByteBuffer in = bytes(stream);
        List<String> lines = new ArrayList<>();
        ByteBuffer line;
        while (in.hasRemaining() && (line = framer.next(in)) != null) {
            lines.add(StandardCharsets.ISO_8859_1.decode(line).toString());
        }
        return lines;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
