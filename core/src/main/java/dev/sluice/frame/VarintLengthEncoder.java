// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Writes the length of a message in front of it as a base-128 varint, in the fewest bytes, as
 * {@link VarintLengthFramer} reads it. The position of a message stays where it is.
 *
 * <pre>{@code
 * Encoder<ByteBuffer> encoder = new VarintLengthEncoder();
 * }</pre>
 */
public final class VarintLengthEncoder implements Encoder<ByteBuffer> {

    /** Makes an encoder; it holds nothing. */
    public VarintLengthEncoder() {}

    /** Appends the length and the message. */
    @Override
    public void encode(ByteBuffer message, Output out) {
        int payload = message.remaining();
        if (payload <= Output.MAX_ROOM - VarintLengthFramer.MAX_VARINT_BYTES) {
            ByteBuffer room = out.room(VarintLengthFramer.MAX_VARINT_BYTES + payload);
            writeLength(payload, room);
            int at = room.position();
            room.put(at, message, message.position(), payload).position(at + payload);
        } else {
            writeLength(payload, out.room(VarintLengthFramer.MAX_VARINT_BYTES));
            out.put(message);
        }
    }

    private static void writeLength(int length, ByteBuffer out) {
        int rest = length;
        while (rest > 0x7F) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
