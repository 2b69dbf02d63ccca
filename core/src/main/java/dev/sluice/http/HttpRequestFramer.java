// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;

/**
 * Cuts a stream into HTTP requests of version 1.1 and 1.0, by the letter of RFC 9112. What two parsers might read
 * differently is refused: {@link FrameException#code} is the status to refuse it with, {@link FrameException#what} says why.
 * {@code docs/http.md} has all rules. Limits are {@link HttpLimits}.
 *
 * <p>Bodies are either gathered or streamed:
 *
 * <ul>
 *   <li>{@link #gathering}: each frame is an {@link HttpRequest} with its body. Head and body together have at most {@code maxFrameBytes}. In front of a
 *       request whose client waits for 100 Continue there is {@link HttpExpectation#CONTINUE}.
 *   <li>{@link #streaming}: a frame is a request's head, an {@link HttpRequest}, or a piece of its body, an
 *       {@link HttpContent}; of a body no more is held than is at hand. A request that {@linkplain HttpRequest#hasBody has
 *       a body} of more than 0 bytes is followed by one piece or more, and the last says that it is.
 * </ul>
 *
 * <p>Frames are {@linkplain Framer.Yields#PARTS parts} either way: with workers, requests of one connection are handled one
 * after another, as they may depend on each other.
 *
 * <p>Behind a request that is {@linkplain HttpRequest#isKeepAlive not kept alive} nothing is read any more: what comes is
 * dropped.
 */
public final class HttpRequestFramer implements Framer<HttpPart> {
    private enum Phase {
        LINE,
        FIELDS,
        LENGTH,
        CHUNKS,
        TRAILERS,
        OVER
    }

    private static final int LEAST_FRAME_BYTES = 64;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final boolean gathers;
    private final int maxFrameBytes;
    private final int headBytes;
    private final int trailerBytes;
    private final long bodyBytes;
    private final RequestLine line;
    private final FieldLines lines;
    private final ChunkedBody chunks;
    private final HttpRequest request = new HttpRequest();
    private final HttpContent content = new HttpContent();
    private final HttpFields trailers = new HttpFields();
    private final FrameView view = new FrameView();

    private Phase phase = Phase.LINE;
    private int at; // offset of the next byte to look at
    private int consumed; // bytes of the request that were consumed before it was whole, the position is behind them
    private int bodyAt; // offset of the body
    private int dataAt; // offset of the first chunk's data
    private int trailersAt; // offset of the trailer section
    private boolean severalChunks;
    private long left; // of a body that is streamed

