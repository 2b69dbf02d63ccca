// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the head of a backend's response as it goes on to the client. Kept and used again, by one thread at a time. */
final class ForwardedResponse {
    private static final byte[] VERSION = ascii("HTTP/1.1 ");
    private static final byte[] VIA = ascii("Via: ");
    private static final byte[] DATE = ascii("Date: ");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] UPGRADE = ascii("Connection: upgrade\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final int ADDED_BYTES = 160;

    private final HttpForwarding forwarding;
    private final EndToEnd endToEnd = new EndToEnd();

    // of the response
    private HttpResponse response;
    private boolean says; // how long the body is

    ForwardedResponse(HttpForwarding forwarding) {
        this.forwarding = forwarding;
    }

    /** Takes a response. */
    ForwardedResponse of(HttpResponse its) {
        response = its;
        int status = its.status();
        // Where there can be no body, its length would be taken for a lie by some (RFC 9110, 8.6).
        says = !its.isInterim() && !its.isTunnel() && status != HttpStatus.NO_CONTENT;
        return this;
    }

    /**
     * Returns the head.
     *
     * @param last the client's connection ends behind it
     */
    ByteBuffer encode(boolean last, boolean isHttp10, HttpReplyStream.Form form, HttpDate date) {
        HttpFields fields = response.fields();
        HeadWriter out = begin(fields);
        if (!fields.has("Date")) { // RFC 9110, 6.6.1
            out.put(DATE).put(date.now()).endLine();
        }
        if (response.isTunnel()) {
            encodeTunnel(out, fields);
        } else if (last) {
            out.put(CLOSE);
        } else if (isHttp10) {
            out.put(KEEP_ALIVE);
        }
        if (form == HttpReplyStream.Form.CHUNKED) {
            out.put(CHUNKED);
        } else if (says && response.contentLength() >= 0) {
            out.put(CONTENT_LENGTH).put(response.contentLength()).endLine();
        }
        response = null;
        return out.endLine().toBuffer();
    }

    private void encodeTunnel(HeadWriter out, HttpFields fields) {
        if (response.status() == HttpStatus.SWITCHING_PROTOCOLS) {
            for (int field = fields.find("Upgrade", 0); field >= 0; field = fields.find("Upgrade", field + 1)) {
                out.line(fields, field);
            }
            out.put(UPGRADE);
        }
    }

    /** Returns an interim response. */
    ByteBuffer encodeInterim() {
        HeadWriter out = begin(response.fields());
        response = null;
        return out.endLine().toBuffer();
    }

    private HeadWriter begin(HttpFields fields) {
        HeadWriter out = new HeadWriter(fields.bytes() + ADDED_BYTES);
        out.put(VERSION).put(response.status()).put(' ').put(response.reason()).endLine();
        endToEnd.begin(fields);
        for (int field = 0, count = fields.count(); field < count; field++) {
            if (endToEnd.goesOn(field)) {
                out.line(fields, field);
            }
        }
        if (forwarding.via() != null) { // behind those that are there, as a list goes on in another line
            out.put(VIA)
                    .put(response.isHttp10() ? "1.0 " : "1.1 ")
                    .put(forwarding.via())
                    .endLine();
        }
        return out;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
