// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts a stream into frames that all have the same number of bytes, with nothing in between. A frame is a view of its
 * bytes, valid until the next call; {@link #detach} copies it. A stream that ends inside a frame is
 * {@link FrameException.Kind#TRUNCATED}; nothing else can be wrong with one.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = max -> new FixedLengthFramer(max, 32);
 * }</pre>
 */
public final class FixedLengthFramer implements Framer<ByteBuffer> {
    private final int frameBytes;
    private final FrameView view = new FrameView();

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a frame
     * @param frameBytes bytes of each frame, 1 to {@code maxFrameBytes}
     * @throws IllegalArgumentException if {@code frameBytes} is out of range
     */
    public FixedLengthFramer(int maxFrameBytes, int frameBytes) {
        if (frameBytes < 1 || frameBytes > maxFrameBytes) {
            throw new IllegalArgumentException(
                    "frameBytes is " + frameBytes + ", must be 1 to maxFrameBytes, which is " + maxFrameBytes);
        }
        this.frameBytes = frameBytes;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) {
        if (in.remaining() < frameBytes) {
            return null;
        }
        int start = in.position();
        int end = start + frameBytes;
        in.position(end);
        return view.of(in, start, end);
    }

    /** Always true: there is nothing to remember of a frame that has not arrived yet. */
    @Override
    public boolean atBoundary() {
        return true;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public ByteBuffer detach(ByteBuffer frame) {
        return FrameView.copy(frame);
    }
}
