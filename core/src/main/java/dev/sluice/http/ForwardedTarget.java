// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;

/**
 * Writes a target as a backend wants it, which is an origin server: as a path, also where the client sent the scheme and the
 * authority too (RFC 9112, 3.2.1).
 */
final class ForwardedTarget {
    private ForwardedTarget() {}

    /**
     * Writes it. Where the path begins with {@code prefix}, which may be empty, {@code replacement} takes its place.
     *
     * @param target as it was received, and checked
     */
    static void put(HeadWriter out, ByteBuffer target, String method, String prefix, String replacement) {
        if (method.equals("CONNECT")) {
            out.put(target);
            return;
        }
        int path = path(target);
        if (path == target.limit() || target.get(path) == '?') { // of http://host, with an empty path
            if (path == target.limit() && method.equals("OPTIONS")) {
                out.put('*');
                return;
            }
            out.put('/');
            prefix = "";
            replacement = "";
        }
        if (begins(target, path, prefix)) {
            out.put(replacement);
            path += prefix.length();
        }
        out.put(target.slice(path, target.limit() - path));
    }

    /** Writes the authority, if there is one. */
    static void putAuthority(HeadWriter out, ByteBuffer target, String method) {
        if (method.equals("CONNECT")) {
            out.put(target);
            return;
        }
        int from = authority(target);
        if (from >= 0) {
            out.put(target.slice(from, path(target) - from));
        }
    }

    private static boolean begins(ByteBuffer target, int at, String prefix) {
        if (target.limit() - at < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (target.get(at + i) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Where the path begins; its end if it is empty. */
    private static int path(ByteBuffer target) {
        int i = authority(target);
        if (i < 0) {
            return target.position();
        }
        while (i < target.limit() && target.get(i) != '/' && target.get(i) != '?') {
            i++;
        }
        return i;
    }

    /** Where the authority begins, or -1. */
    private static int authority(ByteBuffer target) {
        byte first = target.get(target.position());
        if (first == '/' || first == '*') {
            return -1;
        }
        int i = target.position();
        while (target.get(i) != ':') {
            i++;
        }
        return i + "://".length();
    }
}
