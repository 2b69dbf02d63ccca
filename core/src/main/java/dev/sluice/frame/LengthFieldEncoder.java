// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Writes the length of a message in front of it, as a {@link LengthField} describes it. Only fields at the front of the
 * frame can be written: what stands before the field of another layout is known to its protocol alone. What is stripped
 * when reading plays no part here. The position of a message stays where it is.
 *
 * <pre>{@code
 * Encoder<ByteBuffer> encoder = LengthField.bytes(4).encoder();
 * }</pre>
 */
public final class LengthFieldEncoder implements Encoder<ByteBuffer> {
    private final LengthField field;
    private final int beyondPayload;

    /**
     * Makes an encoder.
     *
     * @throws IllegalArgumentException if the field is not at the front of the frame
     */
    public LengthFieldEncoder(LengthField field) {
        if (field.offset() != 0) {
            throw new IllegalArgumentException("offset is " + field.offset()
                    + ", must be 0: the encoder doesn't know the bytes in front of the field");
        }
        this.field = field;
        this.beyondPayload = field.width() - field.beyondValue();
    }

    /**
     * Appends the length and the message.
     *
     * @throws IllegalArgumentException if the length does not fit the field
     */
    @Override
    public void encode(ByteBuffer message, Output out) {
        int payload = message.remaining();
        long value = (long) payload + beyondPayload;
        if (value < 0 || value > field.maxValue()) {
            throw new IllegalArgumentException("message of " + payload + " bytes has the length value " + value
                    + ", must be 0 to " + field.maxValue() + " in a field of " + field.width() + " bytes");
        }
        if (payload <= Output.MAX_ROOM - field.width()) {
            ByteBuffer room = out.room(field.width() + payload);
            field.write(value, room);
            int at = room.position();
            room.put(at, message, message.position(), payload).position(at + payload);
        } else {
            field.write(value, out.room(field.width()));
            out.put(message);
        }
    }
}
