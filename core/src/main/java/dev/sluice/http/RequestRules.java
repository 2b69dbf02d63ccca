// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** What a head must say to be one, and what it says about its body and its connection. Never a guess. */
final class RequestRules {
    private static final String CHUNKED = "chunked";

    private RequestRules() {}

    /** Judges a head all of whose lines were read, and tells the request what follows from it. */
    static void apply(HttpRequest request, ByteBuffer in, int base) throws FrameException {
        HttpFields fields = request.fields();
        int host = -1;
        int length = -1;
        int encoding = -1;
        boolean close = false;
        boolean keep = false;
        for (int field = 0, count = fields.count(); field < count; field++) {
            switch (fields.nameLength(field)) {
                case 4 -> {
                    if (fields.nameIs(field, "host")) {
                        host = only(fields, host, field, "two Host fields");
                    }
                }
                case 6 -> {
                    if (fields.nameIs(field, "expect") && !request.isHttp10()) {
                        expect(request, fields, field);
                    }
                }
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
        body(request, in, base, length, encoding);
        boolean connects = request.method().equals("CONNECT");
        TargetForms.check(request, in, base, host, connects);
        // What follows a CONNECT may be meant for somebody else.
        request.keepAlive(!close && !connects && (!request.isHttp10() || keep));
    }

    private static int only(HttpFields fields, int before, int field, String what) throws FrameException {
        if (before >= 0) {
            throw Refusal.bad(fields.valueOffset(field), what);
        }
        return field;
    }

    private static void expect(HttpRequest request, HttpFields fields, int field) throws FrameException {
        if (!fields.valueIs(field, "100-continue")) {
            throw FrameException.malformed(
                    fields.valueOffset(field), "an unknown expectation", Refusal.EXPECTATION_FAILED);
        }
        request.expectsContinue(true);
    }

    private static void body(HttpRequest request, ByteBuffer in, int base, int length, int encoding)
            throws FrameException {
        HttpFields fields = request.fields();
        if (encoding >= 0) {
            int offset = fields.valueOffset(encoding);
            if (length >= 0) {
                throw Refusal.bad(offset, "both Transfer-Encoding and Content-Length");
            }
            if (request.isHttp10()) {
                throw Refusal.bad(offset, "Transfer-Encoding in HTTP/1.0");
            }
            if (!fields.valueIs(encoding, CHUNKED)) {
                throw wrongEncoding(fields, encoding, offset);
            }
            request.chunked(true);
        } else if (length >= 0) {
            request.contentLength(number(in, base, fields.valueOffset(length), fields.valueLength(length)));
        }
    }

    /** What could be right for somebody who knows more codings is not implemented; the rest is wrong for all. */
    private static FrameException wrongEncoding(HttpFields fields, int encoding, int offset) {
        if (fields.lastTokenIs(encoding, CHUNKED) && fields.countToken(encoding, CHUNKED) == 1) {
            return FrameException.malformed(offset, "an unknown transfer coding", Refusal.NOT_IMPLEMENTED);
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
