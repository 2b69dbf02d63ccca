// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Splits a line into words, as Redis does for inline requests. Words are separated by white space. A part of a word may
 * be quoted: in double quotes {@code \n \r \t \b \a \xHH} stand for bytes and a backslash takes its meaning from what
 * follows it otherwise, in single quotes only {@code \'} is special. A quoted part ends its word.
 *
 * <p>Words are copied, since without their quotes and escapes they are nowhere in the line; the copy is used again.
 */
final class InlineWords {
    private static final int USUAL_BYTES = 256;

    private ByteBuffer copy = ByteBuffer.allocate(USUAL_BYTES);
    private ByteBuffer in;
    private int start;
    private int at;
    private int end;
    private int written;

    /** Adds the words between {@code from} and {@code to} to a request. */
    void split(ByteBuffer line, int from, int to, RespRequest request) throws FrameException {
        in = line;
        start = from;
        at = from;
        end = to;
        written = 0;
        if (copy.capacity() < to - from || copy.capacity() > 16 * USUAL_BYTES) {
            copy = ByteBuffer.allocate(Math.max(USUAL_BYTES, to - from));
        }
        try {
            while (skipSpace()) {
                int begin = written;
                word();
                request.add(begin, written - begin);
            }
        } finally {
            in = null;
        }
        request.of(copy, 0);
    }

    private boolean skipSpace() {
        while (at < end && isSpace(in.get(at))) {
            at++;
        }
        return at < end;
    }

    private void word() throws FrameException {
        while (at < end) {
            byte b = in.get(at++);
            switch (b) {
                case ' ', '\r', '\t' -> {
                    return;
                }
                case '"', '\'' -> {
                    quoted(b);
                    return;
                }
                default -> put(b);
            }
        }
    }

    private void quoted(byte quote) throws FrameException {
        while (at < end) {
            byte b = in.get(at++);
            if (b == quote) {
                if (at < end && !isSpace(in.get(at))) {
                    break;
                }
                return;
            }
            if (b == '\\' && at < end && (quote == '"' || in.get(at) == '\'')) {
                copy.put(written++, escaped());
            } else {
                put(b);
            }
        }
        throw FrameException.malformed(at - start, "unbalanced quotes in request");
    }

    private byte escaped() {
        byte b = in.get(at++);
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            case 'x' -> hexadecimal();
            default -> b;
        };
    }

    private byte hexadecimal() {
        int high = end - at < 2 ? -1 : Character.digit((char) (in.get(at) & 0xFF), 16);
        int low = end - at < 2 ? -1 : Character.digit((char) (in.get(at + 1) & 0xFF), 16);
        if (high < 0 || low < 0) {
            return 'x';
        }
        at += 2;
        return (byte) (high << 4 | low);
    }

    // Redis never gets to the end of such a line.
    private void put(byte b) throws FrameException {
        if (b == 0) {
            throw FrameException.malformed(at - 1 - start, "zero byte in inline request");
        }
        copy.put(written++, b);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
