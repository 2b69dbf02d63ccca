// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Where an {@link Encoder} writes. On the fast path this is the Reader's own direct buffer, so that a reply is encoded
 * where the socket takes it from. Confined to the thread that called the encoder, valid during that call.
 */
public interface Output {

    /** The most bytes that may be asked for at once: 16,384. */
    int MAX_ROOM = 16 * 1024;

    /**
     * Asks for room. What you put into the returned buffer by the time of the next call, or of your return, is
     * committed: move its position, leave its limit and what lies before the position alone.
     *
     * @param bytes 1 to {@link #MAX_ROOM}
     * @return a buffer with at least {@code bytes} remaining
     * @throws IllegalArgumentException if {@code bytes} is out of range
     */
    ByteBuffer room(int bytes);

    /** Appends bytes of any number, from position to limit. The position of {@code bytes} is not moved. */
    void put(ByteBuffer bytes);
}
