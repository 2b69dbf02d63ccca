// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;

/**
 * Cuts a stream into HTTP requests of version 1.1 and 1.0, by the letter of RFC 9112. What two parsers might read
 * differently is refused: {@link FrameException#code} is the status to refuse it with, {@link FrameException#what} says why.
 * {@code docs/http.md} has all rules. Limits are {@link HttpLimits}.
 *
 * <p>Bodies are either gathered or streamed:
 *
 * <ul>
 *   <li>{@link #gathering}: each frame is an {@link HttpRequest} with its body. Head and body together have at most
 *       {@code maxFrameBytes}. In front of a request whose client waits for 100 Continue there is
 *       {@link HttpExpectation#CONTINUE}.
 *   <li>{@link #streaming}: a frame is a request's head, an {@link HttpRequest}, or a piece of its body, an
 *       {@link HttpContent}; of a body no more is held than is at hand. A request that {@linkplain HttpRequest#hasBody has
 *       a body} of more than 0 bytes is followed by one piece or more, and the last says that it is.
 * </ul>
 *
 * <p>Frames are {@linkplain Framer.Yields#PARTS parts} either way: with workers, requests of one connection are handled one
 * after another, as they may depend on each other.
 *
 * <p>Behind a request that is {@linkplain HttpRequest#isKeepAlive not kept alive} nothing is read any more: what comes is
 * dropped.
 */
public final class HttpRequestFramer implements Framer<HttpPart> {
    private enum Phase {
        HEAD,
        BODY,
        TUNNEL,
        OVER
    }

    /** The objects of a request that was detached, or of a piece, beside what came. */
    private static final int DETACHED_BYTES = 256;

    /** This and the objects that it consists of, without arrays that grow. */
    static final int KEPT_OBJECTS_BYTES = 1024;

    private final boolean gathers;
    private final HeadReader<HttpRequest> head;
    private final RequestRules rules = new RequestRules();
    private final BodyReader body;
    private final HttpRequest request = new HttpRequest();

    private Phase phase = Phase.HEAD;
    private int headLength;
    private int consumed; // bytes of the request that were consumed before it was whole, the position is behind them

    private HttpRequestFramer(int maxFrameBytes, HttpLimits limits, boolean gathers) {
        this.gathers = gathers;
        this.head = new HeadReader<>(new RequestLine(limits), limits, maxFrameBytes);
        this.body = new BodyReader(limits, maxFrameBytes, gathers);
    }

    /**
     * Makes a framer whose requests have their body.
     *
     * @param maxFrameBytes most bytes of a request, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpRequestFramer gathering(int maxFrameBytes, HttpLimits limits) {
        return new HttpRequestFramer(maxFrameBytes, limits, true);
    }

    /**
     * Makes a framer that yields bodies in pieces.
     *
     * @param maxFrameBytes most bytes of a head or a trailer section, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpRequestFramer streaming(int maxFrameBytes, HttpLimits limits) {
        return new HttpRequestFramer(maxFrameBytes, limits, false);
    }

    @Override
    public HttpPart next(ByteBuffer in) throws FrameException {
        int base = in.position();
        boolean inHead = phase == Phase.HEAD;
        try {
            return switch (phase) {
                case HEAD -> head(in);
                case BODY -> gathers ? gather(in) : stream(in);
                case TUNNEL -> body.all(in);
                case OVER -> {
                    in.position(in.limit());
                    yield null;
                }
            };
        } catch (FrameException e) {
            throw e.about(received(in, base, inHead));
        }
    }

    /** The line of the request that is refused; null if there is none, or whoever gets its body knows it. */
    private ReceivedLine received(ByteBuffer in, int base, boolean inHead) {
        if (inHead) {
            return ReceivedLine.at(in, base);
        }
        return gathers ? ReceivedLine.of(request.of(in, base - consumed)) : null;
    }

    @Override
    public HttpPart end(ByteBuffer in) throws FrameException {
        if (phase == Phase.TUNNEL) {
            phase = Phase.OVER;
            return body.end();
        }
        if (phase != Phase.OVER && (in.hasRemaining() || !atBoundary())) {
            throw FrameException.truncated(in.remaining()).about(received(in, in.position(), phase == Phase.HEAD));
        }
        return null;
    }

    @Override
    public boolean atBoundary() {
        return phase == Phase.TUNNEL || phase == Phase.HEAD && head.isAtStart();
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public HttpPart detach(HttpPart frame) {
        if (frame instanceof HttpRequest) {
            return request.detached(headLength);
        }
        return frame instanceof HttpContent content ? content.detached() : frame;
    }

    @Override
    public int detachedBytes(HttpPart frame, int bytes) {
        if (frame instanceof HttpRequest) {
            return bytes
                    + DETACHED_BYTES
                    + request.fields().detachedBytes()
                    + request.trailers().detachedBytes();
        }
        return frame instanceof HttpContent content
                ? bytes + DETACHED_BYTES + content.trailers().detachedBytes()
                : bytes;
    }

    @Override
    public int kept() {
        request.letGo();
        body.letGo();
        return KEPT_OBJECTS_BYTES + request.keptBytes() + body.keptBytes();
    }

    /**
     * Reads on from a boundary: another protocol's bytes, which are {@link HttpContent}, or requests. In a tunnel each place is
     * a boundary, so that one framer serves many.
     */
    void goOn(boolean inTunnel) {
        phase = inTunnel ? Phase.TUNNEL : Phase.HEAD;
    }

    private HttpPart head(ByteBuffer in) throws FrameException {
        if (head.isAtStart()) {
            request.begin();
            body.forget();
        }
        int base = in.position();
        int length = head.read(in, request, request.fields());
        if (length < 0) {
            return null;
        }
        headLength = length;
        request.of(in, base);
        rules.apply(request, in, base);
        if (!request.isChunked() && request.contentLength() <= 0) {
            return whole(in, base + length);
        }
        beginBody();
        if (!gathers) {
            in.position(base + length);
            return request;
        }
        if (request.expectsContinue()) {
            consumed = request.targetOffset();
            in.position(base + consumed);
            return HttpExpectation.CONTINUE;
        }
        return gather(in);
    }

    private void beginBody() throws FrameException {
        phase = Phase.BODY;
        if (request.isChunked()) {
            body.beginChunks(headLength);
        } else {
            body.beginLength(request.contentLength(), headLength);
        }
    }

    private HttpPart gather(ByteBuffer in) throws FrameException {
        int base = in.position() - consumed;
        int length = body.gather(in, base);
        if (length < 0) {
            return null;
        }
        request.of(in, base).body(body.body(), body.trailers());
        consumed = 0;
        return whole(in, base + length);
    }

    private HttpPart whole(ByteBuffer in, int end) {
        in.position(end);
        endRequest();
        return request;
    }

    private HttpPart stream(ByteBuffer in) throws FrameException {
        request.forget();
        HttpContent piece = body.stream(in);
        if (piece != null && piece.isLast()) {
            endRequest();
        }
        return piece;
    }

    private void endRequest() {
        // Behind CONNECT the protocol decides, which gets requests as soon as they are there.
        boolean goesOn = request.isKeepAlive() || !gathers && request.method().equals("CONNECT");
        phase = goesOn ? Phase.HEAD : Phase.OVER;
    }
}
