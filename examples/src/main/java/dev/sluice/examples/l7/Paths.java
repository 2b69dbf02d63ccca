// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.nio.ByteBuffer;

/**
 * What a target's path is (RFC 9112, 3.2), and whether it begins with another. A path that backends may read in several ways is
 * odd, and an {@link OddPath} says how; most are not, and nothing is allocated for these.
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

    /** Whether it may be read in more ways than one, or not be let through. */
    static boolean isOdd(ByteBuffer target, int begin, int end) {
        for (int i = begin; i < end; i++) {
            byte b = target.get(i);
            if (b == '%' || b == ';' || b == '\\') {
                return true;
            }
            if (b == '/' && i + 1 < end && (target.get(i + 1) == '/' || target.get(i + 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    /**
     * The path without percent signs, each byte as a character; or null if one is wrong, or there is a backslash, or a slash or a
     * zero that was written with one.
     */
    static String decoded(ByteBuffer target, int begin, int end) {
        StringBuilder path = new StringBuilder(end - begin);
        for (int i = begin; i < end; i++) {
            int c = target.get(i) & 0xff;
            if (c == '%') {
                c = i + 2 < end ? hex(target.get(i + 1)) << 4 | hex(target.get(i + 2)) : -1;
                i += 2;
                if (c <= 0 || c == '/') {
                    return null;
                }
            }
            if (c == '\\') {
                return null;
            }
            path.append((char) c);
        }
        return path.toString();
    }

    private static int hex(byte b) {
        int digit = Character.digit(b, 16);
        return digit < 0 ? -256 : digit;
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

    /** The same of a path that is decoded. */
    static boolean beginsWith(String path, String prefix) {
        return path.startsWith(prefix)
                && (path.length() == prefix.length() || prefix.endsWith("/") || path.charAt(prefix.length()) == '/');
    }
}
