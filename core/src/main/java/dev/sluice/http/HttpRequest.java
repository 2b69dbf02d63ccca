// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A request: its head, and where bodies are gathered its body too.
 *
 * <p>This is a view of the bytes that were received, and its framer has only one: it is valid until the next call on the
 * framer. {@link HttpRequestFramer#detach} makes one that stays. Confined to one thread.
 */
public final class HttpRequest implements HttpPart {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private static final int MOST_KEPT_BYTES = 2048; // of what handles it
    private static final int VERSION_AND_SPACE = " HTTP/1.1".length();

    private final FrameView view = new FrameView();
    private final HttpFields fields;
    private ByteBuffer source;
    private int base;
    private String method;
    private int targetOffset;
    private int targetLength;
    private boolean isHttp10;
    private boolean keepAlive;
    private boolean expectsContinue;
    private boolean chunked;
    private long contentLength;
    private ByteBuffer body = NOTHING;
    private HttpFields trailers;
    HttpReply own; // of whoever handles it, to be used again

    HttpRequest() {
        this(new HttpFields());
    }

    private HttpRequest(HttpFields fields) {
        this.fields = fields;
    }

    /** The method, as it was sent: it has case (RFC 9110, 9.1). */
    public String method() {
        return method;
    }

    /**
     * The target in whichever of its four forms it was sent (RFC 9112, 3.2). It has 1 or more visible ASCII characters,
     * and no {@code #}.
     */
    public String target() {
        byte[] bytes = new byte[targetLength];
        source.get(base + targetOffset, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** A view of the target, valid until this is called again. */
    public ByteBuffer targetBytes() {
        return view.of(source, base + targetOffset, base + targetOffset + targetLength);
    }

    /** Whether the target is this, byte for byte. */
    public boolean targetIs(String target) {
        if (target.length() != targetLength) {
            return false;
        }
        int from = base + targetOffset;
        for (int i = 0; i < targetLength; i++) {
            if (source.get(from + i) != target.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether its path is this, byte for byte as it was sent, whatever query follows. */
    public boolean pathIs(String path) {
        int length = path.length();
        if (length > targetLength) {
            return false;
        }
        int from = base + targetOffset;
        for (int i = 0; i < length; i++) {
            if (source.get(from + i) != path.charAt(i)) {
                return false;
            }
        }
        return length == targetLength || source.get(from + length) == '?';
    }

    /** The fields of its head. */
    public HttpFields fields() {
        return fields;
    }

    /** The value of the first field of that name, or null if there is none. */
    public String field(String name) {
        return fields.get(name);
    }

    /** Whether it is of HTTP/1.0; else it is of 1.1, or of a later 1.x that is answered as 1.1. */
    public boolean isHttp10() {
        return isHttp10;
    }

    /** Whether the connection may go on behind it (RFC 9112, 9.3). If not, nothing behind it is read as a request. */
    public boolean isKeepAlive() {
        return keepAlive;
    }

    /** Whether its client waits for 100 Continue before it sends the body (RFC 9110, 10.1.1). */
    public boolean expectsContinue() {
        return expectsContinue;
    }

    /** Whether it has a body, though that may be empty: whether it has {@code Content-Length} or {@code Transfer-Encoding}. */
    public boolean hasBody() {
        return chunked || contentLength >= 0;
    }

    /** Whether the body's length isn't known from the head. */
    public boolean isChunked() {
        return chunked;
    }

    /** The bytes of the body as the head says it, or -1 if it doesn't. */
    public long contentLength() {
        return contentLength;
    }

    /** The body, from position to limit, where bodies are gathered; else nothing. */
    public ByteBuffer body() {
        return body;
    }

    /** The fields behind a chunked body that was gathered; else none. See {@link HttpContent#trailers}. */
    public HttpFields trailers() {
        return trailers;
    }

    /** Its method, and how much there is of the rest; what that says is the peer's, and has no place in a log. */
    @Override
    public String toString() {
        return "request with " + fields;
    }

    // ---- for the framer

    /** Lets go of the bytes that it is a view of, which were lent: whoever is in the middle of a body would keep them. */
    void forget() {
        source = null;
        fields.clear();
    }

    /** About what it takes beyond an object or two, once it was let go of. */
    int keptBytes() {
        return fields.keptBytes() + (own == null ? 0 : own.keptBytes());
    }

    /** Lets go of all that it is a view of, and keeps what the framer has found out. */
    void letGo() {
        source = null;
        fields.letGo();
        body = NOTHING;
        view.forget();
        if (own != null && own.keptBytes() > MOST_KEPT_BYTES) {
            own = null; // one that has had long heads needn't stay with a client that sends slowly
        }
    }

    void begin() {
        forget();
        body = NOTHING;
        trailers = HttpFields.NONE;
        contentLength = -1;
        chunked = false;
        expectsContinue = false;
    }

    void method(String newMethod) {
        method = newMethod;
    }

    void target(int offset, int length) {
        targetOffset = offset;
        targetLength = length;
    }

    int targetOffset() {
        return targetOffset;
    }

    int targetLength() {
        return targetLength;
    }

    void version(boolean isOneZero) {
        isHttp10 = isOneZero;
        keepAlive = !isOneZero;
    }

    void keepAlive(boolean may) {
        keepAlive = may;
    }

    void expectsContinue(boolean does) {
        expectsContinue = does;
    }

    void chunked(boolean is) {
        chunked = is;
    }

    void contentLength(long bytes) {
        contentLength = bytes;
    }

    void body(ByteBuffer bytes, HttpFields newTrailers) {
        body = bytes;
        trailers = newTrailers;
    }

    HttpRequest of(ByteBuffer newSource, int newBase) {
        source = newSource;
        base = newBase;
        fields.of(newSource, newBase);
        return this;
    }

    /** A view of what stands in its line behind the method and a space; single spaces are all that is in a line. */
    ByteBuffer behindMethod() {
        int from = base + targetOffset;
        return view.of(source, from, from + targetLength + VERSION_AND_SPACE);
    }

    /** A copy. The head's bytes from {@code from} on are copied, which the target is the first of. */
    HttpRequest detached(int headLength) {
        byte[] bytes = new byte[headLength - targetOffset];
        source.get(base + targetOffset, bytes);
        ByteBuffer copy = ByteBuffer.wrap(bytes);
        HttpRequest detached = new HttpRequest(fields.over(copy, -targetOffset));
        detached.method = method;
        detached.targetOffset = targetOffset;
        detached.targetLength = targetLength;
        detached.isHttp10 = isHttp10;
        detached.keepAlive = keepAlive;
        detached.expectsContinue = expectsContinue;
        detached.chunked = chunked;
        detached.contentLength = contentLength;
        detached.body = body.hasRemaining() ? FrameView.copy(body) : NOTHING;
        detached.trailers = trailers.detached();
        detached.source = copy;
        detached.base = -targetOffset;
        return detached;
    }
}
