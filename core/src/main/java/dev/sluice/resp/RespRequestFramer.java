// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;

/**
 * Cuts a stream into requests as a Redis server does: arrays of bulk strings, and <i>inline</i> ones, which are lines of
 * words that a person can type. Empty lines and arrays without elements ({@code *0}, {@code *-1}) say nothing and are
 * skipped. A request is a view, and none is allocated: see {@link RespRequest}.
 *
 * <p>It yields {@linkplain Framer.Yields#PARTS parts}: a request depends on those before it, as a GET on a SET, so with
 * workers one at a time of each connection is handled.
 *
 * <p><b>Refused</b> is what can't become a request, as soon as that can be told. {@link FrameException#what} gives the
 * words that Redis has for it; {@link RespOutput#refusal} sends them. Beyond Redis, CR LF has to stand where it belongs
 * (Redis skips two bytes, whatever they are), and an inline request can't hold a zero byte.
 *
 * <p><b>Limits</b>, in addition to {@code maxFrameBytes}, which counts everything from {@code *} to the last LF:
 *
 * <ul>
 *   <li>an argument's bytes, 512 MiB unless told otherwise (Redis' {@code proto-max-bulk-len}), and the number of
 *       arguments, 1,048,576: {@link FrameException.Kind#MALFORMED};
 *   <li>64 KiB in front of the line feed of an inline request: {@link FrameException.Kind#TOO_LONG}.
 * </ul>
 *
 * <p>Lengths and counts are judged by what they leave no room for: {@code *1000000} is refused at once if a request of so
 * many empty arguments would be too long. While a request is incomplete, its framer holds 8 bytes for each argument that
 * has arrived.
 *
 * <pre>{@code
 * Protocol<RespRequest> protocol = Protocol.of(RespRequestFramer::new, handler);
 * }</pre>
 */
public final class RespRequestFramer implements Framer<RespRequest> {
    /** Most bytes of an argument, unless told otherwise: 512 MiB. */
    public static final int MAX_BULK_BYTES = 512 * 1024 * 1024;

    /** Most arguments of a request, unless told otherwise. */
    public static final int MAX_ARGUMENTS = 1024 * 1024;

    /** Most bytes of an inline request in front of its line feed. */
    public static final int MAX_INLINE_BYTES = 64 * 1024;

    private static final int MIN_ARGUMENT_BYTES = 6; // $0 CR LF CR LF
    private static final int MIN_FRAME_BYTES = 4 + MIN_ARGUMENT_BYTES;
    private static final short CRLF = '\r' << 8 | '\n';
    private static final int ONE_DIGIT = '$' << 24 | CRLF;
    private static final long NOT_YET = -1;

    private final int maxFrameBytes;
    private final int maxBulkBytes;
    private final int maxArguments;
    private final RespRequest request = new RespRequest();
    private final InlineWords words = new InlineWords();

    private int expected; // arguments of the array whose header has been read, 0 between requests
    private int scanned; // bytes of the unfinished request that need no second look

    /**
     * Makes a framer with the limits of Redis.
     *
     * @param maxFrameBytes most bytes of a request, 10 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public RespRequestFramer(int maxFrameBytes) {
        this(maxFrameBytes, MAX_BULK_BYTES, MAX_ARGUMENTS);
    }

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a request, 10 or more
     * @param maxBulkBytes most bytes of an argument in an array, 0 or more
     * @param maxArguments most arguments of an array, 1 or more
     * @throws IllegalArgumentException if one is out of range
     */
    public RespRequestFramer(int maxFrameBytes, int maxBulkBytes, int maxArguments) {
        this.maxFrameBytes = atLeast("maxFrameBytes", maxFrameBytes, MIN_FRAME_BYTES);
        this.maxBulkBytes = atLeast("maxBulkBytes", maxBulkBytes, 0);
        this.maxArguments = atLeast("maxArguments", maxArguments, 1);
    }

    @Override
    public RespRequest next(ByteBuffer in) throws FrameException {
        while (in.hasRemaining()) {
            int start = in.position();
            int end = start + Math.min(in.remaining(), maxFrameBytes);
            if (expected == 0 && in.get(start) != '*') {
                int behind = inline(in, start);
                if (behind < 0) {
                    return null;
                }
                in.position(behind);
                if (request.count() > 0) {
                    return request;
                }
            } else if (expected > 0 || begin(in, start, end)) {
                return arguments(in, start, end);
            } else if (in.position() == start) {
                return notYet(start, end);
            }
        }
        return null;
    }

