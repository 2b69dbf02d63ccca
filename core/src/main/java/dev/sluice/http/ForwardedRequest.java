// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the head of a request as it goes on to a backend. Kept and used again, by one thread at a time. */
final class ForwardedRequest {
    private static final byte[] VERSION = ascii(" HTTP/1.1\r\nHost: ");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n\r\n");
    private static final byte[] FOR = ascii("X-Forwarded-For: ");
    private static final byte[] PROTO_HTTP = ascii("X-Forwarded-Proto: http\r\n");
    private static final byte[] PROTO_HTTPS = ascii("X-Forwarded-Proto: https\r\n");
    private static final byte[] HOST = ascii("X-Forwarded-Host: ");
    private static final byte[] FORWARDED = ascii("Forwarded: ");
    private static final byte[] UPGRADE = ascii("Connection: upgrade\r\n");
    private static final byte[] VIA = ascii("Via: ");
    private static final int ADDED_BYTES = 384;
    private static final String MAX_FORWARDS = "max-forwards";
    private static final byte[] HOPS = ascii("Max-Forwards: ");
    private static final int MOST_DIGITS = 9;
    private static final int MOST_HOPS = 999_999_999;
    private static final String FORWARDED_NAME = "forwarded"; // as long as x-real-ip
    private static final String X_FORWARDED = "x-forwarded-";
    private static final String FOR_NAME = "x-forwarded-for";

    private final HttpForwarding forwarding;
    private final EndToEnd endToEnd = new EndToEnd();

    // of the request
    private HttpFields fields;
    private boolean trusted;
    private InetAddress clientAddress; // null if it has none
    private boolean hasHost; // the client said which host it wants
    private int host; // the field

    // of the client before: most requests follow one of the same connection
    private SocketAddress remote;
    private String remoteText;

    ForwardedRequest(HttpForwarding forwarding) {
        this.forwarding = forwarding;
    }

    /** Returns the head up to what says how long the body is. */
    HeadWriter begin(HttpRequest request, HttpBackends backends, Connection client, boolean upgrades) {
        fields = request.fields();
        host = fields.find("Host", 0);
        hasHost = host >= 0;
        lookAt(client.remoteAddress());
        HeadWriter out = new HeadWriter(request.targetLength() + fields.bytes() + ADDED_BYTES);
        out.put(request.method()).put(' ');
        ByteBuffer target = request.targetBytes();
        ForwardedTarget.put(out, target, request.method(), backends.prefix(), backends.replacement());
        out.put(VERSION);
        if (backends.host() != null) {
            out.put(backends.host());
        } else if (hasHost) {
            out.value(fields, host);
        } else {
            ForwardedTarget.putAuthority(
                    out, target, request.method()); // if nobody knows, an empty one says so (RFC 9112, 3.2)
        }
        out.endLine();
        endToEnd.begin(fields);
        boolean countsHops = request.method().equals("OPTIONS");
        for (int field = 0, count = fields.count(); field < count; field++) {
            if (field == host || !endToEnd.goesOn(field) || isOurs(field)) {
                continue;
            }
            if (countsHops && isMaxForwards(field)) {
                putOneHopLess(out, field);
            } else {
                out.line(fields, field);
            }
        }
        if (upgrades) {
            out.line(fields, fields.find("Upgrade", 0)).put(UPGRADE);
        }
        if (forwarding.xForwarded()) {
            putXForwarded(out, client.tlsInfo() != null);
        }
        if (forwarding.forwarded()) {
            putForwarded(out, client.tlsInfo() != null);
        }
        if (forwarding.via() != null) {
            putVia(out, request);
        }
        fields = null;
        return out;
    }

    /** Ends the head of a request without a body. */
    static ByteBuffer endWithoutBody(HeadWriter out, boolean saysSo) {
        if (saysSo) {
            out.put(CONTENT_LENGTH).put('0').endLine();
        }
        return out.endLine().toBuffer();
    }

    static ByteBuffer endWithLength(HeadWriter out, long bytes) {
        return out.put(CONTENT_LENGTH).put(bytes).endLine().endLine().toBuffer();
    }

