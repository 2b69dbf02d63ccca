// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Field lines as they are sent, checked before they are added. Kept and used again. */
final class FieldBytes {
    /** The most bytes that the lines of one reply may have. */
    static final int MOST_BYTES = 64 * 1024;

    private static final int FIRST_BYTES = 256;
    private static final int MOST_KEPT = 8 * 1024;
    private static final int BETWEEN = 4; // colon, space, CR, LF
    private static final byte[] NONE = {};
    private static final String WEAK = "W/";

    private byte[] bytes = NONE;
    private int length;

    /** Adds a line of a reply. If it is refused, nothing was added. */
    void add(String name, String value) {
        FieldNames.checkReply(name);
        addNamed(name, value);
    }

    /** Adds a line whose name was checked. If its value is refused, nothing was added. */
    void addNamed(String name, String value) {
        checkValue(name, value);
        int at = grow((long) name.length() + value.length() + BETWEEN);
        at = put(name, at);
        bytes[at++] = ':';
        bytes[at++] = ' ';
        at = put(value, at);
        bytes[at++] = '\r';
        bytes[at] = '\n';
    }

    /** Adds lines that were checked. */
    void add(byte[] lines) {
        int at = grow(lines.length);
        System.arraycopy(lines, 0, bytes, at, lines.length);
    }

    void add(FieldBytes others) {
        int at = grow(others.length);
        System.arraycopy(others.bytes, 0, bytes, at, others.length);
    }

    int length() {
        return length;
    }

    int capacity() {
        return bytes.length;
    }

    void copyInto(byte[] out, int at) {
        System.arraycopy(bytes, 0, out, at, length);
    }

    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    void clear() {
        length = 0;
        if (bytes.length > MOST_KEPT) {
            bytes = NONE; // a rare long head shall not cost memory for ever
        }
    }

    // ---- looking at what was added

    /** Whether there is a field of that name, without case. */
    boolean has(String name) {
        return find(name, 0) >= 0;
    }

    /** Whether this stands in the list that is the value of a field of that name; both without case. */
    boolean hasToken(String name, String token) {
        for (int line = find(name, 0); line >= 0; line = find(name, end(line))) {
            int from = line + name.length() + 1;
            String value = new String(bytes, from, end(line) - from, StandardCharsets.ISO_8859_1);
            for (String item : value.split(",")) {
                if (item.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Makes an {@code ETag} weak, if there is a strong one. */
    void weakenTag() {
        int line = find("ETag", 0);
        int value = line < 0 ? 0 : line + "ETag: ".length();
        if (line >= 0 && bytes[value] == '"') {
            int at = grow(WEAK.length());
            System.arraycopy(bytes, value, bytes, value + WEAK.length(), at - value);
            put(WEAK, value);
        }
    }

    /** Where the first line of that name begins, from a line on; -1 if there is none. */
    private int find(String name, int from) {
        for (int line = from; line < length; line = end(line)) {
            int colon = line + name.length();
            if (colon < length && bytes[colon] == ':' && is(line, name)) {
                return line;
            }
        }
        return -1;
    }

    private boolean is(int at, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (HttpBytes.small(bytes[at + i]) != HttpBytes.small((byte) name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Behind a line. */
    private int end(int line) {
        int at = line;
        while (bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    // ---- adding

    /**
     * Throws an exception if that is no value. What is in it might be a stranger's, so the message has only its length.
     *
     * @param name whose value it is
     */
    static void checkValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xff || c != '\t' && !HttpBytes.isValue((byte) c)) {
                throw new IllegalArgumentException(name + ": the value has " + Integer.toHexString(c)
                        + " (hexadecimal) at " + i
                        + "; it must be of visible characters up to ff, spaces and tabs, so that"
                        + " it can't become a field of its own");
            }
        }
    }

    private int grow(long more) {
        int at = length;
        if (more > MOST_BYTES - at) {
            throw new IllegalArgumentException("fields of more than " + MOST_BYTES + " bytes");
        }
        int needed = at + (int) more;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, Math.max(FIRST_BYTES, 2 * bytes.length)));
        }
        length = needed;
        return at;
    }

    private int put(String text, int from) {
        copy(text, bytes, from);
        return from + text.length();
    }

    /** Copies a text that was checked: its characters as ISO 8859-1. */
    static void copy(String text, byte[] into, int at) {
        Utf8.copyAscii(text, into, at);
    }
}