    private HttpRequestFramer(int maxFrameBytes, HttpLimits limits, boolean gathers) {
        if (maxFrameBytes < LEAST_FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "maxFrameBytes: " + maxFrameBytes + ", no request fits into less than " + LEAST_FRAME_BYTES);
        }
        this.gathers = gathers;
        this.maxFrameBytes = maxFrameBytes;
        this.headBytes = Math.min(limits.headBytes(), maxFrameBytes);
        this.trailerBytes = Math.min(limits.trailerBytes(), maxFrameBytes);
        this.bodyBytes = limits.bodyBytes();
        this.line = new RequestLine(limits);
        this.lines = new FieldLines(limits);
        this.chunks = new ChunkedBody(limits);
    }

    /**
     * Makes a framer whose requests have their body.
     *
     * @param maxFrameBytes most bytes of a request, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpRequestFramer gathering(int maxFrameBytes, HttpLimits limits) {
        return new HttpRequestFramer(maxFrameBytes, limits, true);
    }

    /**
     * Makes a framer that yields bodies in pieces.
     *
     * @param maxFrameBytes most bytes of a head or a trailer section, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpRequestFramer streaming(int maxFrameBytes, HttpLimits limits) {
        return new HttpRequestFramer(maxFrameBytes, limits, false);
    }

    @Override
    public HttpPart next(ByteBuffer in) throws FrameException {
        return switch (phase) {
            case LINE, FIELDS -> head(in);
            case LENGTH -> gathers ? gatherLength(in) : streamLength(in);
            case CHUNKS, TRAILERS -> gathers ? gatherChunks(in) : streamChunks(in);
            case OVER -> {
                in.position(in.limit());
                yield null;
            }
        };
    }

    @Override
    public HttpPart end(ByteBuffer in) throws FrameException {
        if (phase != Phase.OVER && (in.hasRemaining() || !atBoundary())) {
            throw FrameException.truncated(in.remaining());
        }
        return null;
    }

    @Override
    public boolean atBoundary() {
        return phase == Phase.LINE && at == 0;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public HttpPart detach(HttpPart frame) {
        if (frame instanceof HttpRequest) {
            return request.detached(bodyAt);
        }
        return frame instanceof HttpContent ? content.detached() : frame;
    }

    // ---- the head

    private HttpPart head(ByteBuffer in) throws FrameException {
        int base = in.position();
        int end = base + Math.min(in.remaining(), headBytes);
        if (phase == Phase.LINE) {
            if (at == 0) {
                line.begin();
                request.begin();
            }
            int behind = line.read(in, base, at, end, request);
            if (behind < 0) {
                return notYet(~behind, base, end);
            }
            at = behind;
            phase = Phase.FIELDS;
            lines.begin();
        }
        int behind = lines.read(in, base, at, end, request.fields());
        if (behind < 0) {
            return notYet(~behind, base, end);
        }
        at = behind;
        bodyAt = behind;
        request.of(in, base);
        RequestRules.apply(request, in, base);
        return beginBody(in, base);
    }

    private HttpPart notYet(int reached, int base, int end) throws FrameException {
        at = reached;
        if (end - base == headBytes) {
            throw Refusal.headTooLong(headBytes);
        }
        return null;
    }

    private HttpPart beginBody(ByteBuffer in, int base) throws FrameException {
        long length = request.contentLength();
        if (!request.isChunked() && length <= 0) {
            return whole(in, base);
        }
        if (length > bodyBytes || gathers && length > maxFrameBytes - bodyAt) {
            throw Refusal.bodyTooLong(Math.min(bodyBytes, gathers ? maxFrameBytes - bodyAt : Long.MAX_VALUE));
        }
        left = length;
        chunks.begin();
        severalChunks = false;
        dataAt = 0;
        trailersAt = 0;
        phase = request.isChunked() ? Phase.CHUNKS : Phase.LENGTH;
        if (!gathers) {
            in.position(base + bodyAt);
            at = 0;
            return request;
        }
        if (request.expectsContinue()) {
            consumed = request.targetOffset();
            in.position(base + consumed);
            return HttpExpectation.CONTINUE;
        }
        return request.isChunked() ? gatherChunks(in) : gatherLength(in);
    }

    // ---- bodies that are gathered: nothing is consumed before all is there

    private HttpPart gatherLength(ByteBuffer in) {
        int base = in.position() - consumed;
        int end = bodyAt + (int) request.contentLength();
        if (in.limit() - base < end) {
            return null;
        }
        at = end;
        request.of(in, base).body(view.of(in, base + bodyAt, base + end), HttpRequest.NO_TRAILERS);
        return whole(in, base);
    }

    private HttpPart gatherChunks(ByteBuffer in) throws FrameException {
        int base = in.position() - consumed;
        int end = Math.min(in.limit(), base + maxFrameBytes);
        while (phase == Phase.CHUNKS) {
            at = chunks.read(in, base, base + at, end) - base;
            if (chunks.isData()) {
                noteChunk();
                int bytes = (int) Math.min(chunks.left(), end - base - at);
                chunks.took(bytes);
                at += bytes;
                if (bytes == 0) {
                    return notWhole(base, end);
                }
            } else if (chunks.isTrailers()) {
                beginTrailers(at);
            } else {
                return notWhole(base, end);
            }
        }
        int trailersEnd = Math.min(end, base + trailersAt + trailerBytes);
        int behind = lines.read(in, base, at, trailersEnd, trailers);
        if (behind < 0) {
            at = ~behind;
            requireTrailersFit(trailersEnd - base - trailersAt);
            return notWhole(base, end);
        }
        at = behind;
        trailers.of(in, base);
        request.of(in, base).body(gathered(in, base), trailers);
        return whole(in, base);
    }

    private void noteChunk() throws FrameException {
        if (dataAt == 0) {
            dataAt = at;
        } else if (at != dataAt + chunks.size() - chunks.left()) {
            severalChunks = true;
        }
        if (chunks.left() > maxFrameBytes - at) {
            throw Refusal.bodyTooLong(maxFrameBytes - bodyAt);
        }
    }

    private void beginTrailers(int offset) {
        phase = Phase.TRAILERS;
        trailersAt = offset;
        trailers.clear();
        lines.begin();
    }

    private void requireTrailersFit(int bytes) throws FrameException {
        if (bytes == trailerBytes) {
            throw Refusal.trailersTooLong(trailerBytes);
        }
    }

    private HttpPart notWhole(int base, int end) throws FrameException {
        if (end - base == maxFrameBytes) {
            throw Refusal.bodyTooLong(maxFrameBytes - bodyAt);
        }
        return null;
    }

    /** The data of all chunks: a view if there is only one. What stands between them was judged before. */
    private ByteBuffer gathered(ByteBuffer in, int base) {
        int size = (int) chunks.size();
        if (!severalChunks) {
            return size == 0 ? NOTHING : view.of(in, base + dataAt, base + dataAt + size);
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        int i = base + bodyAt;
        while (all.hasRemaining()) {
            int bytes = 0;
            for (int digit = HttpBytes.hex(in.get(i)); digit >= 0; digit = HttpBytes.hex(in.get(++i))) {
                bytes = bytes << 4 | digit;
            }
            while (in.get(i) != '\n') {
                i++;
            }
            all.put(view.of(in, i + 1, i + 1 + bytes));
            i += 1 + bytes + 2;
        }
        return all.flip();
    }

    /** The request is whole, and ends at {@code at}. */
    private HttpPart whole(ByteBuffer in, int base) {
        in.position(base + at);
        at = 0;
        consumed = 0;
        phase = request.isKeepAlive() ? Phase.LINE : Phase.OVER;
        return request;
    }

    // ---- bodies that are streamed: all that was looked at is consumed

    private HttpPart streamLength(ByteBuffer in) {
        int from = in.position();
        int bytes = (int) Math.min(left, in.remaining());
        left -= bytes;
        in.position(from + bytes);
        if (left == 0) {
            endBody();
        }
        return content.of(view.of(in, from, from + bytes), left == 0, HttpRequest.NO_TRAILERS);
    }

    private HttpPart streamChunks(ByteBuffer in) throws FrameException {
        if (phase == Phase.CHUNKS) {
            int from = chunks.read(in, in.position(), in.position(), in.limit());
            in.position(from);
            if (chunks.isData()) {
                return chunkData(in, from);
            }
            if (!chunks.isTrailers()) {
                return null;
            }
            beginTrailers(0);
        }
        int base = in.position();
        int end = base + Math.min(in.remaining(), trailerBytes);
        int behind = lines.read(in, base, at, end, trailers);
        if (behind < 0) {
            at = ~behind;
            requireTrailersFit(end - base);
            return null;
        }
        trailers.of(in, base);
        in.position(base + behind);
        endBody();
        return content.of(NOTHING, true, trailers);
    }

    private HttpPart chunkData(ByteBuffer in, int from) {
        int bytes = (int) Math.min(chunks.left(), in.limit() - from);
        if (bytes == 0) {
            return null;
        }
        chunks.took(bytes);
        in.position(from + bytes);
        return content.of(view.of(in, from, from + bytes), false, HttpRequest.NO_TRAILERS);
    }

    private void endBody() {
        at = 0;
        phase = request.isKeepAlive() ? Phase.LINE : Phase.OVER;
    }
}
