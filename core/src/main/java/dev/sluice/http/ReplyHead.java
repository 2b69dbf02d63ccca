// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

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
        /** There is none, and no field says otherwise. */
        NONE
    }

    private static final byte[] CLOSE = ascii("\r\nConnection: close");
    private static final byte[] KEEP_ALIVE = ascii("\r\nConnection: keep-alive");
    private static final byte[] CONTENT_TYPE = ascii("\r\nContent-Type: ");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n\r\n");
    private static final byte[] END = ascii("\r\n\r\n");
    private static final int MOST_DIGITS = 19;
    private static final int MOST_TYPE_CHARS = 8 * 1024;
    /** What all but the status line, the type and the handler's fields take together, and more. */
    private static final int FIXED_BYTES = 160;

    final FieldBytes fields = new FieldBytes();
    private final HttpDate date;
    private int status = HttpStatus.OK;
    private String contentType;
    private Framing framing;
    private long length;
    private byte[] connection; // null if nothing has to be said

    ReplyHead(HttpDate date) {
        this.date = date;
    }

    void begin() {
        status = HttpStatus.OK;
        fields.clear();
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
        if (type != null) {
            if (type.length() > MOST_TYPE_CHARS) {
                throw new IllegalArgumentException("contentType: more than " + MOST_TYPE_CHARS + " characters");
            }
            FieldBytes.checkValue("contentType", type);
        }
        contentType = type;
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
        byte[] line = HttpStatus.line(status);
        boolean hasType = contentType != null && framing != Framing.NONE;
        int bytes = line.length + (hasType ? contentType.length() : 0) + FIXED_BYTES;
        if (bytes + fields.length() <= Output.MAX_ROOM) {
            ByteBuffer room = out.room(bytes + fields.length());
            begin(room, line, hasType);
            fields.putInto(room);
            end(room);
        } else {
            begin(out.room(bytes), line, hasType);
            out.put(fields.toBuffer());
            end(out.room(FIXED_BYTES));
        }
    }

    private void begin(ByteBuffer room, byte[] line, boolean hasType) {
        room.put(line).put(date.now());
        if (connection != null) {
            room.put(connection);
        }
        if (hasType) {
            room.put(CONTENT_TYPE);
            int at = room.position();
            for (int i = 0; i < contentType.length(); i++) {
                room.put(at++, (byte) contentType.charAt(i));
            }
            room.position(at);
        }
        room.put(CRLF);
    }

    private void end(ByteBuffer room) {
        switch (framing) {
            case LENGTH -> {
                room.put(CONTENT_LENGTH);
                digits(room, length);
                room.put(END);
            }
            case CHUNKED -> room.put(CHUNKED);
            default -> room.put(CRLF);
        }
    }

    private static void digits(ByteBuffer room, long value) {
        int from = room.position();
        int digits = 1;
        for (long rest = value; rest > 9; rest /= 10) {
            digits++;
        }
        assert digits <= MOST_DIGITS;
        int at = from + digits;
        long rest = value;
        do {
            room.put(--at, (byte) ('0' + rest % 10));
            rest /= 10;
        } while (at > from);
        room.position(from + digits);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