    @Override
    public boolean atBoundary() {
        return expected == 0 && scanned == 0;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public RespRequest detach(RespRequest frame) {
        return frame.detached();
    }

    // ---- arrays

    /** Reads {@code *3 CR LF}. Returns false if it isn't complete, or says nothing and was skipped. */
    @Override
    public int kept() {
        return KEPT_BYTES + request.keptBytes();
    }

    private boolean begin(ByteBuffer in, int start, int end) throws FrameException {
        long header = number(in, start, start + 1, end, 0);
        if (header == NOT_YET) {
            return false;
        }
        int behind = (int) header;
        expected = (int) (header >>> 32);
        if (expected == 0) {
            in.position(behind);
            return false;
        }
        scanned = behind - start;
        request.begin();
        return true;
    }

    private RespRequest arguments(ByteBuffer in, int start, int end) throws FrameException {
        int at = start + scanned;
        for (int missing = expected - request.count(); missing > 0; missing--) {
            long header = header(in, start, at, end, missing);
            if (header == NOT_YET) {
                scanned = at - start;
                return notYet(start, end);
            }
            int length = (int) (header >>> 32);
            int from = (int) header;
            int beyond = end - from - length; // what is at hand behind it, negative if not even all of it is
            if (beyond < 2) {
                scanned = at - start;
                if (beyond == 1 && in.get(end - 1) != '\r') {
                    throw noCrlf(in, start, end - 1);
                }
                return notYet(start, end);
            }
            int behind = from + length;
            if (in.getShort(behind) != CRLF) {
                throw noCrlf(in, start, behind);
            }
            request.add(from - start, length);
            at = behind + 2;
        }
        expected = 0;
        scanned = 0;
        in.position(at);
        return request.of(in, start);
    }

    /** Reads {@code $5 CR LF}. Most lengths have one digit: then it is one word. */
    private long header(ByteBuffer in, int start, int at, int end, int missing) throws FrameException {
        if (end - at >= 4) {
            int word = in.getInt(at);
            int digit = (word >>> 16 & 0xFF) - '0';
            boolean oneDigit = (word & 0xFF00FFFF) == ONE_DIGIT && digit >= 0 && digit <= 9;
            if (oneDigit && digit <= maxBulkBytes && fits(at + 4 - start, digit, missing)) {
                return (long) digit << 32 | (at + 4);
            }
        }
        return bulkHeader(in, start, at, end, missing);
    }

    private long bulkHeader(ByteBuffer in, int start, int at, int end, int missing) throws FrameException {
        if (at == end) {
            return NOT_YET;
        }
        byte first = in.get(at);
        if (first != '$') {
            throw FrameException.malformed(at - start, "expected '$', got '" + RespText.printable(first) + "'");
        }
        return number(in, start, at + 1, end, missing);
    }

    /**
     * Reads a count or a length up to its CR LF, strictly: no plus, no space, no zero in front.
     *
     * @param missing arguments that are to come, this one included; 0 if this is their count
     * @return the number above 32 bits of the index behind it, or {@link #NOT_YET}
     */
    private long number(ByteBuffer in, int start, int from, int end, int missing) throws FrameException {
        boolean isCount = missing == 0;
        boolean negative = isCount && from < end && in.get(from) == '-';
        int first = negative ? from + 1 : from;
        long value = 0;
        for (int at = first; at < end; at++) {
            int b = in.get(at);
            if (b == '\r' && at > first) {
                if (at + 1 == end) {
                    return NOT_YET;
                }
                if (in.get(at + 1) != '\n') {
                    throw invalid(isCount, at + 1 - start);
                }
                return (negative ? 0 : value) << 32 | (at + 2);
            }
            int digit = b - '0';
            if (digit < 0 || digit > 9 || (value == 0 && at > first) || (negative && digit == 0 && at == first)) {
                throw invalid(isCount, at - start);
            }
            value = 10 * value + digit;
            requireInRange(isCount, negative, value, at - start, missing);
        }
        return NOT_YET;
    }

    private void requireInRange(boolean isCount, boolean negative, long value, int offset, int missing)
            throws FrameException {
        if (negative) {
            if (value < 0 || value > Long.MAX_VALUE / 10) {
                throw invalid(true, offset);
            }
            return; // says nothing, whatever it is
        }
        if (value > (isCount ? maxArguments : maxBulkBytes)) {
            throw invalid(isCount, offset);
        }
        int behind = offset + 3;
        long least = isCount
                ? behind + value * MIN_ARGUMENT_BYTES
                : behind + value + 2 + (long) (missing - 1) * MIN_ARGUMENT_BYTES;
        if (least > maxFrameBytes) {
            throw FrameException.tooLong(least, maxFrameBytes, invalidText(isCount));
        }
    }

    /** Whether an argument leaves room for those that are to come, each of them empty. */
    private boolean fits(int offset, int length, int missing) {
        return offset + length + 2 + (long) (missing - 1) * MIN_ARGUMENT_BYTES <= maxFrameBytes;
    }

    private static FrameException invalid(boolean isCount, int offset) {
        return FrameException.malformed(offset, invalidText(isCount));
    }

    private static String invalidText(boolean isCount) {
        return isCount ? "invalid multibulk length" : "invalid bulk length";
    }

    private static FrameException noCrlf(ByteBuffer in, int start, int at) {
        return FrameException.malformed(
                (in.get(at) != '\r' ? at : at + 1) - start, "expected CR LF behind a bulk string");
    }

    private RespRequest notYet(int start, int end) throws FrameException {
        if (end - start == maxFrameBytes) {
            throw FrameException.tooLong(maxFrameBytes + 1L, maxFrameBytes, "too big request");
        }
        return null;
    }

    // ---- inline requests

    /** Reads a line of words. Returns the index behind it, or -1 if it isn't complete. */
    private int inline(ByteBuffer in, int start) throws FrameException {
        int most = Math.min(maxFrameBytes, MAX_INLINE_BYTES + 1);
        int end = start + Math.min(in.remaining(), most);
        int at = start + scanned;
        while (at < end && in.get(at) != '\n') {
            at++;
        }
        if (at == end) {
            if (end - start == most) {
                throw FrameException.tooLong(most + 1L, most, "too big inline request");
            }
            scanned = end - start;
            return -1;
        }
        scanned = 0;
        request.begin();
        words.split(in, start, at, request);
        return at + 1;
    }

    private static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + least + " or more");
        }
        return value;
    }
}
