// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Cuts a stream into HTTP responses of version 1.1 and 1.0, by the letter of RFC 9112, for clients and proxies. It is
 * as strict as {@link HttpRequestFramer}: what two parsers might read differently is refused.
 * {@link FrameException#code} is then 502, what a proxy tells its client, and {@link FrameException#what} says why.
 * {@code docs/http.md} has all rules. Limits are {@link HttpLimits}.
 *
 * <p>Where a response ends depends on the request that it answers (RFC 9112, 6.3). So each request is told before its first
 * byte is sent, in the order in which they are sent:
 *
 * <pre>{@code
 * HttpResponseFramer framer = HttpResponseFramer.gathering(1 << 20, HttpLimits.defaults());
 * framer.expect("HEAD");
 * framer.expect("GET");
 * }</pre>
 *
 * <p>Bytes that come while no request is pending are refused: they answer nothing (RFC 9112, 9.2).
 *
 * <p>Bodies are either gathered or streamed:
 *
 * <ul>
 *   <li>{@link #gathering}: each frame is an {@link HttpResponse} with its body. Head and body together have at most
 *       {@code maxFrameBytes}, or one less where only the end of the connection ends the body.
 *   <li>{@link #streaming}: a frame is a response's head, an {@link HttpResponse}, or a piece of its body, an
 *       {@link HttpContent}; of a body no more is held than is at hand. A response that {@linkplain HttpResponse#hasBody has
 *       a body} whose length isn't told as 0 is followed by one piece or more, and the last says that it is.
 * </ul>
 *
 * <p>{@linkplain HttpResponse#isInterim Interim} responses are frames of their own, up to
 * {@link HttpLimits#interimResponses} for each request, which stays pending. A body
 * {@linkplain HttpResponse#isUntilClose until the connection ends} is completed by {@link #end}. What comes behind a
 * {@linkplain HttpResponse#isTunnel tunnel's} head is {@link HttpContent} with either kind of framer, and {@link #end}
 * gives the last. Behind another response that is {@linkplain HttpResponse#isKeepAlive not kept alive} what comes is
 * dropped.
 *
 * <p>Frames are {@linkplain Framer.Yields#PARTS parts}. Confined to one thread, {@link #expect} included.
 */
public final class HttpResponseFramer implements Framer<HttpPart> {
    private enum Phase {
        HEAD,
        BODY,
        TUNNEL,
        OVER
    }

    private final boolean gathers;
    private final HeadReader<HttpResponse> head;
    private final ResponseRules rules = new ResponseRules();
    private final BodyReader body;
    private final HttpResponse response = new HttpResponse();
    private final PendingRequests own = new PendingRequests();
    private final int mostInterims;

    private PendingRequests pending = own;
    private Phase phase = Phase.HEAD;
    private int headLength;

    private HttpResponseFramer(int maxFrameBytes, HttpLimits limits, boolean gathers) {
        this.gathers = gathers;
        this.mostInterims = limits.interimResponses();
        this.head = new HeadReader<>(new StatusLine(limits), limits, maxFrameBytes);
        this.body = new BodyReader(limits, maxFrameBytes, gathers);
    }

    /**
     * Makes a framer whose responses have their body.
     *
     * @param maxFrameBytes most bytes of a response, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpResponseFramer gathering(int maxFrameBytes, HttpLimits limits) {
        return new HttpResponseFramer(maxFrameBytes, limits, true);
    }

    /**
     * Makes a framer that yields bodies in pieces.
     *
     * @param maxFrameBytes most bytes of a head or a trailer section, 64 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public static HttpResponseFramer streaming(int maxFrameBytes, HttpLimits limits) {
        return new HttpResponseFramer(maxFrameBytes, limits, false);
    }

    /**
     * Tells that a request is sent, without an {@code Upgrade} field: 101 is no answer to it.
     *
     * @param method its method, in its case
     */
    public void expect(String method) {
        pending.add(Objects.requireNonNull(method, "method"), false);
    }

    /**
     * Tells that a request is sent with an {@code Upgrade} field, so that it may be answered with 101 (RFC 9110, 7.8). None
     * should be sent behind it before it is answered.
     *
     * @param method its method, in its case
     */
    public void expectUpgrade(String method) {
        pending.add(Objects.requireNonNull(method, "method"), true);
    }

    /** Reads responses to these requests from now on. Between two responses it has no state of its own then. */
    void answering(PendingRequests requests) {
        pending = requests;
    }

    /**
     * How many requests were told and not answered yet. One is answered when its response is whole; when the connection has
     * ended, those that are left never will be.
     */
    public int pending() {
        return pending.count();
    }

    @Override
    public HttpPart next(ByteBuffer in) throws FrameException {
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
            throw Refusal.ofResponse(e);
        }
    }

    /**
     * Completes a body that only the end of the connection ends, and a tunnel.
     *
     * @throws FrameException of kind {@link FrameException.Kind#TRUNCATED} in the middle of another response; or in front of
     *     one, while a request is pending
     */
    @Override
    public HttpPart end(ByteBuffer in) throws FrameException {
        if (phase == Phase.TUNNEL) {
            phase = Phase.OVER;
            return body.end();
        }
        if (phase == Phase.BODY && response.isUntilClose()) {
            return endBody(in);
        }
        if (phase != Phase.OVER && (in.hasRemaining() || !atBoundary() || pending.count() > 0)) {
            throw FrameException.truncated(in.remaining());
        }
        return null;
    }

    /** As {@link Framer#atBoundary}: false while a request is pending, which is a state too. */
    @Override
    public boolean atBoundary() {
        return phase == Phase.HEAD && head.isAtStart() && own.count() == 0;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public HttpPart detach(HttpPart frame) {
        if (frame instanceof HttpResponse) {
            return response.detached(headLength);
        }
        return frame instanceof HttpContent content ? content.detached() : frame;
    }

    @Override
    public int kept() {
        response.letGo();
        body.letGo();
        return HttpRequestFramer.KEPT_OBJECTS_BYTES + response.fields().keptBytes() + body.keptBytes();
    }

    private HttpPart head(ByteBuffer in) throws FrameException {
        if (head.isAtStart()) {
            if (pending.count() == 0 || pending.isOverrun()) {
                throw Refusal.bad(0, "a response that no request asked for");
            }
            response.begin();
            body.forget();
        }
        int base = in.position();
        int length = head.read(in, response, response.fields());
        if (length < 0) {
            return null;
        }
        headLength = length;
        response.of(in, base);
        rules.apply(response, pending, in, base);
        if (response.isInterim()) {
            if (pending.interim() > mostInterims) {
                throw Refusal.bad(0, "more interim responses than the limit of " + mostInterims);
            }
            in.position(base + length);
            return response;
        }
        if (!response.hasBody() || response.contentLength() == 0) {
            return whole(in, base + length);
        }
        beginBody();
        if (gathers) {
            return gather(in);
        }
        in.position(base + length);
        return response;
    }

    private void beginBody() throws FrameException {
        phase = Phase.BODY;
        if (response.isChunked()) {
            body.beginChunks(headLength);
        } else if (response.isUntilClose()) {
            body.beginUntilClose(headLength);
        } else {
            body.beginLength(response.contentLength(), headLength);
        }
    }

    private HttpPart gather(ByteBuffer in) throws FrameException {
        int base = in.position();
        int length = body.gather(in, base);
        if (length < 0) {
            return null;
        }
        response.of(in, base).body(body.body(), body.trailers());
        return whole(in, base + length);
    }

    private HttpPart whole(ByteBuffer in, int end) {
        in.position(end);
        endResponse(in);
        return response;
    }

    private HttpPart stream(ByteBuffer in) throws FrameException {
        response.forget();
        HttpContent piece = body.stream(in);
        if (piece != null && piece.isLast()) {
            endResponse(in);
        }
        return piece;
    }

    private HttpPart endBody(ByteBuffer in) {
        endResponse(in);
        if (!gathers) {
            return body.end();
        }
        int base = in.position();
        int length = body.gatherToEnd(in, base);
        response.of(in, base).body(body.body(), body.trailers());
        in.position(base + length);
        return response;
    }

    private void endResponse(ByteBuffer in) {
        pending.removeFirst();
        if (pending != own && in.hasRemaining() && pending.count() == 0 && !response.isTunnel()) {
            pending.overrun(); // before who gets this response sends the next request
        }
        if (response.isTunnel()) {
            phase = Phase.TUNNEL;
        } else {
            phase = response.isKeepAlive() ? Phase.HEAD : Phase.OVER;
        }
    }
}
