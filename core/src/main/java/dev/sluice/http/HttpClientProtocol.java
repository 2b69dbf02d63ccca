// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import java.util.Objects;

/**
 * HTTP/1.1, for clients. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <pre>{@code
 * try (Connector connector = Connector.builder(HttpClientProtocol.gathering()).start()) {
 *     HttpCaller caller = HttpCaller.of(connector.connect(address).get());
 *     caller.send(HttpRequestHead.of("GET", "/hello", "example.org"), response -> use(response.body()));
 * }
 * }</pre>
 *
 * <p>Each connection has an {@link HttpCaller}, which is its {@linkplain Connection#attachment attachment}; what was to be
 * attached when it was made is {@link HttpCaller#attachment}.
 *
 * <p>A connection ends behind a response that is {@linkplain HttpResponse#isKeepAlive not kept alive}, when its server ends
 * it, and when the server sends what {@link HttpResponseFramer} refuses. A response that never comes is bounded by
 * {@code Deadlines}: {@code idle} while nothing of it has come, {@code frame} once something has.
 */
public final class HttpClientProtocol implements DuplexProtocol<HttpPart> {
    private final boolean gathers;
    private final HttpLimits limits;

    private HttpClientProtocol(boolean gathers, HttpLimits limits) {
        this.gathers = gathers;
        this.limits = limits;
    }

    /** Responses come with their body, as large as {@code Limits.frameBytes} and {@link HttpLimits#bodyBytes} let it be. */
    public static HttpClientProtocol gathering() {
        return new HttpClientProtocol(true, HttpLimits.defaults());
    }

    /** Bodies of responses come in pieces. */
    public static HttpClientProtocol streaming() {
        return new HttpClientProtocol(false, HttpLimits.defaults());
    }

    /** The same with other limits than {@link HttpLimits#defaults}. */
    public HttpClientProtocol withLimits(HttpLimits newLimits) {
        return new HttpClientProtocol(gathers, Objects.requireNonNull(newLimits, "limits"));
    }

    @Override
    public Framer<HttpPart> newFramer(int maxFrameBytes) {
        return gathers
                ? HttpResponseFramer.gathering(maxFrameBytes, limits)
                : HttpResponseFramer.streaming(maxFrameBytes, limits);
    }

    @Override
    public void prepare(Framer<HttpPart> framer, Connection connection) {
        ((HttpResponseFramer) framer).answering(HttpCaller.of(connection).pending());
    }

    @Override
    public void opened(Connection connection) {
        connection.attach(new HttpCaller(connection, gathers));
    }

    @Override
    public void received(HttpPart part, Connection connection) throws Exception {
        HttpCaller.of(connection).received(part);
    }

    @Override
    public void closed(Connection connection, CloseReason reason) throws Exception {
        if (connection.attachment() instanceof HttpCaller caller) {
            caller.closed(reason);
        }
    }
}
