// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes that stand behind each frame, for {@link DelimiterFramer} and {@link DelimiterEncoder}. Immutable: one is
 * shared by all framers and encoders that need it, on any thread.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = Delimiter.bytes(0).framing();       // 'h' 'i' 00 gives "hi"
 * Encoder<ByteBuffer> encoder = Delimiter.bytes(0).encoder();             // and back
 * Delimiter.text("\r\n.\r\n")
 * }</pre>
 *
 * <p>For lines take {@link LineFramer}, which knows their endings.
 */
public final class Delimiter {
    /** The most bytes that a delimiter has. */
    private static final int MAX_BYTES = 1024;

    private final byte[] bytes;
    private final ByteBuffer asBuffer; // shared, so its position never moves

    /**
     * How many bytes of the delimiter still match when it turns out, after so many matched, that the next one doesn't:
     * the table of Knuth, Morris and Pratt. With it the search never goes back in the stream, not even for a delimiter such as
     * {@code aaab} in a stream of {@code a}.
     */
    private final int[] fallback;

    private Delimiter(byte[] bytes) {
        if (bytes.length < 1 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("delimiter has " + bytes.length + " bytes, must have 1 to " + MAX_BYTES);
        }
        this.bytes = bytes;
        this.asBuffer = ByteBuffer.wrap(bytes);
        this.fallback = fallback(bytes);
    }

    /**
     * A delimiter of these bytes.
     *
     * @param values 1 to 1,024 bytes, each -128 to 255
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Delimiter bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] < Byte.MIN_VALUE || values[i] > 0xFF) {
                throw new IllegalArgumentException(
                        "byte " + i + " of the delimiter is " + values[i] + ", must be -128 to 255");
            }
            bytes[i] = (byte) values[i];
        }
        return new Delimiter(bytes);
    }

    /**
     * A delimiter of these characters, as UTF-8.
     *
     * @throws IllegalArgumentException if it has no byte, or more than 1,024
     */
    public static Delimiter text(String characters) {
        return new Delimiter(characters.getBytes(StandardCharsets.UTF_8));
    }

    /** Makes framers for such frames. */
    public FramerFactory<ByteBuffer> framing() {
        return maxFrameBytes -> new DelimiterFramer(maxFrameBytes, this);
    }

    /** Returns an encoder for such frames. */
    public Encoder<ByteBuffer> encoder() {
        return new DelimiterEncoder(this);
    }

    /** How many bytes it has. */
    public int length() {
        return bytes.length;
    }

    /**
     * Looks for the delimiter from {@code from} to before {@code to}, both absolute, in a big-endian buffer.
     *
     * @param matched how many bytes in front of {@code from} are known to be the beginning of one
     * @return the index behind the delimiter; or, if it isn't complete, {@code ~matched} as of {@code to}
     */
    int find(ByteBuffer in, int from, int to, int matched) {
        int length = bytes.length;
        int at = from;
        while (at < to) {
            if (matched == 0) {
                at = ByteScan.find(in, at, to, bytes[0]);
                if (at < 0) {
                    return ~0;
                }
                at++;
                matched = 1;
            } else if (in.get(at) == bytes[matched]) {
                at++;
                matched++;
            } else {
                matched = fallback[matched]; // and this byte is compared with an earlier one of the delimiter
            }
            if (matched == length) {
                return at;
            }
        }
        return ~matched;
    }

    /** Appends it. */
    void write(ByteBuffer out) {
        out.put(bytes);
    }

    /** Says where {@code message} and the delimiter behind it would be cut, or that it is behind both. */
    int firstIn(ByteBuffer message) {
        int found = find(message, message.position(), message.limit(), 0);
        if (found >= 0) {
            return found - message.position();
        }
        // What the message ends with can be the beginning of a delimiter that the real one completes too early.
        found = find(asBuffer, 0, bytes.length, ~found);
        return message.remaining() + found;
    }

    private static int[] fallback(byte[] bytes) {
        int[] fallback = new int[bytes.length];
        int matched = 0;
        for (int at = 1; at < bytes.length; at++) {
            fallback[at] = matched;
            while (matched > 0 && bytes[at] != bytes[matched]) {
                matched = fallback[matched];
            }
            if (bytes[at] == bytes[matched]) {
                matched++;
            }
        }
        return fallback;
    }
}
