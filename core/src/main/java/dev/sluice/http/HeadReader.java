// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Reads heads: a first line, and fields up to the empty one. Nothing is consumed; when bytes run out it goes on where it was.
 *
 * @param <H> what the head is of
 */
final class HeadReader<H> {
    private static final int LEAST_FRAME_BYTES = 64;

    private final StartLine<H> line;
    private final FieldLines lines;
    private final int headBytes;
    private int at; // offset of the next byte to look at
    private boolean inFields;

    HeadReader(StartLine<H> line, HttpLimits limits, int maxFrameBytes) {
        if (maxFrameBytes < LEAST_FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "maxFrameBytes: " + maxFrameBytes + ", no head fits into less than " + LEAST_FRAME_BYTES);
        }
        this.line = line;
        this.lines = new FieldLines(limits);
        this.headBytes = Math.min(limits.headBytes(), maxFrameBytes);
    }

    /** Whether nothing of a head was looked at. */
    boolean isAtStart() {
        return at == 0;
    }

    /** Reads a head that begins at the position. Returns its length, or -1 if it isn't all there. */
    int read(ByteBuffer in, H head, HttpFields fields) throws FrameException {
        int base = in.position();
        int end = base + Math.min(in.remaining(), headBytes);
        if (!inFields) {
            if (at == 0) {
                line.begin();
            }
            if (!cameThrough(line.read(in, base, at, end, head), base, end)) {
                return -1;
            }
            inFields = true;
            lines.begin();
        }
        if (!cameThrough(lines.read(in, base, at, end, fields), base, end)) {
            return -1;
        }
        int length = at;
        at = 0;
        inFields = false;
        return length;
    }

    private boolean cameThrough(int behind, int base, int end) throws FrameException {
        at = behind < 0 ? ~behind : behind;
        if (behind < 0 && end - base == headBytes) {
            throw Refusal.headTooLong(headBytes);
        }
        return behind >= 0;
    }
}
