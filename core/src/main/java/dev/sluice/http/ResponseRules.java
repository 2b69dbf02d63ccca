// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** What a response's head says about its body and its connection, which depends on the request that it answers. */
final class ResponseRules {
    private final FramingFields framing = new FramingFields();

    /** Judges a head all of whose lines were read, and tells the response what follows from it. */
    void apply(HttpResponse response, PendingRequests pending, ByteBuffer in, int base) throws FrameException {
        HttpFields fields = response.fields();
        framing.begin();
        for (int field = 0, count = fields.count(); field < count; field++) {
            framing.look(fields, field);
        }
        int status = response.status();
        if (status < HttpStatus.OK) {
            checkInformational(response, pending);
        }
        boolean tunnel = status == HttpStatus.SWITCHING_PROTOCOLS || pending.isConnect() && isSuccessful(status);
        boolean interim = status < HttpStatus.OK && !tunnel;
        boolean cannot = tunnel || interim || status == HttpStatus.NO_CONTENT;
        long length = framing.bodyLength(fields, response.isHttp10(), in, base);
        if (cannot && length != FramingFields.UNKNOWN && length != 0) {
            // Who believes the fields is out of step with who knows the status (RFC 9110, 8.6; RFC 9112, 6.1).
            throw Refusal.bad(StatusLine.STATUS, "a body's length where there can be no body");
        }
        boolean hasBody = !cannot && !pending.isHead() && status != HttpStatus.NOT_MODIFIED;
        boolean untilClose = hasBody && length == FramingFields.UNKNOWN;
        boolean keepAlive = !tunnel && !untilClose && framing.keepAlive(response.isHttp10());
        response.follows(length, hasBody, tunnel, interim || keepAlive);
    }

    /** RFC 9110, 15.2 and 7.8. */
    private static void checkInformational(HttpResponse response, PendingRequests pending) throws FrameException {
        if (response.isHttp10()) {
            throw Refusal.bad(StatusLine.STATUS, "an interim response of HTTP/1.0");
        }
        if (response.status() == HttpStatus.SWITCHING_PROTOCOLS) {
            if (!pending.mayUpgrade()) {
                throw Refusal.bad(StatusLine.STATUS, "a switch of protocols that was not asked for");
            }
            if (!response.fields().has("upgrade")) {
                throw Refusal.bad(StatusLine.STATUS, "a switch of protocols without an Upgrade field");
            }
        }
    }

    private static boolean isSuccessful(int status) {
        return status >= 200 && status < 300;
    }
}
