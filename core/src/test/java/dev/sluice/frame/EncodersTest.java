// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.CollectedOutput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodersTest {
    private final CollectedOutput out = new CollectedOutput();

    @Test
    void endsLines() {
        LineEncoder.LF.encode(bytes("one"), out);
        LineEncoder.CRLF.encode(bytes(""), out);
        LineEncoder.CRLF.text().encode("zwölf", out);

        assertEquals("one\n\r\nzwölf\r\n", new String(out.bytes(), StandardCharsets.UTF_8));
    }

    @Test
    void refusesALineWithALineBreakInIt() {
        for (LineEncoder encoder : new LineEncoder[] {LineEncoder.LF, LineEncoder.CRLF}) {
            assertEquals(
                    "LF at offset 1 of a line of 3 bytes, which is part of its ending",
                    refusal(encoder, bytes("xa\nb").position(1)));
        }
        assertEquals(
                "CR at offset 9 of a line of 11 bytes, which is part of its ending",
                refusal(LineEncoder.CRLF, bytes("012345678\r\n")));
        assertEquals(0, out.bytes().length);
    }

    @Test
    void aCarriageReturnIsContentWhereLinesEndWithLineFeed() {
        LineEncoder.LF.encode(bytes("a\rb"), out);

        assertEquals("a\rb\n", new String(out.bytes(), StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(ints = {Output.MAX_ROOM - 2, Output.MAX_ROOM - 1, Output.MAX_ROOM, 100_000})
    void writesLinesOfAnyLength(int length) {
        ByteBuffer line = bytes("x".repeat(length));

        LineEncoder.CRLF.encode(line, out);

        assertEquals("x".repeat(length) + "\r\n", new String(out.bytes(), StandardCharsets.US_ASCII));
        assertEquals(length, line.remaining());
    }

    @Test
    void writesTheLengthInFront() {
        LengthField.bytes(4).encoder().encode(bytes("xhi").position(1), out);
        LengthField.bytes(2).littleEndian().encoder().encode(bytes("hi"), out);
        LengthField.bytes(3).includingHeader().encoder().encode(bytes("hi"), out);
        LengthField.bytes(3).littleEndian().adjust(1).encoder().encode(bytes("hi"), out);
        LengthField.bytes(8).encoder().encode(bytes(""), out);

        assertEquals(
                "\0\0\0\2hi" + "\2\0hi" + "\0\0\5hi" + "\1\0\0hi" + "\0".repeat(8),
                new String(out.bytes(), StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(ints = {Output.MAX_ROOM - 4, Output.MAX_ROOM - 3, 100_000})
    void writesMessagesOfAnyLength(int length) {
        ByteBuffer message = ByteBuffer.allocate(length);

        LengthField.bytes(4).encoder().encode(message, out);

        assertArrayEquals(ByteBuffer.allocate(4 + length).putInt(0, length).array(), out.bytes());
        assertEquals(length, message.remaining());
    }

    @Test
    void refusesAMessageThatItsFieldCannotTell() {
        assertEquals(
                "message of 256 bytes has the length value 256, must be 0 to 255 in a field of 1 bytes",
                refusal(LengthField.bytes(1).encoder(), ByteBuffer.allocate(256)));
        assertEquals(
                "message of 1 bytes has the length value -2, must be 0 to 65535 in a field of 2 bytes",
                refusal(LengthField.bytes(2).adjust(3).encoder(), ByteBuffer.allocate(1)));
        assertEquals(0, out.bytes().length);
    }

    @Test
    void refusesAFieldBehindUnknownBytes() {
        var refused = assertThrows(
                IllegalArgumentException.class, LengthField.bytes(2).at(3)::encoder);
        assertEquals(
                "offset is 3, must be 0: the encoder doesn't know the bytes in front of the field",
                refused.getMessage());
    }

    @Test
    void endsMessagesWithTheDelimiter() {
        Delimiter.text("||").encoder().encode(bytes("x a|b").position(2), out);
        Delimiter.bytes(0).encoder().encode(bytes(""), out);
        Delimiter.text("||").encoder().encode(bytes("hi").order(ByteOrder.LITTLE_ENDIAN), out);

        assertEquals("a|b||\0hi||", new String(out.bytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void refusesAMessageThatItsDelimiterWouldCut() {
        assertEquals(
                "delimiter at offset 1 of a message of 4 bytes: it would arrive cut there",
                refusal(Delimiter.text("||").encoder(), bytes("xa||b").position(1)));
        assertEquals(
                "delimiter at offset 1 of a message of 2 bytes: it would arrive cut there",
                refusal(Delimiter.text("||").encoder(), bytes("a|")));
        assertEquals(
                "delimiter at offset 1 of a message of 3 bytes: it would arrive cut there",
                refusal(Delimiter.text("abab").encoder(), bytes("xab")));
        assertEquals(0, out.bytes().length);
    }

    @ParameterizedTest
    @ValueSource(ints = {Output.MAX_ROOM - 2, Output.MAX_ROOM - 1, Output.MAX_ROOM, 100_000})
    void writesDelimitedMessagesOfAnyLength(int length) {
        Delimiter.text("||").encoder().encode(bytes("x".repeat(length)), out);

        assertEquals("x".repeat(length) + "||", new String(out.bytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void writesMessagesOfTheOneLengthAndRefusesOthers() {
        Encoder<ByteBuffer> encoder = new FixedLengthEncoder(2);
        encoder.encode(bytes("xhi").position(1), out);

        assertEquals("message of 3 bytes, must have exactly 2", refusal(encoder, bytes("abc")));
        assertEquals("message of 0 bytes, must have exactly 2", refusal(encoder, bytes("")));
        assertEquals("hi", new String(out.bytes(), StandardCharsets.US_ASCII));
        assertThrows(IllegalArgumentException.class, () -> new FixedLengthEncoder(0));
    }

    @ParameterizedTest
    @CsvSource({"0, 00", "1, 01", "127, 7f", "128, 8001", "300, ac02", "16383, ff7f", "16384, 808001", "100000, a08d06"
    })
    void writesTheLengthAsAVarintOfTheFewestBytes(int length, String varint) {
        ByteBuffer message = ByteBuffer.allocate(length);

        new VarintLengthEncoder().encode(message, out);

        byte[] header = HexFormat.of().parseHex(varint);
        assertArrayEquals(Arrays.copyOf(header, header.length + length), out.bytes());
        assertEquals(length, message.remaining());
    }

    private String refusal(Encoder<ByteBuffer> encoder, ByteBuffer message) {
        return assertThrows(IllegalArgumentException.class, () -> encoder.encode(message, out))
                .getMessage();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
