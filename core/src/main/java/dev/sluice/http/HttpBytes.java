// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;

/** Which bytes may stand where. */
final class HttpBytes {
    /** The end of a line, as it is read from a buffer. */
    static final short CRLF = 0x0d0a;

    private static final byte TOKEN = 1;
    private static final byte TARGET = 2;
    private static final byte HOST = 4;
    private static final byte[] CLASSES = new byte[256];

    private static final long EACH = 0x0101010101010101L;
    private static final long TOPS = EACH * 0x80;

    static {
        for (int b = 0; b < 256; b++) {
            boolean alphanumeric = b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
            if (alphanumeric || "!#$%&'*+-.^_`|~".indexOf(b) >= 0) {
                CLASSES[b] |= TOKEN;
            }
            if (b > ' ' && b < 0x7f && b != '#') {
                CLASSES[b] |= TARGET;
            }
            if (alphanumeric || "-._~%!$&'()*+,;=:[]".indexOf(b) >= 0) {
                CLASSES[b] |= HOST;
            }
        }
    }

    private HttpBytes() {}

    /** What a name, a method or a token is made of (RFC 9110, 5.6.2). */
    static boolean isToken(byte b) {
        return (CLASSES[b & 0xff] & TOKEN) != 0;
    }

    /** What a request's target is made of: all that is visible, but for the sign of a fragment. */
    static boolean isTarget(byte b) {
        return (CLASSES[b & 0xff] & TARGET) != 0;
    }

    /** What a host with its port is made of (RFC 3986, 3.2.2). */
    static boolean isHost(byte b) {
        return (CLASSES[b & 0xff] & HOST) != 0;
    }

    /** The white space of HTTP: space and tab (RFC 9110, 5.6.3). */
    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }

    /** What a value is made of, but for the tab: all that is no control character (RFC 9110, 5.5). */
    static boolean isValue(byte b) {
        return b >= ' ' && b != 0x7f || b < 0;
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hex(int b) {
        if (isDigit(b)) {
            return b - '0';
        }
        int small = b | 0x20;
        return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
    }

    /** A letter as a small one, and whatever else it is as it is. */
    static int small(byte b) {
        return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
    }

    /** The index of the first byte from {@code at} on that is no {@linkplain #isToken token's}; or {@code end}. */
    static int skipToken(ByteBuffer in, int at, int end) {
        int i = at;
        while (i < end && isToken(in.get(i))) {
            i++;
        }
        return i;
    }

    /** The index of the first byte from {@code at} on that is no {@linkplain #isTarget target's}; or {@code end}. */
    static int skipTarget(ByteBuffer in, int at, int end) {
        int i = at;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long eight = in.getLong(i);
            long stop = (below(eight, '!') | equal(eight, 0x7f) | equal(eight, '#') | eight) & TOPS;
            if (stop != 0) {
                return i + first(stop);
            }
        }
        while (i < end && isTarget(in.get(i))) {
            i++;
        }
        return i;
    }

    /**
     * The index of the first byte from {@code at} on that is no {@linkplain #isValue value's}, a tab included; or
     * {@code end}.
     */
    static int skipValue(ByteBuffer in, int at, int end) {
        int i = at;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long eight = in.getLong(i);
            long stop = below(eight, ' ') | equal(eight, 0x7f);
            if (stop != 0) {
                return i + first(stop);
            }
        }
        while (i < end && isValue(in.get(i))) {
            i++;
        }
        return i;
    }

    // Of eight bytes at once, the first in memory the topmost. The answer has the top bit of each byte that is
    // meant, and no other; nothing is carried from one byte into the next, so each answer is exact.

    /** Which bytes are less than this, 1 to 127; none above 127 is. */
    private static long below(long eight, int b) {
        return ~((eight | TOPS) - EACH * b | eight) & TOPS;
    }

    /** Which bytes are this, 0 to 127. */
    private static long equal(long eight, int b) {
        return below(eight ^ EACH * b, 1);
    }

    /** The number of the first byte whose top bit is set. */
    private static int first(long tops) {
        return Long.numberOfLeadingZeros(tops) >>> 3;
    }
}
