// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of a request of HTTP/1.1, checked and encoded once, to be sent as often as wanted. What can't be read as
 * exactly this request by {@link HttpRequestFramer} can't be made. A value of this class never changes: the methods
 * that add something return changed copies. Any thread.
 *
 * <pre>{@code
 * static final HttpRequestHead STATUS = HttpRequestHead.of("GET", "/status", "example.org").field("Accept", "text/plain");
 * }</pre>
 *
 * <p>Written by the library are {@code Host}, what says where the body ends, and what becomes of the connection.
 */
public final class HttpRequestHead {
    private static final byte[] END = ascii("\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final int LONGEST = 64 * 1024;

    private final String method;
    private final byte[] lines; // all but the body's length and the empty line
    private final boolean upgrades;
    private final boolean closes;

    private HttpRequestHead(String method, byte[] lines, boolean upgrades, boolean closes) {
        this.method = method;
        this.lines = lines;
        this.upgrades = upgrades;
        this.closes = closes;
    }

    /**
     * The head of a request without fields of its own.
     *
     * @param method with its case, for instance {@code GET}
     * @param target in the form that the method wants (RFC 9112, 3.2), for instance {@code /status?all}; percent-encoded, as
     *     {@code URI.toASCIIString} does it
     * @param host the server's name, with its port unless that is the scheme's
     * @throws IllegalArgumentException if one of them is something else
     */
    public static HttpRequestHead of(String method, String target, String host) {
        FieldBytes.checkValue("method", method);
        checkTarget(target);
        FieldBytes.checkValue("host", host);
        String line = method + ' ' + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
        return new HttpRequestHead(method, line.getBytes(StandardCharsets.ISO_8859_1), false, false)
                .checked(target, host);
    }

    // What is in it might be a stranger's, so the message has only its place.
    private static void checkTarget(String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c > 0x7f || !HttpBytes.isTarget((byte) c)) {
                String what = c == '#'
                        ? "a #: a fragment stays with the client, so leave it out, or write %23"
                        : Integer.toHexString(c) + " (hexadecimal): write its UTF-8 percent-encoded, a space as %20";
                throw new IllegalArgumentException("target: at " + i + " there is " + what);
            }
        }
    }

    // What was put together has to be read as what was meant. Its own parser is the judge of that.
    private HttpRequestHead checked(String target, String host) {
        byte[] whole = Arrays.copyOf(lines, lines.length + END.length);
        System.arraycopy(END, 0, whole, lines.length, END.length);
        HttpRequestFramer framer = HttpRequestFramer.streaming(
                LONGEST,
                HttpLimits.defaults()
                        .withRequestLineBytes(LONGEST)
                        .withFieldBytes(LONGEST)
                        .withHeadBytes(LONGEST));
        String why = "it is longer than " + LONGEST + " bytes";
        try {
            ByteBuffer in = ByteBuffer.wrap(whole);
            if (framer.next(in) instanceof HttpRequest read) {
                if (!in.hasRemaining()
                        && read.method().equals(method)
                        && read.targetIs(target)
                        && read.fields().value(0).equals(host)) {
                    return this;
                }
                why = "it would be read as another one";
            }
        } catch (FrameException e) {
            why = e.what();
        }
        throw new IllegalArgumentException("method, target and host make no request: " + why);
    }

    /**
     * The same with one field more.
     *
     * @param name a token (RFC 9110, 5.6.2); not one of those that the library writes
     * @param value visible characters, spaces and tabs; up to ff (hexadecimal), as ISO 8859-1
     * @throws IllegalArgumentException if either is something else, or if all have more than 64 KiB
     */
    public HttpRequestHead field(String name, String value) {
        FieldNames.checkRequest(name);
        return with(name, value, upgrades, closes);
    }

    /** The same, after whose response the connection ends. */
    public HttpRequestHead thenClose() {
        return closes ? this : with("Connection", "close", upgrades, true);
    }

    /**
     * The same, with the wish to go on in another protocol (RFC 9110, 7.8). Nothing is to be sent behind it before it is
     * answered, since what follows may be read as the other protocol's.
     *
     * @param protocol its name, for instance {@code websocket}
     * @throws IllegalArgumentException if that is no field's value
     */
    public HttpRequestHead upgrade(String protocol) {
        return with("Upgrade", protocol, true, closes).with("Connection", "upgrade", true, closes);
    }

    private HttpRequestHead with(String name, String value, boolean nowUpgrades, boolean nowCloses) {
        FieldBytes bytes = new FieldBytes();
        bytes.add(lines);
        bytes.addNamed(name, value);
        return new HttpRequestHead(method, bytes.toArray(), nowUpgrades, nowCloses);
    }

    /** The method, with its case. */
    public String method() {
        return method;
    }

    boolean upgrades() {
        return upgrades;
    }

    boolean closes() {
        return closes;
    }

    /** Its method and how long it is. */
    @Override
    public String toString() {
        return method + " with " + lines.length + " bytes of head";
    }

    /**
     * Writes it and a body.
     *
     * @param body its bytes are those between position and limit; null for no body
     */
    void encode(Output out, ByteBuffer body) {
        out.put(ByteBuffer.wrap(lines));
        if (body != null || expectsBody()) {
            out.put(ByteBuffer.wrap(CONTENT_LENGTH));
            out.put(ByteBuffer.wrap(ascii(Integer.toString(body == null ? 0 : body.remaining()))));
            out.put(ByteBuffer.wrap(END));
        }
        out.put(ByteBuffer.wrap(END));
        if (body != null) {
            out.put(body);
        }
    }

    /** Whether a server would wonder if no length was said (RFC 9110, 8.6). */
    private boolean expectsBody() {
        return switch (method) {
            case "POST", "PUT", "PATCH" -> true;
            default -> false;
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
