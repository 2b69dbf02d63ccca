// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts a stream into lines. A line is a view of its bytes without the ending, possibly empty, valid until the next call;
 * {@link #detach} copies it. Not for text whose characters have more than one byte per unit, such as UTF-16: there the
 * byte LF can be half of another character.
 *
 * <p>A line is {@link FrameException.Kind#TOO_LONG} as soon as {@code maxFrameBytes} bytes of it have arrived and its
 * ending is not complete within them; bytes behind those are never looked at, so the outcome is the same at every
 * split. A last line without an ending is {@link FrameException.Kind#TRUNCATED} when the stream ends.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = LineFramer::new;
 * FramerFactory<ByteBuffer> smtp = max -> new LineFramer(max, LineEnding.STRICT_CRLF);
 * }</pre>
 */
public final class LineFramer implements Framer<ByteBuffer> {
    private final int maxFrameBytes;
    private final LineEnding ending;
    private final FrameView view = new FrameView();

    /** How many bytes of the unfinished line need no second look. */
    private int scanned;

    /**
     * Makes a framer that takes LF and CR LF for the end of a line.
     *
     * @param maxFrameBytes most bytes of a line with its ending, 1 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public LineFramer(int maxFrameBytes) {
        this(maxFrameBytes, LineEnding.LF_OR_CRLF);
    }

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a line with its ending; as many as the ending has, or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public LineFramer(int maxFrameBytes, LineEnding ending) {
        if (maxFrameBytes < ending.minBytes()) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", must be " + ending.minBytes()
                    + " or more for lines that end with " + ending);
        }
        this.maxFrameBytes = maxFrameBytes;
        this.ending = ending;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        int start = in.position();
        int end = start + Math.min(in.remaining(), maxFrameBytes);
        int lineFeed =
                switch (ending) {
                    case LF, LF_OR_CRLF -> ByteScan.lineFeed(in, start + scanned, end);
                    case CRLF -> pair(in, start, end);
                    case STRICT_CRLF -> strictPair(in, start, end);
                };
        if (lineFeed < 0) {
            return unfinished(start, end);
        }
        int contentEnd = ending != LineEnding.LF && endsWithCr(in, start, lineFeed) ? lineFeed - 1 : lineFeed;
        scanned = 0;
        in.position(lineFeed + 1);
        return view.of(in, start, contentEnd);
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
    public ByteBuffer detach(ByteBuffer line) {
        return FrameView.copy(line);
    }

    private ByteBuffer unfinished(int start, int end) throws FrameException {
        if (end - start == maxFrameBytes) {
            throw FrameException.tooLong(maxFrameBytes + 1L, maxFrameBytes);
        }
        scanned = end - start;
        return null;
    }

    private int pair(ByteBuffer in, int start, int end) {
        int lineFeed = ByteScan.lineFeed(in, start + scanned, end);
        while (lineFeed >= 0 && !endsWithCr(in, start, lineFeed)) {
            lineFeed = ByteScan.lineFeed(in, lineFeed + 1, end);
        }
        return lineFeed;
    }

    private int strictPair(ByteBuffer in, int start, int end) throws FrameException {
        // The last byte seen before may have been a CR that waits for its LF, so look at that one again.
        int first = ByteScan.lineBreak(in, start + Math.max(0, scanned - 1), end);
        if (first < 0) {
            return -1;
        }
        if (in.get(first) == '\n') {
            throw FrameException.malformed(first - start, "LF without CR before it");
        }
        if (first + 1 == end) {
            return -1;
        }
        if (in.get(first + 1) != '\n') {
            throw FrameException.malformed(first - start, "CR without LF behind it");
        }
        return first + 1;
    }

    private static boolean endsWithCr(ByteBuffer in, int start, int end) {
        return end > start && in.get(end - 1) == '\r';
    }
}
