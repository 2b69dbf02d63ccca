// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Looks at the beginning of a TLS stream until its first message is there, the {@link ClientHello}, and <b>consumes
 * nothing</b>: whoever ends the TLS needs all of the bytes, so a relay that has found the backend passes on everything
 * it has, from the same position.
 *
 * <p>Each call is given all bytes of the stream from its first one, more of them each time. A reader remembers how far
 * it has looked, so that work is linear, and nothing else: it never keeps bytes. The message may be spread over records
 * of any lengths, and those over reads; it is put together when it is complete, out of what has arrived, never by what
 * a length claims.
 *
 * <p><b>Refused</b> is what is no ClientHello by the letter, as soon as the headers of its records and of the message show it,
 * and by its content when it is complete. {@link FrameException#code} is the alert that TLS has for it, for instance 10
 * (unexpected_message) and 50 (decode_error). The rules are in {@code docs/preludes.md}.
 *
 * <p><b>Limit</b>: {@code maxBytes} of the stream, records' headers included: {@link FrameException.Kind#TOO_LONG}, at once if
 * the message says so.
 *
 * <pre>{@code
 * ClientHello hello = reader.look(in);       // null: more bytes are needed; the position of in stays
 * if (hello != null) {
 *     connect(backends.get(hello.serverName()), in);
 * }
 * }</pre>
 *
 * <p>If the stream ends first there is no hello. After a hello, the reader may go on with another stream; after a refusal, not.
 * One thread at a time.
 */
public final class ClientHelloReader {
    /** Most bytes of a ClientHello with its records' headers: 64 KiB. A reader has this limit unless it is told a lower one. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int LEAST = 512;
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int MAX_RECORD_BYTES = 1 << 14;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    private final int maxBytes;

    private int at; // offset of the next byte to look at
    private int header; // bytes of the record's header that were seen, while nothing is left of a record
    private int recordLength;
    private int left; // bytes of the record that are to come
    private int seen; // bytes of the message
    private int length; // of the message with its header, as far as its bytes were seen

    /** Makes a reader with a limit of 64 KiB. */
    public ClientHelloReader() {
        this(MAX_BYTES);
    }

    /**
     * Makes a reader.
     *
     * @param maxBytes most bytes of a ClientHello with its records' headers, 512 to 65,536
     * @throws IllegalArgumentException if {@code maxBytes} is out of range
     */
    public ClientHelloReader(int maxBytes) {
        if (maxBytes < LEAST || maxBytes > MAX_BYTES) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " is not in " + LEAST + " to " + MAX_BYTES);
        }
        this.maxBytes = maxBytes;
    }

    /**
     * Looks for the ClientHello.
     *
     * @param in all bytes of the stream so far, from its first one; position, limit and bytes stay as they are
     * @return the hello, or null if more bytes are needed
     * @throws FrameException if it can't become one; the reader isn't called again after that
     */
    public ClientHello look(ByteBuffer in) throws FrameException {
        int start = in.position();
        int available = Math.min(in.remaining(), maxBytes);
        while (at < available) {
            if (left == 0) {
                recordHeader(in.get(start + at) & 0xFF);
            } else if (seen < HelloMessage.HEADER_BYTES) {
                messageHeader(in.get(start + at) & 0xFF);
            } else {
                int more = Math.min(left, available - at);
                at += more;
                left -= more;
                seen += more;
            }
            if (seen >= HelloMessage.HEADER_BYTES && seen == length) {
                return complete(in, start);
            }
        }
        assert available < maxBytes : "the limit was not seen to be passed";
        return null;
    }

    /** Says whether this reader has looked at a beginning, and can't go on with another stream. */
    public boolean isBegun() {
        return at > 0;
    }

    // ---- records: RFC 8446, section 5.1

    private void recordHeader(int b) throws FrameException {
        switch (header) {
            case 0 -> require(b == HANDSHAKE, notHandshake(b), TlsAlert.UNEXPECTED_MESSAGE);
            case 1 -> require(b == 3, "a record of no version of TLS", TlsAlert.PROTOCOL_VERSION);
            case 2 -> {} // of the version, this is to be ignored
            case 3 -> recordLength = b << 8;
            default -> recordLength |= b;
        }
        if (++header == RECORD_HEADER_BYTES) {
            // RFC 5246, section 6.2.1, and RFC 8446, section 5.1: no empty ones of the handshake.
            require(recordLength > 0, "an empty record", TlsAlert.UNEXPECTED_MESSAGE);
            require(recordLength <= MAX_RECORD_BYTES, "a record above 16,384 bytes", TlsAlert.RECORD_OVERFLOW);
            header = 0;
            left = recordLength;
            if (seen >= HelloMessage.HEADER_BYTES) {
                requireMessageFits();
            }
        }
        at++;
    }

    private String notHandshake(int b) {
        if (at > 0) {
            return "another record inside the ClientHello";
        }
        if (b >= 20 && b <= 24) {
            return "a record of TLS that is none of the handshake";
        }
        return b >= 0x80 ? "a hello of SSLv2, or no TLS" : "no TLS";
    }

    // ---- the message's type and length: RFC 8446, section 4

    private void messageHeader(int b) throws FrameException {
        if (seen == 0) {
            require(b == CLIENT_HELLO, "a message other than ClientHello", TlsAlert.UNEXPECTED_MESSAGE);
        } else {
            length = length << 8 | b;
        }
        seen++;
        left--;
        if (seen == HelloMessage.HEADER_BYTES) {
            require(length >= HelloMessage.LEAST_BODY_BYTES, "a ClientHello too short", TlsAlert.DECODE_ERROR);
            length += HelloMessage.HEADER_BYTES;
            requireMessageFits();
        }
        at++;
    }

    /** The rest of the message fits below the limit, and the rest of the record into the message. */
    private void requireMessageFits() throws FrameException {
        int missing = length - seen;
        int anotherHeader = left < missing ? RECORD_HEADER_BYTES : 0;
        if (missing + anotherHeader > maxBytes - (at + 1)) {
            throw FrameException.above(maxBytes, "a ClientHello too long", TlsAlert.DECODE_ERROR);
        }
        // It ends with its record: nothing may follow before the server has answered, but for records of other keys.
        require(left <= missing, "bytes behind the ClientHello in its record", TlsAlert.UNEXPECTED_MESSAGE);
    }

    private void require(boolean holds, String what, int alert) throws FrameException {
        if (!holds) {
            throw FrameException.malformed(at, what, alert);
        }
    }

    // ---- the whole message

    private ClientHello complete(ByteBuffer in, int start) throws FrameException {
        int bytes = at;
        int messageLength = length;
        at = 0;
        seen = 0;
        length = 0;
        try {
            return HelloMessage.read(message(in, start, messageLength), bytes);
        } catch (FrameException e) {
            int offset = streamOffset(in, start, (int) e.offset(), messageLength);
            throw FrameException.malformed(offset, e.what(), e.code());
        }
    }

    /** A view if one record holds the message, else a copy without the headers of its records. */
    private static ByteBuffer message(ByteBuffer in, int start, int length) {
        if (recordLength(in, start) == length) {
            return in.slice(start + RECORD_HEADER_BYTES, length);
        }
        ByteBuffer message = ByteBuffer.allocate(length);
        for (int record = start; message.hasRemaining(); ) {
            int bytes = recordLength(in, record);
            message.put(message.position(), in, record + RECORD_HEADER_BYTES, bytes)
                    .position(message.position() + bytes);
            record += RECORD_HEADER_BYTES + bytes;
        }
        return message.flip();
    }

    /** Where an offset of the message is in the stream; that of its end is the end of its last record. */
    private static int streamOffset(ByteBuffer in, int start, int offset, int length) {
        int record = 0;
        int before = 0; // bytes of the message in the records in front
        int bytes = recordLength(in, start);
        while (before + bytes <= offset && before + bytes < length) {
            before += bytes;
            record += RECORD_HEADER_BYTES + bytes;
            bytes = recordLength(in, start + record);
        }
        return record + RECORD_HEADER_BYTES + offset - before;
    }

    private static int recordLength(ByteBuffer in, int record) {
        return in.getShort(record + 3) & 0xFFFF;
    }
}
