// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** The four forms of a target (RFC 9112, 3.2), and the Host field that belongs to it. */
final class TargetForms {
    private static final int LARGEST_PORT = 65_535;

    private TargetForms() {}

    /** {@code host} is the number of the Host field, -1 if there is none. */
    static void check(HttpRequest request, ByteBuffer in, int base, int host, boolean connects) throws FrameException {
        HttpFields fields = request.fields();
        if (host >= 0) {
            checkHost(in, base, fields.valueOffset(host), fields.valueLength(host));
        } else if (!request.isHttp10()) {
            throw Refusal.bad(request.targetOffset(), "no Host field");
        }
        int from = request.targetOffset();
        int to = from + request.targetLength();
        byte first = in.get(base + from);
        if (connects) {
            checkAuthority(in, base, from, to);
        } else if (first == '*' && to - from == 1) {
            if (!request.method().equals("OPTIONS")) {
                throw Refusal.bad(from, "the target * of another method than OPTIONS");
            }
        } else if (first != '/') {
            checkAbsolute(fields, in, base, from, to, host);
        }
    }

    private static void checkHost(ByteBuffer in, int base, int offset, int length) throws FrameException {
        for (int i = offset; i < offset + length; i++) {
            if (!HttpBytes.isHost(in.get(base + i))) {
                throw Refusal.bad(i, "a bad byte in Host");
            }
        }
    }

    /** {@code HOST:PORT}. */
    private static void checkAuthority(ByteBuffer in, int base, int from, int to) throws FrameException {
        int colon = to - 1;
        int port = 0;
        while (colon > from && HttpBytes.isDigit(in.get(base + colon))) {
            colon--;
        }
        for (int i = colon + 1; i < to && port <= LARGEST_PORT; i++) {
            port = 10 * port + in.get(base + i) - '0';
        }
        if (colon == from || in.get(base + colon) != ':' || colon == to - 1 || port > LARGEST_PORT) {
            throw Refusal.bad(from, "the target of CONNECT is not HOST:PORT");
        }
        checkHost(in, base, from, colon - from);
    }

    /** {@code SCHEME://AUTHORITY...}, where a Host field has to name the same authority. */
    private static void checkAbsolute(HttpFields fields, ByteBuffer in, int base, int from, int to, int host)
            throws FrameException {
        int i = from;
        while (i < to && isScheme(in.get(base + i), i == from)) {
            i++;
        }
        boolean right = i > from && to - i > 3 && in.get(base + i) == ':' && in.get(base + i + 1) == '/';
        if (!right || in.get(base + i + 2) != '/') {
            throw Refusal.bad(from, "a target in none of the four forms");
        }
        int authority = i + 3;
        int end = authority;
        while (end < to && HttpBytes.isHost(in.get(base + end))) {
            end++;
        }
        if (end == authority || end < to && in.get(base + end) != '/' && in.get(base + end) != '?') {
            throw Refusal.bad(end, "a bad authority in the target");
        }
        if (host >= 0 && !isSame(in, base, authority, end, fields.valueOffset(host), fields.valueLength(host))) {
            throw Refusal.bad(fields.valueOffset(host), "a Host field that is not the target's");
        }
    }

    private static boolean isScheme(byte b, boolean first) {
        int small = b | 0x20;
        boolean letter = small >= 'a' && small <= 'z' && b >= 'A';
        return letter || !first && (HttpBytes.isDigit(b) || b == '+' || b == '-' || b == '.');
    }

    private static boolean isSame(ByteBuffer in, int base, int from, int to, int otherFrom, int otherLength) {
        if (to - from != otherLength) {
            return false;
        }
        for (int i = 0; i < otherLength; i++) {
            if (HttpBytes.small(in.get(base + from + i)) != HttpBytes.small(in.get(base + otherFrom + i))) {
                return false;
            }
        }
        return true;
    }
}
