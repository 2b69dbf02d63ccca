// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An output that collects on the heap, growing as it must: for encoding off a Reader. One thread at a time.
 *
 * <pre>{@code
 * ByteBuffer bytes = HeapOutput.encode(message, encoder);
 * }</pre>
 */
public final class HeapOutput implements Output {
    private ByteBuffer buffer = ByteBuffer.allocate(256);

    /** Makes an empty output. */
    public HeapOutput() {}

    /** Returns the bytes of one message, in a buffer of their own. */
    public static <T> ByteBuffer encode(T message, Encoder<? super T> encoder) {
        HeapOutput out = new HeapOutput();
        encoder.encode(message, out);
        return out.toBuffer();
    }

    @Override
    public ByteBuffer room(int bytes) {
        if (bytes < 1 || bytes > MAX_ROOM) {
            throw new IllegalArgumentException("room: " + bytes + " is not within 1 to " + MAX_ROOM);
        }
        grow(bytes);
        return buffer.order(ByteOrder.BIG_ENDIAN);
    }

    @Override
    public void put(ByteBuffer bytes) {
        grow(bytes.remaining());
        buffer.put(bytes.duplicate());
    }

    /** Returns what was written so far, as a buffer that shares it; the output is not to be used after that. */
    public ByteBuffer toBuffer() {
        return buffer.flip();
    }

    private void grow(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = Math.addExact(buffer.position(), bytes);
            int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * buffer.capacity());
            int written = buffer.position();
            buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), Math.max(needed, doubled)))
                    .position(written);
        }
    }
}
