// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a message and a {@link Delimiter} behind it. A message that would arrive as another one is refused: it holds
 * the delimiter, or its end makes one with the beginning of the delimiter behind it. What a stranger put into a message
 * must not become a frame of its own. The position of a message stays where it is.
 *
 * <pre>{@code
 * Encoder<ByteBuffer> encoder = Delimiter.bytes(0).encoder();
 * }</pre>
 */
public final class DelimiterEncoder implements Encoder<ByteBuffer> {
    private final Delimiter delimiter;

    /** Makes an encoder. */
    public DelimiterEncoder(Delimiter delimiter) {
        this.delimiter = delimiter;
    }

    /**
     * Appends the message and the delimiter.
     *
     * @throws IllegalArgumentException if the message would not arrive as it is; the message says at which offset
     */
    @Override
    public void encode(ByteBuffer message, Output out) {
        // The scan takes the bytes of a word as big endian, which is how a duplicate begins.
        ByteBuffer content = message.order() == ByteOrder.BIG_ENDIAN ? message : message.duplicate();
        int length = content.remaining();
        int behind = delimiter.firstIn(content);
        if (behind < length + delimiter.length()) {
            throw new IllegalArgumentException("delimiter at offset " + (behind - delimiter.length())
                    + " of a message of " + length + " bytes: it would arrive cut there");
        }
        if (length <= Output.MAX_ROOM - delimiter.length()) {
            ByteBuffer room = out.room(length + delimiter.length());
            int at = room.position();
            room.put(at, content, content.position(), length).position(at + length);
            delimiter.write(room);
        } else {
            out.put(content);
            delimiter.write(out.room(delimiter.length()));
        }
    }
}
