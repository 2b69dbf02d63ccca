// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Puts a head together, of parts that were checked when they were received, or are the library's own. */
final class HeadWriter {
    private static final int BETWEEN = 4; // colon, space, CR, LF

    private byte[] bytes;
    private int length;

    HeadWriter(int expectedBytes) {
        bytes = new byte[expectedBytes];
    }

    HeadWriter put(byte[] part) {
        int at = grow(part.length);
        System.arraycopy(part, 0, bytes, at, part.length);
        return this;
    }

    /** Characters up to ff, as ISO 8859-1. */
    HeadWriter put(String part) {
        int at = grow(part.length());
        FieldBytes.copy(part, bytes, at);
        return this;
    }

    HeadWriter put(char c) {
        int at = grow(1);
        bytes[at] = (byte) c;
        return this;
    }

    HeadWriter put(ByteBuffer part) {
        int count = part.remaining();
        int at = grow(count);
        part.get(part.position(), bytes, at, count);
        return this;
    }

    HeadWriter put(long number) {
        return put(Long.toString(number));
    }

    HeadWriter line(String name, String value) {
        return put(name).put(": ").put(value).endLine();
    }

    /** A field as it was received, without the white space around its value. */
    HeadWriter line(HttpFields fields, int field) {
        int at = grow(fields.nameLength(field) + fields.valueLength(field) + BETWEEN);
        at = fields.copyName(field, bytes, at);
        bytes[at++] = ':';
        bytes[at++] = ' ';
        at = fields.copyValue(field, bytes, at);
        bytes[at++] = '\r';
        bytes[at] = '\n';
        return this;
    }

    HeadWriter value(HttpFields fields, int field) {
        int at = grow(fields.valueLength(field));
        fields.copyValue(field, bytes, at);
        return this;
    }

    HeadWriter endLine() {
        int at = grow(2);
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
        return this;
    }

    /** How many bytes of memory it holds. */
    int capacity() {
        return bytes.length;
    }

    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private int grow(int more) {
        int at = length;
        length += more;
        if (length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length, 2 * bytes.length));
        }
        return at;
    }
}
