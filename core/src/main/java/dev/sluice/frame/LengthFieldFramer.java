// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts a stream into frames that say their own length, as a {@link LengthField} describes it. A frame is a view of the
 * bytes without those the field says to strip (by default the header), possibly empty, valid until the next call;
 * {@link #detach} copies it.
 *
 * <p>The length is judged as soon as the header is complete. More than {@code maxFrameBytes} for the whole frame is
 * {@link FrameException.Kind#TOO_LONG}, with the length that was claimed; less than the header, or than what is
 * stripped, is {@link FrameException.Kind#MALFORMED}. Lengths are unsigned, so one that a peer thinks of as negative is
 * too long.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = LengthField.bytes(4).framing();
 * Framer<ByteBuffer> framer = new LengthFieldFramer(1 << 20, LengthField.bytes(4));
 * }</pre>
 */
public final class LengthFieldFramer implements Framer<ByteBuffer> {
    private final int maxFrameBytes;
    private final LengthField field;
    private final int headerBytes;
    private final int minFrameBytes;
    private final int beyondValue;
    private final long maxValue;
    private final FrameView view = new FrameView();
    private int awaited; // bytes of the frame whose header has been read, 0 between frames

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a frame with its header; as many as the header has and as are stripped, or
     *     more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public LengthFieldFramer(int maxFrameBytes, LengthField field) {
        headerBytes = field.headerBytes();
        minFrameBytes = Math.max(headerBytes, field.stripped());
        if (maxFrameBytes < minFrameBytes) {
            throw new IllegalArgumentException(
                    "maxFrameBytes is " + maxFrameBytes + ", must be " + minFrameBytes + " or more for " + field);
        }
        beyondValue = field.beyondValue();
        maxValue = (long) maxFrameBytes - beyondValue;
        this.maxFrameBytes = maxFrameBytes;
        this.field = field;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        int available = in.remaining();
        if (available < awaited || available < headerBytes) {
            return null;
        }
        int start = in.position();
        int frameBytes = awaited > 0 ? awaited : frameBytes(field.read(in, start + field.offset()));
        if (available < frameBytes) {
            awaited = frameBytes;
            return null;
        }
        awaited = 0;
        int end = start + frameBytes;
        in.position(end);
        return view.of(in, start + field.stripped(), end);
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

    private int frameBytes(long value) throws FrameException {
        if (value < 0 || value > maxValue) {
            throw FrameException.tooLong(claimed(value), maxFrameBytes);
        }
        long frameBytes = value + beyondValue;
        if (frameBytes < minFrameBytes) {
            throw FrameException.malformed(
                    field.offset(),
                    "length " + value + " makes a frame of " + frameBytes + " bytes, fewer than the " + minFrameBytes
                            + " it must have,");
        }
        return (int) frameBytes;
    }

    /** The bytes of the whole frame, unsigned; if even that overflows, the largest number there is. */
    private long claimed(long value) {
        long frameBytes = value + beyondValue;
        boolean overflow = beyondValue > 0 && Long.compareUnsigned(frameBytes, value) < 0;
        return overflow ? -1 : frameBytes;
    }
}
