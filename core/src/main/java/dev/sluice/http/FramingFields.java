// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** Of a head's fields those that say where its body ends, and whether the connection goes on. Kept and used again. */
final class FramingFields {
    /** No field says how long the body is. */
    static final long UNKNOWN = -1;

    /** The body is chunked. */
    static final long CHUNKED = -2;

    private static final String CODING = "chunked";

    private int length; // which field it is, or -1
    private int encoding;
    private boolean close;
    private boolean keep;

    void begin() {
        length = -1;
        encoding = -1;
        close = false;
        keep = false;
    }

    /** Looks at a field, which may be any. */
    void look(HttpFields fields, int field) throws FrameException {
        switch (fields.nameLength(field)) {
            case 10 -> {
                if (fields.nameIs(field, "connection")) {
                    close |= fields.hasToken(field, "close");
                    keep |= fields.hasToken(field, "keep-alive");
                }
            }
            case 14 -> {
                if (fields.nameIs(field, "content-length")) {
                    length = only(fields, length, field, "two Content-Length fields");
                }
            }
            case 17 -> {
                if (fields.nameIs(field, "transfer-encoding")) {
                    encoding = only(fields, encoding, field, "two Transfer-Encoding fields");
                }
            }
            default -> {
                // says nothing about framing
            }
        }
    }

    /** Says which field it is; throws an exception if there was one before. */
    static int only(HttpFields fields, int before, int field, String what) throws FrameException {
        if (before >= 0) {
            throw Refusal.bad(fields.valueOffset(field), what);
        }
        return field;
    }

    /** Whether the connection may go on (RFC 9112, 9.3). */
    boolean keepAlive(boolean isHttp10) {
        return !close && (!isHttp10 || keep);
    }

    /** The bytes of the body as the fields say it (RFC 9112, 6), {@link #UNKNOWN} or {@link #CHUNKED}. */
    long bodyLength(HttpFields fields, boolean isHttp10, ByteBuffer in, int base) throws FrameException {
        if (encoding < 0) {
            return length < 0 ? UNKNOWN : number(in, base, fields.valueOffset(length), fields.valueLength(length));
        }
        int offset = fields.valueOffset(encoding);
        if (length >= 0) {
            throw Refusal.bad(offset, "both Transfer-Encoding and Content-Length");
        }
        if (isHttp10) {
            throw Refusal.bad(offset, "Transfer-Encoding in HTTP/1.0");
        }
        if (!fields.valueIs(encoding, CODING)) {
            throw wrongEncoding(fields, encoding, offset);
        }
        return CHUNKED;
    }

    /** What could be right for somebody who knows more codings is not implemented; the rest is wrong for all. */
    private static FrameException wrongEncoding(HttpFields fields, int encoding, int offset) {
        if (fields.lastTokenIs(encoding, CODING) && fields.countToken(encoding, CODING) == 1) {
            return FrameException.malformed(offset, "an unknown transfer coding", HttpStatus.NOT_IMPLEMENTED);
        }
        return Refusal.bad(offset, "a Transfer-Encoding that doesn't end with a single chunked");
    }

    private static long number(ByteBuffer in, int base, int offset, int length) throws FrameException {
        if (length == 0) {
            throw Refusal.bad(offset, "a Content-Length without digits");
        }
        long number = 0;
        for (int i = offset; i < offset + length; i++) {
            int digit = in.get(base + i) - '0';
            if (digit < 0 || digit > 9) {
                throw Refusal.bad(i, "a Content-Length that is no number");
            }
            if (number > (Long.MAX_VALUE - digit) / 10) {
                throw Refusal.bad(i, "a Content-Length out of range");
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
