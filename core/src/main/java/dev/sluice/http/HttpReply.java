// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Limits;
import dev.sluice.Reply;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.HeapOutput;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The reply to one {@link HttpRequest}: first {@link #status} and {@link #field fields}, then one of
 *
 * <ul>
 *   <li>{@link #send(String, String) send}, at once, which allocates nothing;
 *   <li>{@link #defer}, to send later, from any thread;
 *   <li>{@link #stream(String) stream}, for a body that is written in parts, from any thread.
 * </ul>
 *
 * <pre>{@code
 * reply.status(404).field("Cache-Control", "no-store").send("text/plain", "nothing here\n");
 * }</pre>
 *
 * <p><b>Written by the library</b> are {@code Date}, {@code Content-Type}, and what says where the reply ends and what becomes
 * of the connection: {@code Content-Length}, {@code Transfer-Encoding}, {@code Connection}. To HEAD go the fields without the
 * body; 204 and 304 have none (RFC 9112, 6.3). The connection ends behind the reply where the request, or HTTP/1.0, wants
 * that.
 *
 * <p><b>Lifetime and threads</b> are those of {@link Reply}: this is valid during its handler's call, on that thread; what
 * {@code defer} and {@code stream} return, from any thread, by one at a time. After {@code send}, {@code defer} and
 * {@code stream} it is done with, and its methods throw {@code IllegalStateException}. Nothing was sent if one throws.
 */
public final class HttpReply {
    private static final Encoder<HttpReply> WHOLE =
            (reply, out) -> reply.body.encode(reply.head, reply.asked.toHead, out);
    private static final Encoder<ReplyHead> HEAD = ReplyHead::encode;
    static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int OBJECTS_BYTES = 512; // without arrays that grow

    private final HttpSettings settings;
    private final ReplyHead head;
    private final ReplyBody body = new ReplyBody(); // while it is encoded
    private Reply reply; // null while there is no call
    private HttpExchange exchange; // null unless a body comes in pieces
    private ReplyPhase phase = ReplyPhase.NO_CALL;
    private HttpReplyStream stream; // that was begun in this call
    private final Asked asked = new Asked();
    private final ReplyCoding coding = new ReplyCoding();
    private HttpRequest request; // while it is at hand; else null
    private final LoggedReply log; // null if there is no access log
    private boolean closes; // the connection ends behind it

    HttpReply(HttpSettings settings) {
        this(settings, settings.lines() == null ? null : new LoggedReply(settings.lines(), settings.endings()));
    }

    private HttpReply(HttpSettings settings, LoggedReply log) {
        this.settings = settings;
        this.head = new ReplyHead(settings.date());
        this.log = log;
    }

    /**
     * Sets the status; without this it is 200.
     *
     * @param status 200 to 599
     * @throws IllegalArgumentException if it is out of range
     */
    public HttpReply status(int status) {
        requireFresh();
        head.status(status);
        return this;
    }

    /**
     * Adds a field, also if there is one of that name.
     *
     * @param name a token (RFC 9110, 5.6.2); not one of those that the library writes
     * @param value visible characters, spaces and tabs; up to ff (hexadecimal), as ISO 8859-1
     * @throws IllegalArgumentException if either is something else, or if all fields have more than 64 KiB
     */
    public HttpReply field(String name, String value) {
        requireFresh();
        head.fields.add(name, value);
        return this;
    }

    /**
     * Adds fields that were encoded before.
     *
     * @throws IllegalArgumentException if all fields have more than 64 KiB
     */
    public HttpReply fields(HttpReplyFields fields) {
        requireFresh();
        head.fields.add(fields.lines());
        return this;
    }

    /**
     * Compresses the body with gzip if the client prefers that ({@link AcceptEncoding}). The reply gets {@code Vary},
     * and if it is compressed {@code Content-Encoding} and an {@code ETag} that is weak. Left as they are: bodies of
     * fewer than 256 bytes; those of more than 128 KiB that are sent whole, and files of more than 16 KiB, so that the
     * Reader isn't kept for long; streams whose length the head says; 204, 205, 206 and 304; and what has
     * {@code Content-Encoding} already, {@code Content-Range}, or {@code Cache-Control: no-transform}.
     *
     * @throws IllegalStateException also if the request isn't at hand any more: call it before {@code defer}, and not
     *     in a receiver
     */
    public HttpReply compress() {
        requireFresh();
        if (request == null) {
            throw new IllegalStateException("compress() needs the request: call it in its handler, before defer()");
        }
        coding.want(request);
        return this;
    }

    /** Ends the connection behind this reply, which then says so. */
    public HttpReply thenClose() {
        requireFresh();
        closes = true;
        return this;
    }

    /** Sends it without a body: with {@code Content-Length: 0} where its status may have one. */
    public void send() {
        requireFresh();
        sendBody(null);
    }

    /**
     * Sends it with a text as UTF-8, no longer than {@link #send(String, ByteBuffer)} says.
     *
     * @param contentType the type, for instance {@code text/plain; charset=utf-8}; null for none
     * @throws IllegalArgumentException if the type has other characters than a field's value, or if there is text and the
     *     status has no body
     */
    public void send(String contentType, String text) {
        requireFresh();
        body.text(text);
        sendBody(contentType);
    }

    /**
     * Sends it with the bytes between position and limit, which are copied or sent before this returns; the position stays.
     * If more than {@link Limits#outboundBytes} would wait for the client, its connection is reset: what may be larger is a file,
     * or is streamed.
     *
     * @param contentType the type, for instance {@code application/octet-stream}; null for none
     * @throws IllegalArgumentException if the type has other characters than a field's value, or if there are bytes and the
     *     status has no body
     */
    public void send(String contentType, ByteBuffer bytes) {
        requireFresh();
        body.bytes(bytes);
        sendBody(contentType);
    }

    private void sendBody(String contentType) {
        try {
            asked.requireNoTunnel(head.status());
            head.contentType(contentType);
            head.length(body.length());
            coding.ofWhole(head, body, asked.toHead);
            boolean last = endsConnection();
            logBegun();
            HttpExchange.completes(exchange, reply, last);
            sendWhole(last);
        } finally {
            body.clear();
        }
    }

    private void logBegun() {
        if (log != null) {
            log.begun(reply, head.status());
            log.sent(reply, asked.toHead ? 0 : body.length());
        }
    }

    private void sendWhole(boolean last) {
        if (log == null) {
            reply.send(this, WHOLE);
        } else {
            log.send(reply, this, WHOLE, last);
        }
        phase = ReplyPhase.COMPLETE;
    }

    /**
     * Sends it as the library sends the errors that it finds itself: with the page of {@link HttpProtocol#withErrorPages}, or
     * else with a line of text.
     *
     * @param status 400 to 599
     * @param reason a few words on what is wrong, which the client is told
     * @throws IllegalArgumentException if the status is out of range
     */
    public void sendError(int status, String reason) {
        requireFresh();
        if (status < HttpStatus.BAD_REQUEST) {
            throw new IllegalArgumentException("status: " + status + " is not within 400 to 599");
        }
        head.status(status);
        HttpErrorPage.Page page = settings.errors().of(status, reason);
        send(page.contentType(), ByteBuffer.wrap(page.bytes()));
    }

    /**
     * Sends it with a part of a file, as fast as the client reads and by the system's own way from a file to a socket where
     * there is one. The file is closed when that is done, or has failed; if it turns out to be shorter the connection ends.
     * Small ones, up to 16 KiB, are read at once. Reading may block the Reader.
     *
     * @param contentType as with {@link #send(String, ByteBuffer)}
     * @param position where in the file, 0 or more
     * @param bytes how many bytes, 0 or more
     * @throws IllegalArgumentException if the type is wrong, or there are bytes and the status has no body; the file is open
     *     then, as it is behind an {@code IllegalStateException}
     * @throws UncheckedIOException if a small one can't be read, or is shorter
     */
    public void send(String contentType, FileChannel file, long position, long bytes) {
        FileSending.begin(this, contentType, file, position, bytes, new FileSending.Closing(file));
    }

    /**
     * Sends it with a part of a file that others may be reading as well, as the method above in all else.
     *
     * @param done run once instead of closing the file, when this doesn't read it any more; on any thread, and also if
     *     this throws anything but {@code IllegalArgumentException} and {@code IllegalStateException}
     */
    public void send(String contentType, FileChannel file, long position, long bytes, Runnable done) {
        FileSending.begin(this, contentType, file, position, bytes, Objects.requireNonNull(done, "done"));
    }

    /** Sends it with a part of a file that is small enough for one step. */
    void sendSmall(String contentType, FileChannel file, long position, int bytes) {
        requireFresh();
        body.file(file, position, bytes);
        sendBody(contentType);
    }

    /**
     * Sends 100 Continue, so that the client sends the body (RFC 9110, 10.1.1). Where bodies are streamed this is done
     * by itself once the handler has returned a receiver, unless it has deferred the reply; where they are gathered,
     * before the handler is called. Nothing is sent to who speaks HTTP/1.0. Behind a reply to a client that waits and
     * isn't told to go on, the connection ends, and a receiver gets no body.
     */
    public void sendContinue() {
        requireFresh();
        if (!asked.isHttp10) {
            reply.interim(ByteBuffer.wrap(CONTINUE));
        }
        asked.continueAwaited = false;
    }

    /**
     * Keeps the place of this reply for later. What was set so far stays set. No deadline runs until it is sent: whoever takes
     * it has to send it, an error too.
     */
    public HttpReply defer() {
        requireFresh();
        Reply place = reply.defer();
        HttpReply deferred = new HttpReply(settings, log == null ? null : log.kept(place));
        deferred.reply = place;
        deferred.head.takeOver(head);
        deferred.exchange = exchange;
        deferred.asked.takeOver(asked);
        deferred.coding.takeOver(coding);
        deferred.closes = closes;
        deferred.phase = ReplyPhase.FRESH;
        phase = ReplyPhase.GIVEN_AWAY;
        return deferred;
    }

    /**
     * Sends the head, and returns what the body is written to: chunked, or until the connection ends where the client speaks
     * HTTP/1.0.
     *
     * @param contentType as with {@link #send(String, ByteBuffer)}
     * @throws IllegalArgumentException also if the status has no body
     */
    public HttpReplyStream stream(String contentType) {
        requireFresh();
        asked.requireNoTunnel(head.status());
        head.contentType(contentType);
        head.noLength(!asked.isHttp10);
        closes |= asked.isHttp10;
        return stream(asked.isHttp10 ? HttpReplyStream.Form.RAW : HttpReplyStream.Form.CHUNKED, 0);
    }

    /**
     * Sends the head, and returns what the body is written to.
     *
     * @param contentType as with {@link #send(String, ByteBuffer)}
     * @param bytes the bytes that the body will have, 0 or more
     * @throws IllegalArgumentException also if {@code bytes} is negative
     */
    public HttpReplyStream stream(String contentType, long bytes) {
        requireFresh();
        asked.requireNoTunnel(head.status());
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " is negative");
        }
        head.contentType(contentType);
        head.length(bytes);
        return stream(HttpReplyStream.Form.COUNTED, bytes);
    }

    private HttpReplyStream stream(HttpReplyStream.Form form, long bytes) {
        boolean counted = form == HttpReplyStream.Form.COUNTED;
        GzipStream gzip = coding.ofParts(head, settings, asked.toHead, counted);
        try {
            boolean last = endsConnection();
            ByteBuffer encoded = HeapOutput.encode(head, HEAD);
            HttpReplyStream.Form its = asked.toHead ? HttpReplyStream.Form.LEFT_OUT : form;
            return streamBehind(encoded, head.status(), last, its, bytes, gzip);
        } catch (Throwable t) {
            if (gzip != null) {
                gzip.drop();
            }
            throw t;
        }
    }

    /** Sends an encoded head; the place of this reply is the stream's from now on. */
    private HttpReplyStream streamBehind(
            ByteBuffer encoded, int status, boolean last, HttpReplyStream.Form form, long bytes, GzipStream gzip) {
        Reply place = reply.defer();
        phase = ReplyPhase.GIVEN_AWAY;
        if (last) {
            HttpExchange.lastBegins(exchange, place);
        }
        LoggedReply kept = log == null ? null : log.kept(place);
        if (gzip != null) {
            gzip.keep(place);
        }
        long counted = form == HttpReplyStream.Form.COUNTED ? bytes : 0;
        stream = new HttpReplyStream(place, form, counted, exchange, last, kept, gzip).begin(status, encoded);
        return stream;
    }

    /**
     * As {@link #defer}, for a request that may make a tunnel of its connection, of which nothing is read before that is
     * decided: by {@link #forward} with {@code RAW}, or by {@link #makesNoTunnel}.
     */
    HttpReply deferForTunnel(HttpReceiver receiver) {
        Connection connection = connection();
        HttpReply itsCalls = new HttpReply(settings);
        itsCalls.phase = ReplyPhase.GIVEN_AWAY;
        HttpReply deferred = defer();
        deferred.exchange = new HttpExchange(connection, itsCalls, deferred.closes);
        deferred.exchange.awaitTunnel(receiver);
        return deferred;
    }

    /** Called before it is answered in another way. */
    void makesNoTunnel() {
        exchange.becomeNoTunnel();
    }

    /**
     * Sends the head of a response that a proxy passes on, and returns what the body is written to.
     *
     * @param form how, {@code LEFT_OUT} if there is no body, {@code RAW} for a tunnel
     * @param bytes how long it is, if it is {@code COUNTED}
     */
    HttpReplyStream forward(ForwardedResponse response, int status, HttpReplyStream.Form form, long bytes) {
        requireFresh();
        HttpReplyStream.Form its = form;
        if (asked.toHead) {
            its = HttpReplyStream.Form.LEFT_OUT;
        } else if (form == HttpReplyStream.Form.CHUNKED && asked.isHttp10) {
            its = HttpReplyStream.Form.RAW;
            closes = true;
        } else if (form == HttpReplyStream.Form.RAW) {
            exchange.becomeTunnel();
            closes = true;
        }
        boolean last = endsConnection();
        ByteBuffer encoded = response.encode(last, asked.isHttp10, its, settings.date());
        return streamBehind(encoded, status, last, its, bytes, null);
    }

    /** Sends an interim response that a proxy passes on; nothing to who speaks HTTP/1.0, which has none. */
    void forwardInterim(ForwardedResponse response) {
        requireFresh();
        if (!asked.isHttp10) {
            reply.interim(response.encodeInterim());
        }
    }

    /** Whether what is sent here still goes somewhere: false once it is complete, or its connection has ended. */
    public boolean isOpen() {
        return phase == ReplyPhase.FRESH && reply != null && reply.isOpen();
    }

    /** The connection that the request came from. */
    public Connection connection() {
        if (reply == null) {
            throw ReplyPhase.noCall();
        }
        return reply.connection();
    }

    // ---- for the protocol

    HttpReply begin(HttpRequest newRequest, Reply newReply, HttpExchange newExchange) {
        head.begin(newReply.connection().reader().busySince());
        coding.begin();
        request = newRequest;
        reply = newReply;
        exchange = newExchange;
        asked.begin(newRequest, newExchange != null);
        closes = !newRequest.isKeepAlive() || newReply.connection().isDraining();
        if (log != null) {
            log.begin(newRequest, newReply, newExchange != null);
        }
        phase = ReplyPhase.FRESH;
        return this;
    }

    /** Another call of the same exchange, for a piece of the body. */
    void goOn(Reply newReply) {
        reply = newReply;
        asked.continueAwaited = false;
    }

    /** The call is over. */
    void over(boolean forGood) {
        reply = null;
        request = null;
        stream = null;
        if (forGood) {
            phase = ReplyPhase.NO_CALL;
        }
        if (log != null) {
            log.callOver();
        }
    }

    /** About how many bytes of memory it takes between two calls. */
    int keptBytes() {
        return OBJECTS_BYTES + head.keptBytes() + (log == null ? 0 : log.keptBytes());
    }

    /** Whether nothing was sent yet, and nobody has taken it on to do so. */
    boolean isFresh() {
        return phase == ReplyPhase.FRESH;
    }

    /** Whether it was sent, or somebody is going to send it, and its connection ends then. */
    boolean isLast() {
        return closes && phase != ReplyPhase.FRESH;
    }

    /** The line of the request, null if there is no access log. */
    LoggedReply log() {
        return log;
    }

    boolean isToHead() {
        return asked.toHead;
    }

    boolean awaitsContinue() {
        return asked.continueAwaited;
    }

    /** The handler has failed, and its connection ends for that. */
    void fail() {
        if (phase != ReplyPhase.FRESH) {
            if (stream != null) {
                stream.hasFailed();
            }
            return;
        }
        head.begin(0);
        head.status(HttpStatus.INTERNAL_SERVER_ERROR);
        HttpErrorPage.Page page = settings.errors()
                .of(HttpStatus.INTERNAL_SERVER_ERROR, HttpStatus.reason(HttpStatus.INTERNAL_SERVER_ERROR));
        head.contentType(page.contentType());
        head.length(body.bytes(ByteBuffer.wrap(page.bytes())));
        head.connection(true, asked.isHttp10);
        logBegun();
        sendWhole(false); // what ends the connection comes behind it
        body.clear();
    }

    private boolean endsConnection() {
        // It may have been begun before the drain, so others may be behind it.
        closes |= reply.connection().isDraining() && reply.isNewest();
        boolean last = closes || asked.continueAwaited;
        if (asked.continueAwaited) {
            exchange.isNotToldToGoOn();
        }
        head.connection(last, asked.isHttp10);
        return last;
    }

    // What the reply is made of is shared by the requests of a Reader, so another thread is told before it changes
    // any of it.
    private void requireFresh() {
        Reply mine = reply;
        phase.requireFresh(mine != null);
        mine.connection();
    }
}
