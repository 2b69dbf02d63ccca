// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The head of a reply: status line, Date, Connection, Content-Type, the handler's fields, and how the body is framed. */
final class ReplyHead {
    /** How it is told where the body ends. */
    enum Framing {
        /** Content-Length. */
        LENGTH,
        /** Transfer-Encoding. */
        CHUNKED,
        /** The end of the connection. */
        UNTIL_CLOSE,
        /** It is left out, and nobody knows how long it would be. */
        UNSAID,
        /** There is none, and no field says otherwise. */
        NONE
    }

    private static final byte[] CLOSE = ascii("\r\nConnection: close");
    private static final byte[] KEEP_ALIVE = ascii("\r\nConnection: keep-alive");
    private static final byte[] CONTENT_TYPE = ascii("\r\nContent-Type: ");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CONTENT_ENCODING = ascii("Content-Encoding: gzip\r\n");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n\r\n");
    private static final byte[] END = ascii("\r\n\r\n");
    private static final int MOST_TYPE_CHARS = 8 * 1024;
    /** What stands behind the handler's fields takes less. */
    private static final int LAST_BYTES = 64;
    /** Up to this a reply is put together before it is written. */
    private static final int SMALL_BYTES = 4 * 1024;

    private static final int FIRST_BYTES = 256;
    private static final byte[] NONE = {};

    final FieldBytes fields = new FieldBytes();
    private final HttpDate date;
    private int status = HttpStatus.OK;
    private String contentType;
    private Framing framing;
    private long length;
    private boolean coded; // with gzip
    private byte[] connection; // null if nothing has to be said
    private long now; // when this was begun, of the Reader's passes; 0 if that isn't known

    // The first lines as they were last, and what they said: most replies begin like the one before. What follows
    // is put behind them, and forgotten.
    private byte[] lines = NONE; // one that is deferred costs no memory for it before it is sent
    private int linesLength;
    private final byte[] contentLengthLine = Arrays.copyOf(CONTENT_LENGTH, LAST_BYTES);
    private int contentLengthBytes;
    private long contentLengthSaid = -1;
    private int linesStatus;
    private byte[] linesDate; // null before the first
    private long linesNow;
    private byte[] linesConnection;
    private String linesType;

    ReplyHead(HttpDate date) {
        this.date = date;
    }

    /** Begins with nothing said; {@code pass} is the Reader's {@code busySince}, whose date is asked for once. */
    void begin(long pass) {
        status = HttpStatus.OK;
        coded = false;
        fields.clear();
        now = pass;
    }

    /** What was said so far in another one. */
    void takeOver(ReplyHead other) {
        status = other.status;
        fields.add(other.fields);
    }

    void status(int newStatus) {
        if (!HttpStatus.isFinal(newStatus)) {
            throw new IllegalArgumentException("status: " + newStatus + " is not within 200 to 599");
        }
        status = newStatus;
    }

    int status() {
        return status;
    }

    void contentType(String type) {
        if (type != null && type != linesType) {
            checkType(type);
        }
        contentType = type;
    }

    /** Throws an exception if that is no value of a field. */
    static void checkType(String type) {
        if (type.length() > MOST_TYPE_CHARS) {
            throw new IllegalArgumentException("contentType: more than " + MOST_TYPE_CHARS + " characters");
        }
        FieldBytes.checkValue("contentType", type);
    }

    /** Of a body of so many bytes; without a body of its own the status decides that nothing is said of one. */
    void length(long bytes) {
        boolean bodiless = HttpStatus.isBodiless(status);
        if (bytes > 0 && (bodiless || status == HttpStatus.RESET_CONTENT)) {
            throw new IllegalArgumentException(
                    "a reply of status " + status + " has no body (RFC 9110, 15); call send()");
        }
        framing = bodiless ? Framing.NONE : Framing.LENGTH;
        length = bytes;
    }

    /** Whether the body is compressed. */
    void coded(boolean is) {
        coded = is;
    }

    /** Of a body that is left out, for HEAD, before its length is known. */
    void lengthUnsaid() {
        framing = Framing.UNSAID;
    }

