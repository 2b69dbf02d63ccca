// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads a request line (RFC 9112, 3), with one empty line in front of it if there is one (2.2). It looks at each byte once,
 * as {@link FieldLines} does.
 */
final class RequestLine implements StartLine<HttpRequest> {
    private enum Phase {
        START,
        EMPTY_LINE,
        METHOD,
        TARGET,
        VERSION,
        LINE_FEED
    }

    private static final int LONGEST_METHOD = 32;
    private static final String VERSION = "HTTP/1.";
    private static final int VERSION_BYTES = 8;
    private static final long HTTP_1_1 = 0x485454502f312e31L; // "HTTP/1.1"
    private static final int GET_AND_SPACE = 0x47455420;
    private static final String[] KNOWN = {
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"
    };

    private final int lineBytes;
    private Phase phase = Phase.START;
    private int token; // where it begins

    RequestLine(HttpLimits limits) {
        this.lineBytes = limits.requestLineBytes();
    }

    @Override
    public void begin() {
        phase = Phase.START;
    }

    @Override
    public int read(ByteBuffer in, int base, int at, int mostEnd, HttpRequest into) throws FrameException {
        int end = Math.min(mostEnd, base + lineBytes); // beyond its limit nothing is judged, as of a field line
        int i = base + at;
        if (phase == Phase.START) {
            int behind = wholeLine(in, base, i, end, into);
            if (behind > 0) {
                return behind - base;
            }
        }
        while (i < end) {
            switch (phase) {
                case START -> {
                    if (in.get(i) == '\r') {
                        phase = Phase.EMPTY_LINE;
                        i++;
                    } else {
                        token = i - base;
                        phase = Phase.METHOD;
                    }
                }
                case EMPTY_LINE -> {
                    FieldLines.requireLf(in, base, i++);
                    token = i - base;
                    phase = Phase.METHOD;
                }
                case METHOD -> {
                    i = HttpBytes.skipToken(in, i, end);
                    if (i - base - token > LONGEST_METHOD) {
                        throw FrameException.above(LONGEST_METHOD, "method too long", HttpStatus.NOT_IMPLEMENTED);
                    }
                    if (i < end) {
                        endMethod(in, base, i++, into);
                    }
                }
                case TARGET -> {
                    i = HttpBytes.skipTarget(in, i, end);
                    if (i < end) {
                        endTarget(in, base, i++, into);
                    }
                }
                case VERSION -> {
                    if (end - i <= VERSION_BYTES) {
                        return notYet(in, base, i, end);
                    }
                    version(in, base, i, into);
                    i += VERSION_BYTES;
                    if (in.get(i) != '\r') {
                        throw Refusal.bad(i - base, "something behind the version");
                    }
                    i++;
                    phase = Phase.LINE_FEED;
                }
                case LINE_FEED -> {
                    FieldLines.requireLf(in, base, i++);
                    return i - base;
                }
            }
        }
        if (i - base == lineBytes) {
            throw Refusal.lineTooLong(lineBytes);
        }
        return ~(i - base);
    }

    /** As {@code FieldLines.wholeLine}, for a line of HTTP/1.1 without an empty one in front. */
    private int wholeLine(ByteBuffer in, int base, int from, int end, HttpRequest into) {
        int methodEnd;
        String method;
        if (end - from >= Integer.BYTES && in.getInt(from) == GET_AND_SPACE) {
            methodEnd = from + Integer.BYTES - 1;
            method = "GET";
        } else {
            methodEnd = HttpBytes.skipToken(in, from, end);
            int length = methodEnd - from;
            if (length == 0 || length > LONGEST_METHOD || methodEnd == end || in.get(methodEnd) != ' ') {
                return 0;
            }
            method = method(in, from, length);
        }
        int target = methodEnd + 1;
        int targetEnd = HttpBytes.skipTarget(in, target, end);
        int version = targetEnd + 1;
        int cr = version + VERSION_BYTES;
        int behind = cr + 2;
        if (targetEnd == target || behind > end || in.get(targetEnd) != ' ') {
            return 0;
        }
        if (in.getLong(version) != HTTP_1_1 || in.getShort(cr) != HttpBytes.CRLF) {
            return 0;
        }
        into.method(method);
        into.target(target - base, targetEnd - target);
        into.version(false);
        return behind;
    }

    // A few bytes, so that looking at them again costs nothing; but what they already prove is said at once.
    private int notYet(ByteBuffer in, int base, int from, int end) throws FrameException {
        for (int i = from; i < end; i++) {
            int n = i - from;
            if (n < VERSION.length() && in.get(i) != VERSION.charAt(n)) {
                throw wrongVersion(in, base, from, end);
            }
        }
        if (end - base == lineBytes) {
            throw Refusal.lineTooLong(lineBytes);
        }
        return ~(from - base);
    }

    private void endMethod(ByteBuffer in, int base, int i, HttpRequest into) throws FrameException {
        int length = i - base - token;
        if (in.get(i) != ' ' || length == 0) {
            throw Refusal.bad(i - base, "a bad byte in the method");
        }
        into.method(method(in, base + token, length));
        token = i + 1 - base;
        phase = Phase.TARGET;
    }

    private static String method(ByteBuffer in, int from, int length) {
        for (String known : KNOWN) {
            if (known.length() == length && is(in, from, known)) {
                return known;
            }
        }
        byte[] bytes = new byte[length];
        in.get(from, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static boolean is(ByteBuffer in, int from, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (in.get(from + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void endTarget(ByteBuffer in, int base, int i, HttpRequest into) throws FrameException {
        int length = i - base - token;
        byte b = in.get(i);
        if (b == '\r' || b == '\n') {
            throw Refusal.bad(i - base, "a request line without a version");
        }
        if (b != ' ' || length == 0) {
            throw Refusal.bad(i - base, b == '#' ? "a fragment in the target" : "a bad byte in the target");
        }
        into.target(token, length);
        token = i + 1 - base;
        phase = Phase.VERSION;
    }

    private static void version(ByteBuffer in, int base, int from, HttpRequest into) throws FrameException {
        int minor = in.get(from + VERSION.length());
        if (!is(in, from, VERSION) || !HttpBytes.isDigit(minor)) {
            throw wrongVersion(in, base, from, from + VERSION_BYTES);
        }
        into.version(minor == '0');
    }

    /** Another major version is one that isn't supported; all else is none. */
    private static FrameException wrongVersion(ByteBuffer in, int base, int from, int end) {
        boolean other = end - from > 5 && is(in, from, "HTTP/") && HttpBytes.isDigit(in.get(from + 5));
        if (other && in.get(from + 5) != '1') {
            return FrameException.malformed(from - base, "another version of HTTP", HttpStatus.VERSION_NOT_SUPPORTED);
        }
        return Refusal.bad(from - base, "a bad version");
    }
}
