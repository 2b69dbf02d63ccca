// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.Output;
import java.nio.ByteBuffer;

/** Encodes text without allocating. Half a surrogate pair becomes a question mark, as it does in the JDK. */
final class Utf8 {
    private static final int LONGEST = 4;

    private Utf8() {}

    /** Whether each character is one byte. */
    static boolean isAscii(String text) {
        int all = 0;
        for (int i = 0; i < text.length(); i++) {
            all |= text.charAt(i);
        }
        return all < 0x80;
    }

    /** Writes the low byte of each character: at the quickest for a text that {@linkplain #isAscii is ASCII}. */
    @SuppressWarnings("deprecation") // for just that, which is what is wanted
    static void copyAscii(String text, byte[] into, int at) {
        text.getBytes(0, text.length(), into, at);
    }

    /** The bytes that a text takes. */
    static long length(String text) {
        int chars = text.length();
        long bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 ? 1 : 2;
                if (Character.isSurrogate(c)) {
                    bytes -= 2; // a whole pair has 4 bytes for its 2 characters; half of one has 1
                    if (isPair(text, i)) {
                        bytes += 2;
                        i++;
                    }
                }
            }
        }
        return bytes;
    }

    /** Writes a text whose {@link #length} was found to be that. */
    static void put(Output out, String text, long bytes) {
        int chars = text.length();
        long left = bytes;
        for (int i = 0; i < chars; ) {
            int most = (int) Math.min(left, Output.MAX_ROOM);
            ByteBuffer room = out.room(most);
            int from = room.position();
            int to = from + most;
            int safe = left > most ? to - LONGEST : to - 1; // up to here any character fits
            int at = from;
            while (i < chars && at <= safe) {
                char c = text.charAt(i);
                if (c < 0x80) {
                    room.put(at++, (byte) c);
                    i++;
                } else {
                    int point = codePoint(text, i);
                    i += Character.charCount(point);
                    at = put(room, at, point);
                }
            }
            room.position(at);
            left -= at - from;
        }
    }

    private static int codePoint(String text, int i) {
        char c = text.charAt(i);
        if (!Character.isSurrogate(c)) {
            return c;
        }
        return isPair(text, i) ? Character.toCodePoint(c, text.charAt(i + 1)) : '?';
    }

    private static boolean isPair(String text, int i) {
        return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
    }

    private static int put(ByteBuffer room, int from, int c) {
        int at = from;
        if (c < 0x80) {
            room.put(at++, (byte) c);
            return at;
        }
        if (c < 0x800) {
            room.put(at++, (byte) (0xc0 | c >> 6));
        } else {
            if (c < 0x10000) {
                room.put(at++, (byte) (0xe0 | c >> 12));
            } else {
                room.put(at++, (byte) (0xf0 | c >> 18));
                room.put(at++, (byte) (0x80 | c >> 12 & 0x3f));
            }
            room.put(at++, (byte) (0x80 | c >> 6 & 0x3f));
        }
        room.put(at++, (byte) (0x80 | c & 0x3f));
        return at;
    }
}
