// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a target's path is (RFC 9112, 3.2), and whether it begins with another. Two ways to write the same path are the same here,
 * so that none leads around a route: letters with a percent sign are plain ones, several slashes are one, and segments {@code .}
 * and {@code ..} aren't let through.
 */
final class Paths {
    private Paths() {}

    /** Where the path begins; the end if it is empty. */
    static int begin(ByteBuffer target) {
        int at = target.position();
        byte first = target.get(at);
        if (first == '/' || first == '*') {
            return at;
        }
        int i = authority(target);
        while (i < target.limit() && target.get(i) != '/' && target.get(i) != '?') {
            i++;
        }
        return i;
    }

    /** Where the authority begins, or -1 if there is none. */
    static int authority(ByteBuffer target) {
        byte first = target.get(target.position());
        if (first == '/' || first == '*') {
            return -1;
        }
        for (int i = target.position(); i + 2 < target.limit(); i++) {
            if (target.get(i) == ':' && target.get(i + 1) == '/' && target.get(i + 2) == '/') {
                return i + 3;
            }
        }
        return target.position();
    }

    /** Where the path ends. */
    static int end(ByteBuffer target, int begin) {
        for (int i = begin; i < target.limit(); i++) {
            if (target.get(i) == '?') {
                return i;
            }
        }
        return target.limit();
    }

    /** Whether it may be written in a shorter way, or not be let through. */
    static boolean isOdd(ByteBuffer target, int begin, int end) {
        for (int i = begin; i < end; i++) {
            byte b = target.get(i);
            if (b == '%' || b == '/' && i + 1 < end && (target.get(i + 1) == '/' || target.get(i + 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    /** Its shortest form, or null if it isn't let through. */
    static String shortest(ByteBuffer target, int begin, int end) {
        StringBuilder path = new StringBuilder(end - begin);
        for (int i = begin; i < end; i++) {
            int c = target.get(i);
            if (c == '%') {
                int decoded = i + 2 < end ? hex(target.get(i + 1)) << 4 | hex(target.get(i + 2)) : -1;
                if (decoded < 0) {
                    return null;
                }
                i += 2;
                if (!isUnreserved(decoded)) {
                    path.append('%').append(Character.toUpperCase((char) target.get(i - 1)));
                    path.append(Character.toUpperCase((char) target.get(i)));
                    continue;
                }
                c = decoded;
            }
            if (c != '/' || path.length() == 0 || path.charAt(path.length() - 1) != '/') {
                path.append((char) c);
            }
        }
        String text = path.toString();
        return hasDots(text) ? null : text;
    }

    private static boolean hasDots(String path) {
        for (int at = path.indexOf("/."); at >= 0; at = path.indexOf("/.", at + 1)) {
            int behind = path.startsWith("/..", at) ? at + 3 : at + 2;
            if (behind == path.length() || path.charAt(behind) == '/') {
                return true;
            }
        }
        return false;
    }

    private static int hex(byte b) {
        int digit = Character.digit(b, 16);
        return digit < 0 ? -256 : digit;
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0;
    }

    /**
     * Whether the path begins with the prefix: where that doesn't end with a slash, it is also the end of a segment.
     */
    static boolean beginsWith(ByteBuffer target, int begin, int end, String prefix) {
        int length = prefix.length();
        if (end - begin < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (target.get(begin + i) != prefix.charAt(i)) {
                return false;
            }
        }
        return end - begin == length || prefix.charAt(length - 1) == '/' || target.get(begin + length) == '/';
    }

    /** The same of a path that {@link #shortest} has written. */
    static ByteBuffer bytes(String path) {
        return ByteBuffer.wrap(path.getBytes(StandardCharsets.ISO_8859_1));
    }
}
