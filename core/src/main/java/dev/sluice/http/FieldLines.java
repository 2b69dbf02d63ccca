// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Reads field lines up to the empty one (RFC 9112, 5). It looks at each byte once: when bytes run out it says how far it
 * has come, and goes on from there. All offsets are from {@code base}, an index of the buffer.
 */
final class FieldLines {
    private enum Phase {
        START,
        NAME,
        SPACE,
        VALUE,
        LINE_FEED,
        LAST_LINE_FEED
    }

    private final int fieldBytes;
    private final int mostFields;
    private Phase phase = Phase.START;
    private int line; // where it begins
    private int colon;
    private int value; // where it begins

    FieldLines(HttpLimits limits) {
        this.fieldBytes = limits.fieldBytes();
        this.mostFields = limits.fields();
    }

    void begin() {
        phase = Phase.START;
    }

    /**
     * Reads on from offset {@code at}.
     *
     * @param end the index behind the last byte that may be looked at
     * @return the offset behind the empty line; or if that isn't there yet, the complement of where to go on
     */
    int read(ByteBuffer in, int base, int at, int end, HttpFields into) throws FrameException {
        int i = base + at;
        while (i < end) {
            if (phase == Phase.START) {
                line = i - base;
            }
            // Of a line nothing beyond its limit is judged, so that it makes no difference how much of it is at hand.
            int stop = Math.min(end, base + line + fieldBytes);
            if (phase == Phase.START) {
                if (i + 2 <= stop && in.getShort(i) == HttpBytes.CRLF) {
                    phase = Phase.LAST_LINE_FEED;
                    return i + 2 - base;
                }
                int behind = wholeLine(in, base, i, stop, into);
                if (behind > 0) {
                    i = behind;
                    continue;
                }
            } else if (i == stop) {
                throw Refusal.fieldTooLong(fieldBytes);
            }
            switch (phase) {
                case START -> {
                    if (in.get(i) == '\r') {
                        phase = Phase.LAST_LINE_FEED;
                        i++;
                    } else {
                        phase = Phase.NAME;
                    }
                }
                case NAME -> {
                    i = HttpBytes.skipToken(in, i, stop);
                    if (i < stop) {
                        endName(in, base, i++);
                    }
                }
                case SPACE -> {
                    i = skipSpace(in, i, stop);
                    if (i < stop) {
                        value = i - base;
                        phase = Phase.VALUE;
                    }
                }
                case VALUE -> {
                    i = skipValue(in, i, stop);
                    if (i < stop) {
                        requireCr(in, base, i++);
                        phase = Phase.LINE_FEED;
                    }
                }
                case LINE_FEED -> {
                    requireLf(in, base, i++);
                    add(in, base, i - 2, into);
                    phase = Phase.START;
                }
                case LAST_LINE_FEED -> {
                    requireLf(in, base, i++);
                    return i - base;
                }
            }
        }
        if (phase != Phase.START && i - base - line >= fieldBytes) {
            throw Refusal.fieldTooLong(fieldBytes);
        }
        return ~(i - base);
    }

    /**
     * Reads a line that is all there and right, without going from phase to phase. Returns the index behind it; or 0 for
     * any other line, which is then read phase by phase, and what is wrong with it is said there.
     */
    private int wholeLine(ByteBuffer in, int base, int from, int end, HttpFields into) throws FrameException {
        int nameEnd = HttpBytes.skipToken(in, from, end);
        if (nameEnd == from || nameEnd == end || in.get(nameEnd) != ':') {
            return 0;
        }
        int valueFrom = skipSpace(in, nameEnd + 1, end);
        int cr = skipValue(in, valueFrom, end);
        if (end - cr < 2 || in.get(cr) != '\r' || in.get(cr + 1) != '\n') {
            return 0;
        }
        colon = nameEnd - base;
        value = valueFrom - base;
        add(in, base, cr, into);
        return cr + 2;
    }

    private static int skipSpace(ByteBuffer in, int from, int end) {
        int i = from;
        while (i < end && HttpBytes.isSpace(in.get(i))) {
            i++;
        }
        return i;
    }

    static int skipValue(ByteBuffer in, int from, int end) {
        int i = HttpBytes.skipValue(in, from, end);
        while (i < end && in.get(i) == '\t') {
            i = HttpBytes.skipValue(in, i + 1, end);
        }
        return i;
    }

    private void endName(ByteBuffer in, int base, int i) throws FrameException {
        byte b = in.get(i);
        int offset = i - base;
        if (b == ':' && offset > line) {
            colon = offset;
            phase = Phase.SPACE;
        } else if (b == ':') {
            throw Refusal.bad(offset, "a field without a name");
        } else if (HttpBytes.isSpace(b)) {
            throw Refusal.bad(offset, offset == line ? "a folded line" : "white space in front of a colon");
        } else {
            throw Refusal.bad(offset, b == '\r' || b == '\n' ? "a field without a colon" : "a bad byte in a name");
        }
    }

    static void requireCr(ByteBuffer in, int base, int i) throws FrameException {
        byte b = in.get(i);
        if (b != '\r') {
            throw Refusal.bad(i - base, b == '\n' ? "a line feed without carriage return" : "a control character");
        }
    }

    static void requireLf(ByteBuffer in, int base, int i) throws FrameException {
        if (in.get(i) != '\n') {
            throw Refusal.bad(i - base, "a carriage return without line feed");
        }
    }

    private void add(ByteBuffer in, int base, int cr, HttpFields into) throws FrameException {
        if (into.count() == mostFields) {
            throw Refusal.tooManyFields(mostFields);
        }
        int last = cr;
        while (last - base > value && HttpBytes.isSpace(in.get(last - 1))) {
            last--;
        }
        into.add(line, colon - line, value, last - base - value);
    }
}
