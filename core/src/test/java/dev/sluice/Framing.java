// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Delimiter;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.FixedLengthEncoder;
import dev.sluice.frame.FixedLengthFramer;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.frame.VarintLengthEncoder;
import dev.sluice.frame.VarintLengthFramer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The framers that are tried in the simulation, each with the encoder that makes an echo of a frame. */
enum Framing {
    RAW,
    LINE,
    DELIMITER,
    FIXED_LENGTH,
    LENGTH_FIELD,
    VARINT_LENGTH;

    private static final LengthField FIELD = LengthField.bytes(2);
    private static final Delimiter DELIMITER_BYTES = Delimiter.text("||.");
    private static final int FIXED_BYTES = 16;

    Framer<ByteBuffer> framer(int maxFrameBytes) {
        return switch (this) {
            case RAW -> new RawFramer(maxFrameBytes);
            case LINE -> new LineFramer(maxFrameBytes);
            case DELIMITER -> DELIMITER_BYTES.framing().create(maxFrameBytes);
            case FIXED_LENGTH -> new FixedLengthFramer(maxFrameBytes, FIXED_BYTES);
            case LENGTH_FIELD -> FIELD.framing().create(maxFrameBytes);
            case VARINT_LENGTH -> new VarintLengthFramer(maxFrameBytes);
        };
    }

    Encoder<ByteBuffer> encoder() {
        return switch (this) {
            case RAW -> (part, out) -> out.put(part);
            case LINE -> LineEncoder.LF;
            case DELIMITER -> DELIMITER_BYTES.encoder();
            case FIXED_LENGTH -> new FixedLengthEncoder(FIXED_BYTES);
            case LENGTH_FIELD -> FIELD.encoder();
            case VARINT_LENGTH -> new VarintLengthEncoder();
        };
    }

    /** A request on the wire; where all have one length, the payload is cut or filled up. */
    byte[] request(String payload) {
        int length = payload.length();
        return switch (this) {
            case RAW -> bytes(payload);
            case LINE -> bytes(payload + "\n");
            case DELIMITER -> bytes(payload + "||.");
            case FIXED_LENGTH -> Arrays.copyOf(bytes(payload), FIXED_BYTES);
            case LENGTH_FIELD -> bytes("" + (char) (length >> 8) + (char) (length & 0xff) + payload);
            case VARINT_LENGTH ->
                bytes((length < 0x80 ? "" + (char) length : "" + (char) (length & 0x7f | 0x80) + (char) (length >> 7))
                        + payload);
        };
    }

    /** Whether a frame can be too long. */
    boolean hasLongFrames() {
        return this != RAW && this != FIXED_LENGTH;
    }

    /** Whether the stream can end inside a frame. */
    boolean hasUnfinishedFrames() {
        return this != RAW;
    }

    /** The beginning of a frame. */
    byte[] unfinished() {
        return this == VARINT_LENGTH ? bytes("\u0081") : bytes("\0");
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
