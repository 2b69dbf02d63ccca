// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;

/** Which bytes may stand where. */
final class HttpBytes {
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

    /** The index of the first byte from {@code at} on that is no {@linkplain #isValue value's}, a tab included; or {@code end}. */
    static int skipValue(ByteBuffer in, int at, int end) {
        int i = at;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long eight = in.getLong(i);
            long controls = eight - EACH * ' ' & ~eight;
            long delete = eight ^ EACH * 0x7f;
            if (((controls | delete - EACH & ~delete) & TOPS) != 0) {
                break;
            }
        }
        while (i < end && isValue(in.get(i))) {
            i++;
        }
        return i;
    }
}
