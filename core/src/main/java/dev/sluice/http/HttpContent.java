// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;

/**
 * A piece of the body of the request or response before it, where bodies are streamed. How a body is cut into pieces
 * means nothing.
 *
 * <p>It is a view of the bytes that were received, and its framer has only one: it is valid until the next call on the
 * framer. Confined to one thread.
 */
public final class HttpContent implements HttpPart {
    private ByteBuffer bytes;
    private boolean last;
    private HttpFields trailers;

    HttpContent() {}

    /** The bytes, from position to limit: none in the last piece of a chunked body. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Whether the body ends with this piece. */
    public boolean isLast() {
        return last;
    }

    /**
     * The fields behind a chunked body; none but with its last piece. They never change how anything is framed, whatever
     * their names (RFC 9110, 6.5.1).
     */
    public HttpFields trailers() {
        return trailers;
    }

    HttpContent of(ByteBuffer newBytes, boolean isLast, HttpFields newTrailers) {
        bytes = newBytes;
        last = isLast;
        trailers = newTrailers;
        return this;
    }

    /** It is valid no longer. */
    void letGo() {
        bytes = null;
    }

    HttpContent detached() {
        return new HttpContent().of(FrameView.copy(bytes), last, trailers.detached());
    }
}
