// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.Server;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * HTTP/1.1 and 1.0, for servers. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <pre>{@code
 * Server.builder()
 *         .listen(Endpoint.tcp(8080), HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "hello\n")))
 *         .start();
 * }</pre>
 *
 * <p><b>Errors.</b> What is refused, {@link HttpRequestFramer} says; it is answered with the status for it, a line that
 * says why or a {@linkplain #withErrorPages page}, and the end of the connection. A request that doesn't come in time
 * is answered with 408, a client for whom there is no room with 503. A handler that throws, or neither sends nor defers
 * its reply, is answered for with 500, and its connection ends. Where the reply was begun or deferred, no other is made
 * up; then the connection just ends, with a reset where the part of a body would look whole otherwise.
 *
 * <p><b>Connections</b> go on behind a reply unless the request, its version, {@link HttpReply#thenClose} or a drain
 * ends them. Where a reply says {@code Connection: close}, no request behind its own is handled (RFC 9112, 9.6); in a
 * drain that is the one to the first request that is handled in it, or to the newest of those before. One that is idle
 * holds nothing of this protocol. While a body comes in pieces, the {@linkplain Connection#attachment attachment} is
 * the protocol's; what was attached before is so again behind the body.
 */
public final class HttpProtocol implements RequestProtocol<HttpPart> {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final HttpContent NO_BODY = new HttpContent().of(NO_BYTES, true, HttpFields.NONE);
    private static final HttpReplyFields RETRY = HttpReplyFields.of("Retry-After", "1");

    private final HttpHandler gathering; // one of these two is null
    private final HttpStreamHandler streaming;
    private final HttpSettings settings;

    private HttpProtocol(HttpHandler gathering, HttpStreamHandler streaming, HttpSettings settings) {
        this.gathering = gathering;
        this.streaming = streaming;
        this.settings = settings;
    }

    /**
     * A protocol whose handler gets requests with their whole body, as large as {@code Limits.frameBytes} and
     * {@link HttpLimits#bodyBytes} let it be.
     */
    public static HttpProtocol gathering(HttpHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return new HttpProtocol(handler, null, HttpSettings.defaults());
    }

    /**
     * A protocol whose handler gets heads, and names receivers of bodies. With {@code Limits.repliesInFlight} at 1, a reply
     * must not be deferred before the last piece of the body: no piece would come.
     */
    public static HttpProtocol streaming(HttpStreamHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return new HttpProtocol(null, handler, HttpSettings.defaults());
    }

    /** The same with other limits than {@link HttpLimits#defaults}. */
    public HttpProtocol withLimits(HttpLimits newLimits) {
        return with(settings.withLimits(Objects.requireNonNull(newLimits, "limits")));
    }

    /**
     * The same with another clock than the system's, for the {@code Date} of replies and the times of an access log.
     *
     * @param epochMillis milliseconds since 1970, for instance {@code clock::millis}; called from any thread
     */
    public HttpProtocol withClock(LongSupplier epochMillis) {
        Objects.requireNonNull(epochMillis, "epochMillis");
        return with(settings.withClock(epochMillis));
    }

    /** The same with other bodies than lines of text for the replies that the library gives itself. */
    public HttpProtocol withErrorPages(HttpErrorPage pages) {
        return with(settings.withErrors(new ErrorPages(Objects.requireNonNull(pages, "pages"))));
    }

    /** The same with a line for each request. */
    public HttpProtocol withAccessLog(HttpAccessLog log) {
        return with(settings.withLog(Objects.requireNonNull(log, "log")));
    }

    /**
     * The same with another bound of how many streams are compressed at a time, which without this is 256. Each holds 256 KiB
     * outside the heap; a stream beyond is sent as it is.
     *
     * @param most 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public HttpProtocol withCompressedStreams(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("compressedStreams: " + most + " is negative");
        }
        return with(settings.withGzips(new GzipPermits(most)));
    }

    /** How many streams are being compressed now. Any thread. */
    public int compressedStreams() {
        return settings.gzips().taken();
    }

    private HttpProtocol with(HttpSettings other) {
        return new HttpProtocol(gathering, streaming, other);
    }

    @Override
    public Framer<HttpPart> newFramer(int maxFrameBytes) {
        return gathering != null
                ? HttpRequestFramer.gathering(maxFrameBytes, settings.limits())
                : HttpRequestFramer.streaming(maxFrameBytes, settings.limits());
    }

    @Override
    public Set<Trait> traits() {
        return streaming != null ? streaming.traits() : Set.of();
    }

    @Override
    public void starting(Server server) {
        if (streaming != null) {
            streaming.starting(server);
        }
    }

    @Override
    public void prepare(Framer<HttpPart> framer, Connection connection) {
        HttpExchange exchange = HttpExchange.of(connection);
        ((HttpRequestFramer) framer).goOn(exchange != null && exchange.isTunnel());
    }

    // ---- requests

    @Override
    public void handle(HttpPart part, Reply reply) throws Exception {
        if (part instanceof HttpRequest request) {
            if (gathering == null && (request.isChunked() || request.contentLength() > 0)) {
                beginStreamed(request, reply);
            } else {
                handleWhole(request, reply);
            }
        } else if (part instanceof HttpContent content) {
            exchangeOf(reply.connection()).receive(content, reply);
        } else {
            reply.interim(ByteBuffer.wrap(HttpReply.CONTINUE));
        }
    }

    private void handleWhole(HttpRequest request, Reply reply) throws Exception {
        HttpReply mine = request.own != null ? request.own : new HttpReply(settings);
        request.own = mine;
        mine.begin(request, reply, null);
        try {
            call(request, mine);
            if (mine.isFresh()) {
                throw noReply();
            }
            if (mine.isLast()) {
                reply.connection().pause(); // what comes behind it would be dropped, and nothing is waited for
            }
        } catch (Throwable t) {
            fail(mine, t);
            throw t;
        } finally {
            mine.over(true);
        }
    }

    private void call(HttpRequest request, HttpReply reply) throws Exception {
        if (gathering != null) {
            gathering.handle(request, reply);
            return;
        }
        HttpReceiver receiver = streaming.handle(request, reply);
        if (receiver != null) {
            receiver.receive(NO_BODY, reply);
        }
    }

    private void beginStreamed(HttpRequest request, Reply reply) throws Exception {
        HttpReply mine = new HttpReply(settings);
        boolean last = !request.isKeepAlive() || reply.connection().isDraining();
        HttpExchange exchange = new HttpExchange(reply.connection(), mine, last);
        mine.begin(request, reply, exchange);
        HttpReceiver receiver;
        try {
            receiver = streaming.handle(request, mine);
            if (receiver == null && mine.isFresh()) {
                throw noReply();
            }
            if (receiver != null && mine.isFresh() && mine.awaitsContinue()) {
                mine.sendContinue();
            }
            if (receiver == null && mine.awaitsContinue()) {
                exchange.closes(); // its client waits as well, and is not told to go on
            }
            exchange.begin(receiver);
        } catch (Throwable t) {
            fail(mine, t);
            throw t;
        } finally {
            mine.over(false);
            request.forget();
        }
    }

    private static HttpExchange exchangeOf(Connection connection) {
        HttpExchange exchange = HttpExchange.of(connection);
        if (exchange == null) {
            throw new IllegalStateException("something else was attached while a body came");
        }
        return exchange;
    }

    static IllegalStateException noReply() {
        return new IllegalStateException("the handler returned without a reply: send it, or defer() it");
    }

    /** A handler has thrown: where nothing was sent, 500 goes in front of the end. */
    static void fail(HttpReply reply, Throwable why) {
        try {
            reply.fail();
        } catch (RuntimeException | Error e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        VarHandle.fullFence(); // see HttpExchange.begin
        HttpExchange exchange = HttpExchange.of(connection);
        if (exchange != null) {
            exchange.ended();
        }
        settings.endings().ended(connection);
    }

    // ---- refusals

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        HttpExchange exchange = HttpExchange.of(connection);
        if (exchange != null && !exchange.reply().isFresh()) {
            if (reason instanceof CloseReason.BadFrame bad) {
                exchange.bodyRefused(status(bad.cause()), bad.cause().what());
            } else if (reason instanceof CloseReason.DeadlinePassed) {
                exchange.bodyRefused(HttpStatus.REQUEST_TIMEOUT, "the request did not come in time");
            }
            return; // who has a reply, or will have, would take this for one to a request that it never sent
        }
        HttpReply asked = exchange == null ? null : exchange.reply();
        if (reason instanceof CloseReason.BadFrame bad) {
            ReceivedLine received = bad.cause().about() instanceof ReceivedLine line ? line : null;
            refuse(connection, out, status(bad.cause()), bad.cause().what(), asked, received);
        } else if (reason instanceof CloseReason.DeadlinePassed passed) {
            if (passed.deadline() == CloseReason.Deadline.FRAME) {
                refuse(connection, out, HttpStatus.REQUEST_TIMEOUT, "the request did not come in time", asked, null);
            }
        } else if (reason instanceof CloseReason.Refused) {
            refuse(connection, out, HttpStatus.SERVICE_UNAVAILABLE, "no room for another client now", null, null);
        }
    }

    private static int status(FrameException cause) {
        return HttpStatus.isFinal(cause.code()) ? cause.code() : HttpStatus.BAD_REQUEST;
    }

    /** Says why; {@code asked} is the reply of the request whose body is refused, {@code received} the line of another. */
    private void refuse(
            Connection connection, Output out, int status, String why, HttpReply asked, ReceivedLine received) {
        ReplyHead head = new ReplyHead(settings.date());
        HttpErrorPage.Page page = settings.errors().of(status, why);
        head.status(status);
        head.contentType(page.contentType());
        head.length(page.bytes().length);
        head.connection(true, false);
        if (status == HttpStatus.SERVICE_UNAVAILABLE) {
            head.fields.add(RETRY.lines());
        }
        head.encode(out);
        boolean headOnly = asked != null && asked.isToHead() || received != null && received.isHead();
        if (!headOnly) {
            out.put(ByteBuffer.wrap(page.bytes()));
        }
        if (settings.lines() != null) {
            long bytes = headOnly ? 0 : page.bytes().length;
            if (asked != null) {
                asked.log().refused(status, bytes);
            } else {
                settings.lines().refused(connection, received, status, bytes);
            }
        }
    }
}
