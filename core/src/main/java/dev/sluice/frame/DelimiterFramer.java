// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts a stream into frames that end with a {@link Delimiter} of any bytes. A frame is a view of its bytes without the
 * delimiter, possibly empty, valid until the next call; {@link #detach} copies it. Where delimiters overlap in the
 * stream, the first one that is complete ends the frame, and its bytes belong to no other.
 *
 * <p>A frame is {@link FrameException.Kind#TOO_LONG} as soon as {@code maxFrameBytes} bytes of it have arrived and its
 * delimiter is not complete within them; bytes behind those are never looked at, so the outcome is the same at every
 * split. The work is linear in the bytes, whatever the delimiter. A last frame without a delimiter is
 * {@link FrameException.Kind#TRUNCATED} when the stream ends.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = Delimiter.bytes(0).framing();
 * Framer<ByteBuffer> framer = new DelimiterFramer(1 << 16, Delimiter.text("||"));
 * }</pre>
 */
public final class DelimiterFramer implements Framer<ByteBuffer> {
    private final int maxFrameBytes;
    private final Delimiter delimiter;
    private final FrameView view = new FrameView();

    /** How many bytes of the unfinished frame need no second look. */
    private int scanned;

    /** How many of those, at their end, may be the beginning of the delimiter. */
    private int matched;

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a frame with its delimiter; as many as the delimiter has, or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public DelimiterFramer(int maxFrameBytes, Delimiter delimiter) {
        if (maxFrameBytes < delimiter.length()) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", must be " + delimiter.length()
                    + " or more for a delimiter of so many bytes");
        }
        this.maxFrameBytes = maxFrameBytes;
        this.delimiter = delimiter;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        int start = in.position();
        int end = start + Math.min(in.remaining(), maxFrameBytes);
        int found = delimiter.find(in, start + scanned, end, matched);
        if (found < 0) {
            return unfinished(end - start, ~found);
        }
        scanned = 0;
        matched = 0;
        in.position(found);
        return view.of(in, start, found - delimiter.length());
    }

    @Override
    public boolean atBoundary() {
        return scanned == 0;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public ByteBuffer detach(ByteBuffer frame) {
        return FrameView.copy(frame);
    }

    private ByteBuffer unfinished(int length, int matchedNow) throws FrameException {
        if (length == maxFrameBytes) {
            throw FrameException.tooLong(maxFrameBytes + 1L, maxFrameBytes);
        }
        scanned = length;
        matched = matchedNow;
        return null;
    }
}
