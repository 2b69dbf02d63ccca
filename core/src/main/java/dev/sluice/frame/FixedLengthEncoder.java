// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Writes messages that all have the same number of bytes, as they are. It refuses any other: one byte too few or too
 * many would shift every frame behind it. The position of a message stays where it is.
 *
 * <pre>{@code
 * Encoder<ByteBuffer> encoder = new FixedLengthEncoder(32);
 * }</pre>
 */
public final class FixedLengthEncoder implements Encoder<ByteBuffer> {
    private final int frameBytes;

    /**
     * Makes an encoder.
     *
     * @param frameBytes bytes of each message, 1 or more
     * @throws IllegalArgumentException if {@code frameBytes} is out of range
     */
    public FixedLengthEncoder(int frameBytes) {
        if (frameBytes < 1) {
            throw new IllegalArgumentException("frameBytes is " + frameBytes + ", must be 1 or more");
        }
        this.frameBytes = frameBytes;
    }

    /**
     * Appends the message.
     *
     * @throws IllegalArgumentException if it has another number of bytes
     */
    @Override
    public void encode(ByteBuffer message, Output out) {
        if (message.remaining() != frameBytes) {
            throw new IllegalArgumentException(
                    "message of " + message.remaining() + " bytes, must have exactly " + frameBytes);
        }
        out.put(message);
    }
}
