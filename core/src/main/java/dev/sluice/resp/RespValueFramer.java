// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Cuts a stream into values: for clients, whose server speaks RESP2 or RESP3. All types of both are read, also strings
 * and aggregates whose length is left open ({@code $?}, {@code *?}, {@code %?}, {@code ~?}), which come out like any
 * others. Attributes are kept, as {@link RespValue.Attributed}. A push is a frame of its own and is refused inside of
 * another value; a client tells it from replies by its type.
 *
 * <p>Values own their memory, so {@link #detach} returns what it is given.
 *
 * <p><b>Bounds.</b> A value has at most {@code maxFrameBytes} bytes on the wire, all that is in it included, and is
 * {@link FrameException.Kind#TOO_LONG} as soon as what it says of itself doesn't fit: a count of elements must leave
 * room for three bytes of each. Nothing is allocated for what was only announced. The objects of a value take memory in
 * proportion to its bytes: some 13 for each in the worst case, an array of bulk strings of one byte, and about twice
 * that while it is put together. Values are nested at most 32 deep, unless told otherwise; a deeper one is
 * {@link FrameException.Kind#MALFORMED}.
 *
 * <p>Strict in what it takes: CR LF ends lines, and neither stands alone; lengths are digits without sign or leading
 * zeros, but for RESP2's {@code $-1} and {@code *-1}; a floating-point number has at most 512 bytes.
 */
public final class RespValueFramer implements Framer<RespValue> {
    /** How deep values may be nested, unless told otherwise. */
    public static final int MAX_DEPTH = 32;

    private static final int MIN_VALUE_BYTES = 3; // _ CR LF
    private static final int NOT_YET = -1;

    private final int maxFrameBytes;
    private final int maxDepth;

    // of the unfinished value
    private OpenValue open; // the innermost, null if no aggregate has begun
    private int depth;
    private int consumed;
    private long owed; // values that must still come, as far as was announced
    private int scanned; // bytes of the line behind what was consumed that need no second look

    // what header() has found
    private int number;
    private boolean isNull;
    private boolean isStreamed;

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a value, 3 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public RespValueFramer(int maxFrameBytes) {
        this(maxFrameBytes, MAX_DEPTH);
    }

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a value, 3 or more
     * @param maxDepth most aggregates inside of each other, 0 to 1,000
     * @throws IllegalArgumentException if one is out of range
     */
    public RespValueFramer(int maxFrameBytes, int maxDepth) {
        if (maxFrameBytes < MIN_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "maxFrameBytes is " + maxFrameBytes + ", must be " + MIN_VALUE_BYTES + " or more");
        }
        if (maxDepth < 0 || maxDepth > 1000) { // values are compared and encoded by recursion
            throw new IllegalArgumentException("maxDepth is " + maxDepth + ", must be 0 to 1000");
        }
        this.maxFrameBytes = maxFrameBytes;
        this.maxDepth = maxDepth;
    }

    @Override
    public RespValue next(ByteBuffer in) throws FrameException {
        while (in.hasRemaining()) {
            int start = in.position();
            int end = start + Math.min(in.remaining(), maxFrameBytes - consumed);
            if (consumed == 0) {
                owed = 1;
            }
            RespType type = end == start ? null : typeAt(in, start);
            RespValue value = null;
            if (type != null) {
                value = switch (type.shape) {
                    case LINE -> line(type, in, start, end);
                    case BYTES -> bytes(type, in, start, end);
                    case VALUES -> values(type, in, start, end);
                };
            }
            int taken = in.position() - start;
            if (taken == 0) {
                if (end - start == maxFrameBytes - consumed) {
                    throw tooLong(maxFrameBytes + 1L);
                }
                return null;
            }
            consumed += taken;
            scanned = 0;
            RespValue whole = value == null ? null : complete(value);
            if (whole != null) {
                return whole;
            }
            long least = consumed + MIN_VALUE_BYTES * owed; // a stream may have grown
            if (least > maxFrameBytes) {
                throw tooLong(least);
            }
        }
        return null;
    }

    @Override
    public boolean atBoundary() {
        return consumed == 0 && scanned == 0;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public RespValue detach(RespValue frame) {
        return frame;
    }

    // ---- what may come here

    private RespType typeAt(ByteBuffer in, int at) throws FrameException {
        byte first = in.get(at);
        RespType type = RespType.of(first);
        boolean inString = open != null && open.type == RespType.BULK;
        boolean allowed = type != null
                && switch (type) {
                    case CHUNK -> inString;
                    case END -> open != null && open.mayEnd();
                    case PUSH -> open == null;
                    default -> !inString;
                };
        if (!allowed) {
            String what = type == null ? "no type begins with '" : "misplaced '";
            throw FrameException.malformed(consumed, what + RespText.printable(first) + "'");
        }
        return type;
    }

    // ---- the three shapes; each moves the position behind what it has read, or leaves it

    private RespValue line(RespType type, ByteBuffer in, int start, int end) throws FrameException {
        int from = start + 1;
        int most = LineValues.mostBytes(type);
        int at = from + scanned;
        while (at < end && in.get(at) != '\r' && in.get(at) != '\n') {
            if (at - from == most) {
                throw FrameException.malformed(offset(at, start), "more than " + most + " bytes of " + type);
            }
            at++;
        }
        scanned = Math.max(0, at - from);
        if (at >= end) {
            return null;
        }
        if (!isLineEnd(in, at, start, end)) {
            return null;
        }
        in.position(at + 2);
        if (type == RespType.END) {
            return close();
        }
        return LineValues.value(type, in, from, at, offset(from, start));
    }

    private RespValue bytes(RespType type, ByteBuffer in, int start, int end) throws FrameException {
        int from = header(type, in, start, end);
        if (from == NOT_YET) {
            return null;
        }
        if (isNull || isStreamed) {
            in.position(from);
            if (isNull) {
                return RespValue.Null.BULK;
            }
            open(OpenValue.streamed(open, type));
            return null;
        }
        if (type == RespType.CHUNK && number == 0) {
            in.position(from);
            return close();
        }
        requireFits((long) (from - start) + number + 2, 0);
        if (end - from <= number || !isLineEnd(in, from + number, start, end)) {
            return null;
        }
        byte[] contents = new byte[number];
        in.get(from, contents);
        in.position(from + number + 2);
        return string(type, contents, offset(from, start));
    }

    private RespValue string(RespType type, byte[] contents, long offset) throws FrameException {
        ByteBuffer bytes = ByteBuffer.wrap(contents);
        switch (type) {
            case BULK:
                return new RespValue.Bulk(bytes);
            case BLOB_ERROR:
                return new RespValue.BlobError(bytes);
            case CHUNK:
                open.addChunk(contents);
                return null;
            default:
                return verbatim(bytes, offset);
        }
    }

    private static RespValue verbatim(ByteBuffer bytes, long offset) throws FrameException {
        if (bytes.remaining() < 4 || bytes.get(3) != ':') {
            throw FrameException.malformed(offset, "a verbatim string without its format");
        }
        StringBuilder format = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            if (bytes.get(i) < ' ' || bytes.get(i) > '~') {
                throw FrameException.malformed(offset + i, "a verbatim string whose format is no text");
            }
            format.append((char) bytes.get(i));
        }
        return new RespValue.Verbatim(format.toString(), bytes.position(4));
    }

    private RespValue values(RespType type, ByteBuffer in, int start, int end) throws FrameException {
        int from = header(type, in, start, end);
        if (from == NOT_YET) {
            return null;
        }
        in.position(from);
        if (isNull) {
            return RespValue.Null.ARRAY;
        }
        if (isStreamed) {
            open(OpenValue.streamed(open, type));
            return null;
        }
        long elements = elements(type, number);
        requireFits(from - start, elements);
        if (elements == 0) {
            return OpenValue.of(type, List.of());
        }
        open(OpenValue.counted(open, type, (int) elements));
        owed += elements - 1; // in the place of the one that they are
        return null;
    }

    private static long elements(RespType type, long count) {
        return switch (type) {
            case MAPPING -> 2 * count;
            case ATTRIBUTED -> 2 * count + 1; // and the value that has them
            default -> count;
        };
    }

    // ---- lengths and counts

    /** Reads what follows a type up to CR LF. Returns the index behind that, or {@link #NOT_YET}. */
    private int header(RespType type, ByteBuffer in, int start, int end) throws FrameException {
        number = 0;
        isNull = false;
        isStreamed = false;
        int first = start + 1;
        for (int at = first; at < end; at++) {
            int b = in.get(at);
            if (b == '\r' && at > first) {
                return isLineEnd(in, at, start, end) ? at + 2 : NOT_YET;
            }
            if (!isHeaderByte(type, b, at - first)) {
                throw FrameException.malformed(offset(at, start), "invalid length of " + type);
            }
            if (b >= '0' && b <= '9' && !isNull) {
                digit(type, b - '0', at + 1 - start);
            }
        }
        return NOT_YET;
    }

    /** Takes digits without leading zeros, {@code ?} or {@code -1}; the latter two are remembered. */
    private boolean isHeaderByte(RespType type, int b, int index) {
        if (isNull) {
            return index == 1 && b == '1';
        }
        if (index == 0 && b == '?') {
            isStreamed = type.mayBeStreamed();
            return isStreamed;
        }
        if (index == 0 && b == '-') {
            isNull = type == RespType.BULK || type == RespType.ARRAY;
            return isNull;
        }
        return b >= '0' && b <= '9' && !isStreamed && (index == 0 || number > 0);
    }

    private void digit(RespType type, int digit, int bytes) throws FrameException {
        long value = 10L * number + digit;
        if (value == 0 && type == RespType.CHUNK) {
            return; // no part of the stream but its end, for which there is room
        }
        boolean isCount = type.shape == RespType.Shape.VALUES;
        requireFits(bytes + 2 + (isCount ? 0 : value), isCount ? elements(type, value) : 0);
        number = (int) value; // it fits, or it had been refused
    }

    /**
     * Refuses a value that leaves no room for what must come behind it.
     *
     * @param bytes what it has at least, without its elements
     */
    private void requireFits(long bytes, long elements) throws FrameException {
        boolean isExtra = open != null && open.isStreamed(); // it was not announced
        long others = elements + owed - (isExtra ? 0 : 1);
        long least = consumed + bytes + MIN_VALUE_BYTES * others;
        if (least > maxFrameBytes) {
            throw tooLong(least);
        }
    }

    private FrameException tooLong(long bytes) {
        return FrameException.tooLong(bytes, maxFrameBytes);
    }

    private boolean isLineEnd(ByteBuffer in, int at, int start, int end) throws FrameException {
        if (in.get(at) != '\r') {
            throw FrameException.malformed(offset(at, start), "expected CR LF");
        }
        if (at + 1 == end) {
            return false;
        }
        if (in.get(at + 1) != '\n') {
            throw FrameException.malformed(offset(at + 1, start), "CR without LF behind it");
        }
        return true;
    }

    private long offset(int at, int start) {
        return (long) consumed + at - start;
    }

    // ---- nesting

    private void open(OpenValue value) throws FrameException {
        if (isUnannounced(value)) {
            owed++;
        }
        open = value;
        depth++;
        if (depth > maxDepth) {
            throw FrameException.malformed(consumed, "nested deeper than " + maxDepth);
        }
    }

    private RespValue close() {
        RespValue value = open.value();
        if (open.isStreamed() && isUnannounced(open)) {
            owed--; // all that it owed itself was its end
        }
        open = open.outer;
        depth--;
        return value;
    }

    private static boolean isUnannounced(OpenValue value) {
        return value.outer != null && value.outer.isStreamed();
    }

    /** Puts a value into the one that it is a part of. Returns the outermost, if that is complete by it. */
    private RespValue complete(RespValue part) {
        RespValue value = part;
        if (open == null || !open.isStreamed()) {
            owed--;
        }
        while (open != null) {
            if (!open.add(value)) {
                return null;
            }
            value = close();
        }
        consumed = 0;
        return value;
    }
}