    static ByteBuffer endWithChunks(HeadWriter out) {
        return out.put(CHUNKED).toBuffer();
    }

    private void lookAt(SocketAddress its) {
        if (remoteText == null || its != remote) {
            remote = its;
            remoteText = AccessLines.address(its);
        }
        clientAddress = its instanceof InetSocketAddress inet ? inet.getAddress() : null;
        trusted = forwarding.trusts(clientAddress);
    }

    /** Whether the proxy has said that itself, or speaks for the client here, which is not believed. */
    private boolean isOurs(int field) {
        int length = fields.nameLength(field);
        if (length == 3) {
            return forwarding.via() != null && fields.nameIs(field, "via");
        }
        if (length == 4) {
            return fields.nameLooksLike(field, "host");
        }
        boolean speaksOfClient = length == FORWARDED_NAME.length()
                ? fields.nameLooksLike(field, FORWARDED_NAME) || fields.nameLooksLike(field, "x-real-ip")
                : length >= X_FORWARDED.length() && fields.nameLooksLike(field, X_FORWARDED);
        return speaksOfClient && !(trusted && isKept(field, length));
    }

    /** Whether what a trusted proxy said is passed on as it is. */
    private boolean isKept(int field, int length) {
        if (length == FORWARDED_NAME.length()) {
            return fields.nameIs(field, "x-real-ip") || !forwarding.forwarded() && fields.nameIs(field, FORWARDED_NAME);
        }
        boolean isJoined = forwarding.xForwarded() && length == FOR_NAME.length() && fields.nameIs(field, FOR_NAME);
        return !isJoined && fields.nameIs(field, X_FORWARDED);
    }

    private boolean isMaxForwards(int field) {
        return fields.nameLength(field) == MAX_FORWARDS.length() && fields.nameIs(field, MAX_FORWARDS);
    }

    /** RFC 9110, 7.6.2: one less, or as many as are counted here. What is no number goes on as it is. */
    private void putOneHopLess(HeadWriter out, int field) {
        String hops = fields.value(field);
        if (hops.isEmpty() || !hops.chars().allMatch(c -> c >= '0' && c <= '9')) {
            out.line(fields, field);
            return;
        }
        long left = hops.length() > MOST_DIGITS ? MOST_HOPS : Math.max(0, Integer.parseInt(hops) - 1);
        out.put(HOPS).put(left).endLine();
    }

    private void putXForwarded(HeadWriter out, boolean isTls) {
        out.put(FOR);
        if (trusted) {
            putOthers(out, "X-Forwarded-For");
        }
        out.put(clientAddress == null ? "unknown" : remoteText).endLine();
        if (!trusted || !fields.has("X-Forwarded-Proto")) {
            out.put(isTls ? PROTO_HTTPS : PROTO_HTTP);
        }
        if (hasHost && (!trusted || !fields.has("X-Forwarded-Host"))) {
            out.put(HOST).value(fields, host).endLine();
        }
    }

    /** RFC 7239, 4. */
    private void putForwarded(HeadWriter out, boolean isTls) {
        out.put(FORWARDED);
        if (trusted) {
            putOthers(out, "Forwarded");
        }
        out.put("for=");
        if (clientAddress == null) {
            out.put("unknown");
        } else if (clientAddress instanceof Inet6Address) {
            out.put("\"[").put(remoteText).put("]\"");
        } else {
            out.put(remoteText);
        }
        if (hasHost) {
            out.put(";host=\"").value(fields, host).put('"'); // which has no quotes in it
        }
        out.put(isTls ? ";proto=https" : ";proto=http").endLine();
    }

    private void putVia(HeadWriter out, HttpRequest request) {
        out.put(VIA);
        putOthers(out, "Via");
        out.put(request.isHttp10() ? "1.0 " : "1.1 ").put(forwarding.via()).endLine();
    }

    private void putOthers(HeadWriter out, String name) {
        for (int field = fields.find(name, 0); field >= 0; field = fields.find(name, field + 1)) {
            out.value(fields, field).put(", ");
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