    /** Of a body whose length isn't known. */
    void noLength(boolean chunked) {
        if (HttpStatus.isBodiless(status) || status == HttpStatus.RESET_CONTENT) {
            throw new IllegalArgumentException(
                    "a reply of status " + status + " has no body (RFC 9110, 15); call send()");
        }
        framing = chunked ? Framing.CHUNKED : Framing.UNTIL_CLOSE;
    }

    void connection(boolean closes, boolean isHttp10) {
        connection = closes ? CLOSE : isHttp10 ? KEEP_ALIVE : null;
    }

    void encode(Output out) {
        encode(out, "");
    }

    /**
     * Writes the head, and a text that is ASCII behind it. All of it is put together in an array, as far as that isn't
     * large, since many small steps into a direct buffer take more time.
     */
    void encode(Output out, String text) {
        firstLines(framing == Framing.NONE ? null : contentType);
        int first = linesLength;
        try {
            encodeBehind(out, text, first);
        } finally {
            linesLength = first; // whatever happens, or the next reply would have what is behind it twice
        }
    }

    private void encodeBehind(Output out, String text, int first) {
        if (first + fields.length() + LAST_BYTES + text.length() <= SMALL_BYTES) {
            int at = makeRoom(fields.length());
            fields.copyInto(lines, at);
            lastLine();
            at = makeRoom(text.length());
            Utf8.copyAscii(text, lines, at);
            out.room(linesLength).put(lines, 0, linesLength);
        } else {
            out.put(ByteBuffer.wrap(lines, 0, first));
            out.put(fields.toBuffer());
            lastLine();
            out.put(ByteBuffer.wrap(lines, first, linesLength - first));
            Utf8.put(out, text, text.length());
        }
    }

    private void firstLines(String type) {
        byte[] dateNow = now != 0 && now == linesNow ? linesDate : date.now();
        linesNow = now;
        boolean same = dateNow == linesDate && status == linesStatus && connection == linesConnection;
        if (same && type == linesType) {
            return;
        }
        linesLength = 0;
        append(HttpStatus.line(status));
        append(dateNow);
        if (connection != null) {
            append(connection);
        }
        if (type != null) {
            append(CONTENT_TYPE);
            int at = makeRoom(type.length());
            FieldBytes.copy(type, lines, at);
        }
        append(CRLF);
        linesStatus = status;
        linesDate = dateNow;
        linesConnection = connection;
        linesType = type;
    }

    private void append(byte[] bytes) {
        append(bytes, bytes.length);
    }

    private void append(byte[] bytes, int number) {
        int at = makeRoom(number);
        System.arraycopy(bytes, 0, lines, at, number);
    }

    /** Returns where the bytes go; the array may be another one then. */
    private int makeRoom(int bytes) {
        int at = linesLength;
        linesLength += bytes;
        if (linesLength > lines.length) {
            lines = Arrays.copyOf(lines, Math.max(linesLength, Math.max(FIRST_BYTES, 2 * lines.length)));
        }
        return at;
    }

    private void lastLine() {
        if (coded) {
            append(CONTENT_ENCODING);
        }
        switch (framing) {
            case LENGTH -> append(contentLength(), contentLengthBytes);
            case CHUNKED -> append(CHUNKED);
            default -> append(CRLF);
        }
    }

    /** That line and the empty one, as they were last: many replies are as long as the one before. */
    private byte[] contentLength() {
        if (length != contentLengthSaid) {
            int at = CONTENT_LENGTH.length + digits(length);
            contentLengthBytes = at + END.length;
            contentLengthSaid = length;
            System.arraycopy(END, 0, contentLengthLine, at, END.length);
            for (long rest = length; at > CONTENT_LENGTH.length; rest /= 10) {
                contentLengthLine[--at] = (byte) ('0' + rest % 10);
            }
        }
        return contentLengthLine;
    }

    private static int digits(long value) {
        int digits = 1;
        for (long rest = value; rest > 9; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** What its arrays take. */
    int keptBytes() {
        return fields.capacity() + lines.length + contentLengthLine.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
