// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Takes the stream as it comes: each part is whatever has arrived, as a view of the bytes, valid until the next call.
 * For relays, echo servers and protocols that count their own bytes. Where the stream has frames, take a framer that
 * knows them: parts begin and end anywhere.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = RawFramer::new;
 * }</pre>
 */
public final class RawFramer implements Framer<ByteBuffer> {
    private final int maxFrameBytes;
    private final FrameView view = new FrameView();

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes in one part, 1 or more; where more has arrived, several parts follow each other
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public RawFramer(int maxFrameBytes) {
        if (maxFrameBytes < 1) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", must be 1 or more");
        }
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) {
        int start = in.position();
        int end = start + Math.min(in.remaining(), maxFrameBytes);
        in.position(end);
        return view.of(in, start, end);
    }

    @Override
    public boolean atBoundary() {
        return true;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public ByteBuffer detach(ByteBuffer part) {
        return FrameView.copy(part);
    }
}
