// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** What a request's head must say to be one, and what it says about its body and its connection. Never a guess. */
final class RequestRules {
    private final FramingFields framing = new FramingFields();

    /** Judges a head all of whose lines were read, and tells the request what follows from it. */
    void apply(HttpRequest request, ByteBuffer in, int base) throws FrameException {
        HttpFields fields = request.fields();
        int host = -1;
        framing.begin();
        for (int field = 0, count = fields.count(); field < count; field++) {
            switch (fields.nameLength(field)) {
                case 4 -> {
                    if (fields.nameIs(field, "host")) {
                        host = FramingFields.only(fields, host, field, "two Host fields");
                    }
                }
                case 6 -> {
                    if (fields.nameIs(field, "expect") && !request.isHttp10()) {
                        expect(request, fields, field);
                    }
                }
                default -> framing.look(fields, field);
            }
        }
        long length = framing.bodyLength(fields, request.isHttp10(), in, base);
        request.chunked(length == FramingFields.CHUNKED);
        request.contentLength(Math.max(-1, length));
        boolean connects = request.method().equals("CONNECT");
        TargetForms.check(request, in, base, host, connects);
        // What follows a CONNECT may be meant for somebody else.
        request.keepAlive(!connects && framing.keepAlive(request.isHttp10()));
    }

    private static void expect(HttpRequest request, HttpFields fields, int field) throws FrameException {
        if (!fields.valueIs(field, "100-continue")) {
            throw FrameException.malformed(
                    fields.valueOffset(field), "an unknown expectation", HttpStatus.EXPECTATION_FAILED);
        }
        request.expectsContinue(true);
    }
}
