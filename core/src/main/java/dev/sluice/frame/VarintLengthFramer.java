// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts a stream into frames with their length in front as a base-128 varint, which is how Protocol Buffers delimit
 * messages in a stream (<a href="https://protobuf.dev/programming-guides/encoding/#varints">encoding</a>): seven bits in
 * each byte, the lowest first, the top bit set in all but the last. A frame is a view of the bytes behind the varint,
 * possibly empty, valid until the next call; {@link #detach} copies it.
 *
 * <p>The varint is judged byte by byte. {@link FrameException.Kind#TOO_LONG} if the frame, varint included, has more than
 * {@code maxFrameBytes}; that is known at the latest with the last byte of the varint, and before that once another byte
 * can only make it longer. {@link FrameException.Kind#MALFORMED} if it doesn't fit 32 bits, or is longer than it must be,
 * with a last byte of zero: two encodings of one length invite two parties to disagree.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = VarintLengthFramer::new;     // 02 'h' 'i' gives "hi"
 * }</pre>
 */
public final class VarintLengthFramer implements Framer<ByteBuffer> {
    /** 32 bits, seven in each byte. */
    static final int MAX_VARINT_BYTES = 5;

    private static final int BITS = 7;
    private static final int LOW_BITS = 0x7F;
    private static final int LAST_OF_32_BITS = 0x0F; // the most that the fifth byte may hold

    private final int maxFrameBytes;
    private final FrameView view = new FrameView();
    private int awaited; // bytes of the frame whose varint has been judged, 0 between frames

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a frame with its varint, 1 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public VarintLengthFramer(int maxFrameBytes) {
        if (maxFrameBytes < 1) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", must be 1 or more");
        }
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        if (in.remaining() < awaited) {
            return null;
        }
        int start = in.position();
        int first = in.get(start);
        return first >= 0 ? frame(in, start, start + 1, first) : longer(in, start, first & LOW_BITS);
    }

    @Override
    public boolean atBoundary() {
        return awaited == 0;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public ByteBuffer detach(ByteBuffer frame) {
        return FrameView.copy(frame);
    }

    /** A varint of two bytes or more. */
    private ByteBuffer longer(ByteBuffer in, int start, long value) throws FrameException {
        int available = in.remaining();
        for (int width = 1; ; width++) {
            long atLeast = value + (1L << BITS * width); // the next byte is not zero
            if (width + 1 + atLeast > maxFrameBytes) {
                throw FrameException.tooLong(width + 1 + atLeast, maxFrameBytes);
            }
            if (width == available) {
                return null;
            }
            int b = in.get(start + width) & 0xFF;
            check(b, width);
            value |= (long) (b & LOW_BITS) << BITS * width;
            if (b <= LOW_BITS) {
                return frame(in, start, start + width + 1, value);
            }
        }
    }

    private ByteBuffer frame(ByteBuffer in, int start, int from, long value) throws FrameException {
        long frameBytes = from - start + value;
        if (frameBytes > maxFrameBytes) {
            throw FrameException.tooLong(frameBytes, maxFrameBytes);
        }
        if (frameBytes > in.remaining()) {
            awaited = (int) frameBytes;
            return null;
        }
        awaited = 0;
        int end = start + (int) frameBytes;
        in.position(end);
        return view.of(in, from, end);
    }

    private static void check(int b, int index) throws FrameException {
        if (b == 0) {
            throw FrameException.malformed(index, "varint of " + (index + 1) + " bytes that ends with zero");
        }
        if (index == MAX_VARINT_BYTES - 1 && b > LAST_OF_32_BITS) {
            throw FrameException.malformed(index, "varint that doesn't fit 32 bits");
        }
    }
}
