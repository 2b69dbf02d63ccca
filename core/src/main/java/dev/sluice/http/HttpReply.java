// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.Output;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

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
    private static final Encoder<HttpReply> WHOLE = (reply, out) -> reply.encode(out);
    private static final Encoder<ReplyHead> HEAD = ReplyHead::encode;
    static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private enum Phase {
        /** Of no use now: no handler's call is on. */
        NO_CALL,
        /** Nothing of it was sent yet. */
        FRESH,
        /** It was deferred, or streams: somebody else sends it. */
        GIVEN_AWAY,
        /** All of it was sent. */
        COMPLETE
    }

    private final HttpDate date;
    private final ReplyHead head;
    private Reply reply; // null while there is no call
    private HttpExchange exchange; // null unless a body comes in pieces
    private Phase phase = Phase.NO_CALL;
    private HttpReplyStream begun; // in this call
    private boolean toHead;
    private boolean toConnect;
    private boolean isHttp10;
    private boolean closes; // the connection ends behind it
    private boolean continueAwaited; // the client hasn't sent the body, and may not

    // while it is encoded
    private String text;
    private boolean ascii; // the text
    private ByteBuffer body;
    private long bodyBytes;

    HttpReply(HttpDate date) {
        this.date = date;
        this.head = new ReplyHead(date);
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

    /** Ends the connection behind this reply, which then says so. */
    public HttpReply thenClose() {
        requireFresh();
        closes = true;
        return this;
    }

    /** Sends it without a body: with {@code Content-Length: 0} where its status may have one. */
    public void send() {
        send(null, null, null, 0);
    }

    /**
     * Sends it with a text as UTF-8.
     *
     * @param contentType the type, for instance {@code text/plain; charset=utf-8}; null for none
     * @throws IllegalArgumentException if the type has other characters than a field's value, or if there is text and the
     *     status has no body
     */
    public void send(String contentType, String text) {
        ascii = Utf8.isAscii(text);
        send(contentType, text, null, ascii ? text.length() : Utf8.length(text));
    }

    /**
     * Sends it with the bytes between position and limit, which are copied or sent before this returns; the position stays.
     *
     * @param contentType the type, for instance {@code application/octet-stream}; null for none
     * @throws IllegalArgumentException if the type has other characters than a field's value, or if there are bytes and the
     *     status has no body
     */
    public void send(String contentType, ByteBuffer body) {
        send(contentType, null, body, body.remaining());
    }

    private void send(String contentType, String newText, ByteBuffer newBody, long bytes) {
        requireFresh();
        requireNoTunnel();
        head.contentType(contentType);
        head.length(bytes);
        text = newText;
        body = newBody;
        bodyBytes = toHead ? 0 : bytes;
        completes(exchange, reply, endsConnection());
        try {
            reply.send(this, WHOLE);
        } finally {
            text = null;
            body = null;
        }
        phase = Phase.COMPLETE;
    }

    /**
     * Sends it with a part of a file, as fast as the client reads and by the system's own way from a file to a socket where
     * there is one. The file is closed when that is done, or has failed; if it turns out to be shorter the connection ends.
     * Small ones, up to 16 KiB, are read at once. Reading may block the Reader.
     *
     * @param contentType as with {@link #send(String, ByteBuffer)}
     * @param position where in the file, 0 or more
     * @param bytes how many bytes, 0 or more
     * @throws IllegalArgumentException if the type is wrong, or there are bytes and the status has no body; the file may be
     *     open then
     * @throws UncheckedIOException if a small one can't be read, or is shorter
     */
    public void send(String contentType, FileChannel file, long position, long bytes) {
        if (bytes <= FileSending.SMALL_BYTES) {
            send(contentType, FileSending.read(file, position, bytes)); // less work than a reply that goes on later
            return;
        }
        HttpReplyStream stream = stream(contentType, bytes);
        stream.whenWritable(new FileSending(stream, file, position, bytes)); // on the Reader, wherever this is
    }

    private void encode(Output out) {
        if (bodyBytes > 0 && text != null && ascii) {
            head.encode(out, text);
            return;
        }
        head.encode(out);
        if (bodyBytes > 0) {
            if (text != null) {
                Utf8.put(out, text, bodyBytes);
            } else {
                out.put(body);
            }
        }
    }

    /**
     * Sends 100 Continue, so that the client sends the body (RFC 9110, 10.1.1). Where bodies are streamed this is done by
     * itself once the handler has returned a receiver, unless it has deferred the reply; where they are gathered, before the
     * handler is called. Nothing is sent to who speaks HTTP/1.0. Behind a reply to a client that waits and isn't told to go on, the
     * connection ends, and a receiver gets no body.
     */
    public void sendContinue() {
        requireFresh();
        if (!isHttp10) {
            reply.interim(ByteBuffer.wrap(CONTINUE));
        }
        continueAwaited = false;
    }

    /** Keeps the place of this reply for later. What was set so far stays set. */
    public HttpReply defer() {
        requireFresh();
        HttpReply deferred = new HttpReply(date);
        deferred.reply = reply.defer();
        deferred.head.takeOver(head);
        deferred.exchange = exchange;
        deferred.toHead = toHead;
        deferred.toConnect = toConnect;
        deferred.isHttp10 = isHttp10;
        deferred.closes = closes;
        deferred.continueAwaited = continueAwaited;
        deferred.phase = Phase.FRESH;
        phase = Phase.GIVEN_AWAY;
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
        requireNoTunnel();
        head.contentType(contentType);
        head.noLength(!isHttp10);
        closes |= isHttp10;
        return stream(isHttp10 ? HttpReplyStream.Form.RAW : HttpReplyStream.Form.CHUNKED, 0);
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
        requireNoTunnel();
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " is negative");
        }
        head.contentType(contentType);
        head.length(bytes);
        return stream(HttpReplyStream.Form.COUNTED, bytes);
    }

    private HttpReplyStream stream(HttpReplyStream.Form form, long bytes) {
        boolean last = endsConnection();
        ByteBuffer encoded = HeapOutput.encode(head, HEAD);
        Reply deferred = reply.defer();
        phase = Phase.GIVEN_AWAY;
        if (toHead) {
            completes(exchange, deferred, last);
            deferred.send(encoded);
            return new HttpReplyStream(deferred, HttpReplyStream.Form.LEFT_OUT, 0, exchange, last);
        }
        deferred.write(encoded);
        begun = new HttpReplyStream(deferred, form, bytes, exchange, last);
        return begun;
    }

    /** Whether what is sent here still goes somewhere: false once it is complete, or its connection has ended. */
    public boolean isOpen() {
        return phase == Phase.FRESH && reply != null && reply.isOpen();
    }

    /** The connection that the request came from. */
    public Connection connection() {
        if (reply == null) {
            throw noCall();
        }
        return reply.connection();
    }

    /**
     * A reply is about to be completed: with it or once the body has come, its connection ends, if it is to. It is said
     * before, or replies that wait behind this one would leave in between.
     */
    static void completes(HttpExchange exchange, Reply reply, boolean last) {
        if (exchange != null) {
            exchange.replied(reply, last);
        } else if (last) {
            reply.thenClose();
        }
    }

    // ---- for the protocol

    HttpReply begin(HttpRequest request, Reply newReply, HttpExchange newExchange) {
        head.begin(newReply.connection().reader().busySince());
        reply = newReply;
        exchange = newExchange;
        toHead = request.method().equals("HEAD");
        toConnect = request.method().equals("CONNECT");
        isHttp10 = request.isHttp10();
        closes = !request.isKeepAlive();
        continueAwaited = newExchange != null && request.expectsContinue();
        phase = Phase.FRESH;
        return this;
    }

    /** Another call of the same exchange, for a piece of the body. */
    void goOn(Reply newReply) {
        reply = newReply;
        continueAwaited = false;
    }

    /** The call is over. */
    void over(boolean forGood) {
        reply = null;
        begun = null;
        if (forGood) {
            phase = Phase.NO_CALL;
        }
    }

    /** Whether nothing was sent yet, and nobody has taken it on to do so. */
    boolean isFresh() {
        return phase == Phase.FRESH;
    }

    /** Whether it was sent, or somebody is going to send it, and its connection ends then. */
    boolean isLast() {
        return closes && phase != Phase.FRESH;
    }

    boolean awaitsContinue() {
        return continueAwaited;
    }

    /** The handler has failed, and its connection ends for that. */
    void fail() {
        if (phase != Phase.FRESH) {
            if (begun != null) {
                begun.hasFailed();
            }
            return;
        }
        head.begin(0);
        head.status(HttpStatus.INTERNAL_SERVER_ERROR);
        head.contentType("text/plain");
        ascii = true;
        text = HttpStatus.reason(HttpStatus.INTERNAL_SERVER_ERROR) + '\n';
        body = null;
        head.length(text.length());
        bodyBytes = toHead ? 0 : text.length();
        head.connection(true, isHttp10);
        phase = Phase.COMPLETE;
        reply.send(this, WHOLE);
        text = null;
    }

    private boolean endsConnection() {
        boolean last = closes || continueAwaited;
        if (continueAwaited) {
            exchange.isNotToldToGoOn();
        }
        head.connection(last || reply.connection().isDraining(), isHttp10);
        return last;
    }

    private void requireNoTunnel() {
        if (toConnect && head.status() < 300) {
            throw new IllegalArgumentException("status " + head.status()
                    + " to CONNECT would make a tunnel of the connection (RFC 9110, 9.3.6), which it can't become");
        }
    }

    private void requireFresh() {
        if (phase == Phase.NO_CALL || phase == Phase.FRESH && reply == null) {
            throw noCall();
        }
        if (phase == Phase.GIVEN_AWAY) {
            throw new IllegalStateException("this reply was deferred or begun as a stream; use what that returned");
        }
        if (phase == Phase.COMPLETE) {
            throw new IllegalStateException("this reply is complete already");
        }
    }

    private static IllegalStateException noCall() {
        return new IllegalStateException(
                "this reply is valid during its handler's call; call defer() to keep it, or to use it elsewhere");
    }
}
