// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A line that is put together, or a part of one. What a client sent goes through {@link #quoted} alone. */
final class LogLine {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    private static final byte[] PLAIN = new byte[256]; // 1 for what is shown as it is
    private static final int FIRST_BYTES = 256;
    private static final int MOST_KEPT = 8 * 1024;
    private static final int ESCAPED = "\\xHH".length();

    static {
        for (int b = ' '; b <= '~'; b++) {
            PLAIN[b] = (byte) (b == '"' || b == '\\' ? 0 : 1);
        }
    }

    private byte[] bytes;
    private ByteBuffer view;
    private int length;

    LogLine() {
        keepIn(new byte[FIRST_BYTES]);
    }

    private LogLine(byte[] bytes) {
        this.length = bytes.length;
        keepIn(bytes);
    }

    private void keepIn(byte[] newBytes) {
        bytes = newBytes;
        view = ByteBuffer.wrap(newBytes);
    }

    void clear() {
        length = 0;
        if (bytes.length > MOST_KEPT) {
            keepIn(new byte[FIRST_BYTES]); // a rare long line shall not cost memory for ever
        }
    }

    int capacity() {
        return bytes.length;
    }

    LogLine copy() {
        return new LogLine(Arrays.copyOf(bytes, length));
    }

    /** What was put here, valid until something else is done. */
    ByteBuffer toBuffer() {
        return view.clear().limit(length);
    }

    LogLine put(char ascii) {
        int at = room(1);
        bytes[at] = (byte) ascii;
        return this;
    }

    LogLine put(String ascii) {
        int at = room(ascii.length());
        Utf8.copyAscii(ascii, bytes, at);
        return this;
    }

    LogLine put(byte[] ascii) {
        int at = room(ascii.length);
        System.arraycopy(ascii, 0, bytes, at, ascii.length);
        return this;
    }

    LogLine put(LogLine other) {
        int at = room(other.length);
        System.arraycopy(other.bytes, 0, bytes, at, other.length);
        return this;
    }

    LogLine put(long number) {
        if (number > 9) {
            put(number / 10);
        }
        return put((char) ('0' + number % 10));
    }

    /** Puts what a client sent, escaped, and cut if there is more than {@code most}; the position stays. */
    LogLine quoted(ByteBuffer sent, int most) {
        int n = Math.min(most, sent.remaining());
        int at = room(n);
        sent.get(sent.position(), bytes, at, n);
        escape(at);
        return sent.remaining() > n ? put("...") : this;
    }

    /** Escapes what stands from an index on, from its end, so that each byte is moved to where it belongs. */
    private void escape(int from) {
        int end = length;
        byte[] put = bytes;
        int plain = 0;
        for (int i = from; i < end; i++) {
            plain += PLAIN[put[i] & 0xff];
        }
        if (plain == end - from) {
            return;
        }
        room((ESCAPED - 1) * (end - from - plain));
        int to = length;
        for (int i = end - 1; i >= from; i--) {
            byte b = bytes[i];
            if (PLAIN[b & 0xff] != 0) {
                bytes[--to] = b;
            } else {
                bytes[--to] = HEX[b & 0xf];
                bytes[--to] = HEX[b >> 4 & 0xf];
                bytes[--to] = 'x';
                bytes[--to] = '\\';
            }
        }
    }

    /** Returns where the next bytes go; the array may be another one then. */
    private int room(int more) {
        int at = length;
        int needed = at + more;
        if (needed > bytes.length) {
            keepIn(Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length)));
        }
        length = needed;
        return at;
    }
}
