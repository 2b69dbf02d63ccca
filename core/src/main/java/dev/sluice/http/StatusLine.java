// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Reads a status line (RFC 9112, 4). Nothing may stand in front of it, so that a byte's offset says what it must be, up to the
 * reason. It looks at each byte once, as {@link FieldLines} does.
 */
final class StatusLine implements StartLine<HttpResponse> {
    /** Where the reason begins. */
    static final int REASON = 13;

    private static final String VERSION = "HTTP/1.";
    private static final int MINOR = 7;
    private static final int SPACE = 8;

    /** Where the status is. */
    static final int STATUS = 9;

    private final int lineBytes;
    private int status;
    private boolean isHttp10;
    private boolean inLineFeed;

    StatusLine(HttpLimits limits) {
        this.lineBytes = limits.requestLineBytes();
    }

    @Override
    public void begin() {
        status = 0;
        inLineFeed = false;
    }

    @Override
    public int read(ByteBuffer in, int base, int at, int mostEnd, HttpResponse into) throws FrameException {
        int end = Math.min(mostEnd, base + lineBytes); // beyond its limit nothing is judged, as of a field line
        int i = base + at;
        while (i < end && i - base < REASON) {
            fixed(in.get(i), i - base);
            i++;
        }
        if (i < end && !inLineFeed) {
            i = FieldLines.skipValue(in, i, end);
            if (i < end) {
                FieldLines.requireCr(in, base, i++);
                inLineFeed = true;
            }
        }
        if (i < end) {
            FieldLines.requireLf(in, base, i++);
            into.line(status, isHttp10, i - base - 2 - REASON);
            return i - base;
        }
        if (i - base == lineBytes) {
            throw FrameException.above(lineBytes, "status line too long", HttpStatus.BAD_GATEWAY);
        }
        return ~(i - base);
    }

    private void fixed(byte b, int offset) throws FrameException {
        if (offset < MINOR) {
            if (b != VERSION.charAt(offset)) {
                boolean other = offset == 5 && HttpBytes.isDigit(b);
                throw Refusal.bad(offset, other ? "another version of HTTP" : "a bad version");
            }
        } else if (offset == MINOR) {
            require(HttpBytes.isDigit(b), offset, "a bad version");
            isHttp10 = b == '0';
        } else if (offset == SPACE) {
            require(b == ' ', offset, "no single space behind the version");
        } else if (offset < REASON - 1) {
            require(HttpBytes.isDigit(b), offset, "a status that isn't of three digits");
            require(offset > STATUS || b >= '1' && b <= '5', offset, "a status out of 100 to 599");
            status = 10 * status + b - '0';
        } else {
            require(
                    b == ' ',
                    offset,
                    HttpBytes.isDigit(b) ? "a status that isn't of three digits" : "no space behind the status");
        }
    }

    private static void require(boolean right, int offset, String what) throws FrameException {
        if (!right) {
            throw Refusal.bad(offset, what);
        }
    }
}
