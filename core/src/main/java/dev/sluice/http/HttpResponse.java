// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A response: its head, and where bodies are gathered its body too.
 *
 * <p>This is a view of the bytes that were received, and its framer has only one: it is valid until the next call on the
 * framer. {@link HttpResponseFramer#detach} makes one that stays. Confined to one thread.
 */
public final class HttpResponse implements HttpPart {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final HttpFields fields;
    private ByteBuffer source;
    private int base;
    private int status;
    private int reasonLength;
    private boolean isHttp10;
    private boolean keepAlive;
    private boolean hasBody;
    private boolean tunnel;
    private long length; // as FramingFields say it
    private ByteBuffer body = NOTHING;
    private HttpFields trailers = HttpFields.NONE;

    HttpResponse() {
        this(new HttpFields());
    }

    private HttpResponse(HttpFields fields) {
        this.fields = fields;
    }

    /** The status, 100 to 599. */
    public int status() {
        return status;
    }

    /** The words behind the status, possibly none, as ISO 8859-1. They mean nothing (RFC 9112, 4). */
    public String reason() {
        byte[] bytes = new byte[reasonLength];
        source.get(base + StatusLine.REASON, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The fields of its head. */
    public HttpFields fields() {
        return fields;
    }

    /** The value of the first field of that name, or null if there is none. */
    public String field(String name) {
        return fields.get(name);
    }

    /** Whether it is of HTTP/1.0; else it is of 1.1, or of a later 1.x that is read as 1.1. */
    public boolean isHttp10() {
        return isHttp10;
    }

    /**
     * Whether it is interim, of a status under 200 but 101: the response that answers the request is still to come (RFC
     * 9110, 15.2).
     */
    public boolean isInterim() {
        return status < HttpStatus.OK && !tunnel;
    }

    /** Whether another request may be sent behind it (RFC 9112, 9.3). If not, nothing behind it is read as a response. */
    public boolean isKeepAlive() {
        return keepAlive;
    }

    /**
     * Whether the connection is another protocol's from here on: behind 101, or behind a 2xx that answers CONNECT. Its
     * bytes are {@link HttpContent}, however bodies are framed.
     */
    public boolean isTunnel() {
        return tunnel;
    }

    /**
     * Whether it has a body, though that may be empty. It has none if it is interim or a tunnel, with 204 and 304, and if it
     * answers HEAD (RFC 9112, 6.3).
     */
    public boolean hasBody() {
        return hasBody;
    }

    /** Whether its head says that the body is chunked; one that answers HEAD says it of the body that GET would have. */
    public boolean isChunked() {
        return length == FramingFields.CHUNKED;
    }

    /**
     * The bytes of the body as the head says it, or -1 if it doesn't. One that answers HEAD, or has 304, says it of the body
     * that another would have (RFC 9110, 8.6).
     */
    public long contentLength() {
        return Math.max(FramingFields.UNKNOWN, length);
    }

    /** Whether the body is all that comes until the connection ends, so that nobody can tell whether it was cut short. */
    public boolean isUntilClose() {
        return hasBody && length == FramingFields.UNKNOWN;
    }

    /** The body, from position to limit, where bodies are gathered; else nothing. */
    public ByteBuffer body() {
        return body;
    }

    /** The fields behind a chunked body that was gathered; else none. See {@link HttpContent#trailers}. */
    public HttpFields trailers() {
        return trailers;
    }

    /** Its status, and how much there is of the rest; what that says is the peer's, and has no place in a log. */
    @Override
    public String toString() {
        return "response " + status + " with " + fields;
    }

    // ---- for the framer

    /** As {@link HttpRequest#forget}. */
    void forget() {
        source = null;
        fields.clear();
    }

    /** Lets go of all that it is a view of, and keeps what the framer has found out. */
    void letGo() {
        source = null;
        fields.letGo();
        body = NOTHING;
    }

    void begin() {
        forget();
        body = NOTHING;
        trailers = HttpFields.NONE;
        tunnel = false;
    }

    void line(int newStatus, boolean isOneZero, int newReasonLength) {
        status = newStatus;
        isHttp10 = isOneZero;
        reasonLength = newReasonLength;
    }

    void follows(long newLength, boolean hasOne, boolean isOne, boolean may) {
        length = newLength;
        hasBody = hasOne;
        tunnel = isOne;
        keepAlive = may;
    }

    void body(ByteBuffer bytes, HttpFields newTrailers) {
        body = bytes;
        trailers = newTrailers;
    }

    HttpResponse of(ByteBuffer newSource, int newBase) {
        source = newSource;
        base = newBase;
        fields.of(newSource, newBase);
        return this;
    }

    /** A copy. The head's bytes are copied. */
    HttpResponse detached(int headLength) {
        byte[] bytes = new byte[headLength];
        source.get(base, bytes);
        ByteBuffer copy = ByteBuffer.wrap(bytes);
        HttpResponse detached = new HttpResponse(fields.over(copy, 0));
        detached.source = copy;
        detached.line(status, isHttp10, reasonLength);
        detached.follows(length, hasBody, tunnel, keepAlive);
        detached.body = body.hasRemaining() ? FrameView.copy(body) : NOTHING;
        detached.trailers = trailers.detached();
        return detached;
    }
}
