// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;

/**
 * Reads the body behind a head. Either it is gathered: nothing is consumed before all is there, and offsets are from where
 * the head begins; or it is streamed: all that was looked at is consumed.
 */
final class BodyReader {
    private enum Phase {
        LENGTH,
        CHUNKS,
        TRAILERS,
        UNTIL_CLOSE
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final boolean gathers;
    private final int maxFrameBytes;
    private final int trailerBytes;
    private final long bodyBytes;
    private final FieldLines lines;
    private final ChunkedBody chunks;
    private final HttpFields trailers = new HttpFields();
    private final HttpContent content = new HttpContent();
    private final FrameView view = new FrameView();

    private Phase phase = Phase.LENGTH;
    private long left; // of a length; before the end of the connection, of what may come
    private int at; // offset of the next byte to look at
    private int trailersAt; // offset of the trailer section

    // of a body that is gathered
    private int bodyAt; // offset of the body
    private int dataAt; // offset of the first chunk's data
    private boolean severalChunks;
    private ByteBuffer body;

    BodyReader(HttpLimits limits, int maxFrameBytes, boolean gathers) {
        this.gathers = gathers;
        this.maxFrameBytes = maxFrameBytes;
        this.trailerBytes = Math.min(limits.trailerBytes(), maxFrameBytes);
        this.bodyBytes = limits.bodyBytes();
        this.lines = new FieldLines(limits);
        this.chunks = new ChunkedBody(limits);
    }

    // ---- how it begins

    /** A body of so many bytes, behind a head of so many. */
    void beginLength(long length, int headLength) throws FrameException {
        begin(Phase.LENGTH, headLength);
        if (length > mostBytes()) {
            throw Refusal.bodyTooLong(mostBytes());
        }
        left = length;
    }

    void beginChunks(int headLength) {
        begin(Phase.CHUNKS, headLength);
        chunks.begin();
        severalChunks = false;
        dataAt = 0;
    }

    void beginUntilClose(int headLength) {
        begin(Phase.UNTIL_CLOSE, headLength);
        left = mostBytes();
    }

    private void begin(Phase first, int headLength) {
        phase = first;
        bodyAt = headLength;
        at = gathers ? headLength : 0;
    }

    /** Lets go of the bytes of the last body, which were lent. */
    void forget() {
        body = null;
        trailers.clear();
    }

    /** Lets go of the bytes that were looked at, and of the last piece, and keeps what was found out. */
    void letGo() {
        body = null;
        content.letGo();
        trailers.letGo();
        view.forget();
    }

    /** About what it takes beyond its objects. */
    int keptBytes() {
        return trailers.keptBytes();
    }

    private long mostBytes() {
        return gathers ? Math.min(bodyBytes, maxFrameBytes - bodyAt) : bodyBytes;
    }

    // ---- gathered

    /** Reads on. Returns the offset behind the body, or -1 if it isn't all there. */
    int gather(ByteBuffer in, int base) throws FrameException {
        return switch (phase) {
            case LENGTH -> gatherLength(in, base);
            case CHUNKS, TRAILERS -> gatherChunks(in, base);
            case UNTIL_CLOSE -> {
                if (in.limit() - base - bodyAt > left) {
                    throw Refusal.bodyTooLong(left);
                }
                yield notWhole(base, in.limit());
            }
        };
    }

    /** The connection has ended, and with it the body, all of which is at hand. Returns the offset behind it. */
    int gatherToEnd(ByteBuffer in, int base) {
        body = view.of(in, base + bodyAt, in.limit());
        return in.limit() - base;
    }

    /** The body that was gathered. */
    ByteBuffer body() {
        return body;
    }

    /** What stands behind the body that was gathered. */
    HttpFields trailers() {
        return trailers;
    }

    private int gatherLength(ByteBuffer in, int base) {
        int end = bodyAt + (int) left;
        if (in.limit() - base < end) {
            return -1;
        }
        body = view.of(in, base + bodyAt, base + end);
        return end;
    }

    private int gatherChunks(ByteBuffer in, int base) throws FrameException {
        int end = base + Math.min(in.limit() - base, maxFrameBytes);
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
        int trailersFrom = base + trailersAt;
        int trailersEnd = trailersFrom + Math.min(end - trailersFrom, trailerBytes);
        int behind = lines.read(in, base, at, trailersEnd, trailers);
        if (behind < 0) {
            at = ~behind;
            requireTrailersFit(trailersEnd - trailersFrom);
            return notWhole(base, end);
        }
        trailers.of(in, base);
        body = gathered(in, base);
        return behind;
    }

    private void noteChunk() throws FrameException {
        if (dataAt == 0) {
            dataAt = at;
        } else if (at != dataAt + chunks.size() - chunks.left()) {
            severalChunks = true;
        }
        if (chunks.left() > maxFrameBytes - at) {
            throw frameTooLong();
        }
    }

    private FrameException frameTooLong() {
        return Refusal.bodyTooLong(maxFrameBytes - bodyAt);
    }

    private int notWhole(int base, int end) throws FrameException {
        if (end - base >= maxFrameBytes) {
            throw frameTooLong();
        }
        return -1;
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

    // ---- streamed

    /** Reads on. Returns a piece of the body, or null if none is at hand. */
    HttpContent stream(ByteBuffer in) throws FrameException {
        return switch (phase) {
            case LENGTH -> streamLeft(in, true);
            case CHUNKS, TRAILERS -> streamChunks(in);
            case UNTIL_CLOSE -> {
                if (left == 0) {
                    throw Refusal.bodyTooLong(bodyBytes);
                }
                yield streamLeft(in, false);
            }
        };
    }

    private HttpContent streamLeft(ByteBuffer in, boolean ends) {
        int bytes = (int) Math.min(left, in.remaining());
        left -= bytes;
        return piece(in, bytes, ends && left == 0);
    }

    private HttpContent streamChunks(ByteBuffer in) throws FrameException {
        if (phase == Phase.CHUNKS) {
            in.position(chunks.read(in, in.position(), in.position(), in.limit()));
            if (chunks.isData()) {
                return chunkData(in);
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
        return content.of(NOTHING, true, trailers);
    }

    private HttpContent chunkData(ByteBuffer in) {
        int bytes = (int) Math.min(chunks.left(), in.remaining());
        if (bytes == 0) {
            return null;
        }
        chunks.took(bytes);
        return piece(in, bytes, false);
    }

    private HttpContent piece(ByteBuffer in, int bytes, boolean isLast) {
        int from = in.position();
        in.position(from + bytes);
        return content.of(view.of(in, from, from + bytes), isLast, HttpFields.NONE);
    }

    /** All that is at hand, of what has no end of its own. */
    HttpContent all(ByteBuffer in) {
        return piece(in, in.remaining(), false);
    }

    /** The last piece of what the end of the connection ended. */
    HttpContent end() {
        return content.of(NOTHING, true, HttpFields.NONE);
    }

    // ---- both

    private void beginTrailers(int offset) {
        phase = Phase.TRAILERS;
        trailersAt = offset;
        at = offset;
        lines.begin();
    }

    private void requireTrailersFit(int bytes) throws FrameException {
        if (bytes == trailerBytes) {
            throw Refusal.trailersTooLong(trailerBytes);
        }
    }
}
