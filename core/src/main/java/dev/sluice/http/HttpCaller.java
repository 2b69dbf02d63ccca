// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Limits;
import dev.sluice.frame.Encoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * Sends requests on a connection of {@link HttpClientProtocol}, and gives each its response. Requests may be sent while
 * others are not answered yet; the server answers in their order (RFC 9112, 9.3.2). Any thread.
 */
public final class HttpCaller {
    private static final Encoder<HttpCaller> REQUEST = (caller, out) -> caller.head.encode(out, caller.body);

    private final Connection connection;
    private final Object attachment;
    private final boolean gathers;
    private final PendingRequests pending = new PendingRequests();

    // guarded by this
    private final ArrayDeque<HttpResponseHandler> handlers = new ArrayDeque<>(); // of responses that aren't whole
    private boolean inCall; // one of them is
    private CloseReason ended; // null before
    private boolean noMore; // the last request was sent, or a response says that it is the last
    private HttpRequestHead head; // while it is encoded
    private ByteBuffer body; // likewise

    // calls
    private boolean isLast; // the response whose body comes
    private Runnable onWritable; // of a proxy; null if there is none

    HttpCaller(Connection connection, boolean gathers) {
        this.connection = connection;
        this.attachment = connection.attachment();
        this.gathers = gathers;
    }

    /**
     * The one of a connection.
     *
     * @throws IllegalArgumentException if that isn't one of {@link HttpClientProtocol}, or something else was attached
     */
    public static HttpCaller of(Connection connection) {
        if (connection.attachment() instanceof HttpCaller caller) {
            return caller;
        }
        throw new IllegalArgumentException("connection: " + connection + " has no HttpCaller attached");
    }

    /** The connection. */
    public Connection connection() {
        return connection;
    }

    /** What was to be attached to the connection when it was made. */
    public Object attachment() {
        return attachment;
    }

    /** How many requests were sent to which the response isn't whole yet. */
    public synchronized int unanswered() {
        return handlers.size();
    }

    /** Sends a request without a body. As {@link #send(HttpRequestHead, ByteBuffer, HttpResponseHandler)} in all else. */
    public boolean send(HttpRequestHead head, HttpResponseHandler handler) {
        return sendWhole(head, null, handler);
    }

    /**
     * Sends a request.
     *
     * @param head its head, to which the length of the body is added
     * @param body the bytes between position and limit, which are copied or sent before this returns; the position
     *     stays
     * @return whether it was accepted; if not, since the connection has ended or ends, nothing is told to the handler.
     *     None is behind a request or a response that says {@code Connection: close}. A request that would have more than
     *     {@link Limits#outboundBytes} wait for the server isn't either, and ends the connection
     */
    public boolean send(HttpRequestHead head, ByteBuffer body, HttpResponseHandler handler) {
        return sendWhole(head, Objects.requireNonNull(body, "body"), handler);
    }

    private synchronized boolean sendWhole(HttpRequestHead newHead, ByteBuffer newBody, HttpResponseHandler handler) {
        Objects.requireNonNull(handler, "handler");
        if (noMore || ended != null || pending.isOverrun() || !connection.isOpen()) {
            return false;
        }
        // Before it is sent, as the response may be here before that returns.
        pending.add(newHead.method(), newHead.upgrades());
        handlers.addLast(handler);
        boolean sent = false;
        try {
            head = newHead;
            body = newBody;
            sent = connection.send(this, REQUEST);
            noMore = sent && newHead.closes();
        } finally {
            head = null;
            body = null;
            if (!sent) {
                pending.removeLast();
                handlers.removeLast();
            }
        }
        return sent;
    }

    // ---- for proxies

    /**
     * Sends the head of a request that was made elsewhere, from position to limit. Its body, if it has one, is sent on the
     * connection itself, behind this. The Reader's thread only.
     *
     * @param whenWritable what is done when the connection is writable again
     * @return as {@link #send}
     */
    synchronized boolean forward(
            ByteBuffer encodedHead,
            String method,
            boolean upgrades,
            HttpResponseHandler handler,
            Runnable whenWritable) {
        if (noMore || ended != null || pending.isOverrun() || !connection.isOpen()) {
            return false;
        }
        pending.add(method, upgrades);
        handlers.addLast(handler);
        onWritable = whenWritable;
        boolean sent = false;
        try {
            sent = connection.send(encodedHead);
        } finally {
            if (!sent) {
                pending.removeLast();
                handlers.removeLast();
            }
        }
        return sent;
    }

    /** Nobody waits for it to be writable any more. */
    void forgetWriter() {
        onWritable = null;
    }

    void writable() {
        Runnable action = onWritable;
        if (action != null) {
            action.run();
        }
    }

    // ---- for the protocol

    PendingRequests pending() {
        return pending;
    }

    void received(HttpPart part) throws Exception {
        HttpResponseHandler handler = beginCall();
        if (handler == null) {
            return; // the connection has ended, and that was told
        }
        boolean whole = true; // also if the handler throws, which is told no more then
        try {
            whole = part instanceof HttpResponse response
                    ? response(handler, response)
                    : content(handler, (HttpContent) part);
        } finally {
            endCall(whole);
        }
        if (whole && isLast) {
            connection.close();
        }
    }

    /** Returns whether that was all of the response. */
    private boolean response(HttpResponseHandler handler, HttpResponse response) throws Exception {
        if (response.isInterim()) {
            handler.interim(response);
            return false;
        }
        isLast = !response.isKeepAlive();
        if (isLast) {
            takeNoMore();
        }
        boolean follows = response.isTunnel() || !gathers && response.hasBody() && response.contentLength() != 0;
        handler.response(response);
        return !follows;
    }

    private synchronized void takeNoMore() {
        noMore = true;
    }

    private static boolean content(HttpResponseHandler handler, HttpContent part) throws Exception {
        handler.content(part);
        return part.isLast();
    }

    private synchronized HttpResponseHandler beginCall() {
        if (ended != null) {
            return null;
        }
        inCall = true;
        return handlers.peekFirst();
    }

    private void endCall(boolean whole) throws Exception {
        CloseReason reason;
        synchronized (this) {
            inCall = false;
            if (whole) {
                handlers.removeFirst();
            }
            reason = ended;
        }
        if (reason != null) {
            fail(reason);
        }
    }

    void closed(CloseReason reason) throws Exception {
        synchronized (this) {
            ended = reason;
            if (inCall) {
                return; // who is in it tells the others
            }
        }
        fail(reason);
    }

    private void fail(CloseReason reason) throws Exception {
        Exception first = null;
        for (HttpResponseHandler handler = poll(); handler != null; handler = poll()) {
            try {
                handler.failed(reason);
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private synchronized HttpResponseHandler poll() {
        return handlers.pollFirst();
    }
}
