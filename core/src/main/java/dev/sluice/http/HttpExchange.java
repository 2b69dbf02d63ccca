// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request whose body comes in pieces: who gets them, and what becomes of the connection behind them. While they come it
 * is the connection's attachment. Calls come one after another, from the Reader or from workers; the end comes from the
 * Reader, at any time; replies from any thread.
 */
final class HttpExchange {
    /** Bytes that are read and dropped of a body that nobody wants: what may be on its way already, and a bit. */
    static final int MOST_SKIPPED = 256 * 1024;

    private static final int WAITING = 0;
    private static final int IN_CALL = 1;
    private static final int ENDED = 2;

    private final Connection connection;
    private final HttpReply reply;

    // calls
    private final AtomicInteger phase = new AtomicInteger(IN_CALL); // the head's
    private Object attachedBefore;
    private HttpReceiver receiver; // null if nobody wants the body
    private long skipped;
    private boolean whole; // the last piece was received
    private boolean tunnel; // what comes is another protocol's

    // any thread
    private volatile Reply replied; // null before
    private volatile boolean closes; // the connection, once the reply is complete and nobody waits for the body
    private volatile boolean bodyOver; // all of it was received, or nobody wants it, or it won't come
    private volatile boolean comes; // a piece of it has

    HttpExchange(Connection connection, HttpReply reply, boolean closes) {
        this.closes = closes;
        this.connection = connection;
        this.reply = reply;
    }

    /** The one that is under way on a connection, or null. */
    static HttpExchange of(Connection connection) {
        return connection.attachment() instanceof HttpExchange exchange ? exchange : null;
    }

    HttpReply reply() {
        return reply;
    }

    /** The connection is to end behind the reply. */
    void closes() {
        closes = true;
    }

    /** The client, which waits to be told to send the body, gets a reply instead: it won't, unless it has begun already. */
    void isNotToldToGoOn() {
        if (!comes) {
            bodyOver = true;
        }
    }

    /** The head was handled. */
    void begin(HttpReceiver newReceiver) {
        receiver = newReceiver;
        attachedBefore = connection.attachment();
        connection.attach(this);
        if (receiver == null) {
            bodyOver();
        }
        callOver();
        VarHandle.fullFence(); // the Reader may be closing it: either this is seen there, or that here
        if (!connection.isOpen()) {
            ended();
        }
    }

    // ---- tunnels, on the Reader

    /**
     * A request without a body is handled that may make a tunnel of its connection. Nothing behind it is read before that is
     * decided.
     */
    void awaitTunnel(HttpReceiver newReceiver) {
        receiver = newReceiver;
        attachedBefore = connection.attachment();
        connection.attach(this);
        connection.pause();
        bodyOver = true;
        callOver();
    }

    /** It becomes one: what comes is received in pieces, the last of which says that the client has ended its stream. */
    void becomeTunnel() {
        tunnel = true;
        bodyOver = false;
        connection.resume();
    }

    /** It becomes none. */
    void becomeNoTunnel() {
        receiver = null;
        if (connection.attachment() == this) {
            connection.attach(attachedBefore);
        }
        connection.resume();
    }

    boolean isTunnel() {
        return tunnel;
    }

    /** Gets a piece of the body. */
    void receive(HttpContent part, Reply partReply) throws Exception {
        if (!phase.compareAndSet(WAITING, IN_CALL)) {
            return; // the connection has ended, and that was told
        }
        comes = true;
        reply.goOn(partReply);
        try {
            if (receiver == null) {
                skip(part);
            } else {
                receiver.receive(part, reply);
                if (part.isLast() && reply.isFresh()) {
                    throw HttpProtocol.noReply();
                }
            }
            whole = part.isLast();
        } catch (Throwable t) {
            HttpProtocol.fail(reply, t);
            throw t;
        } finally {
            if (whole) {
                connection.attach(attachedBefore);
            }
            reply.over(whole);
            callOver();
        }
        if (whole) {
            bodyOver();
        }
    }

    private void skip(HttpContent part) {
        skipped += part.bytes().remaining();
        if (skipped > MOST_SKIPPED) {
            closes = true;
            closeIfDue();
            connection.pause();
        }
    }

    /** What has come of the body is refused, and no more comes; a proxy is the one that can still say so. */
    void bodyRefused(int status, String why) {
        if (receiver instanceof Proxied proxied) {
            proxied.bodyRefused(status, why);
        }
    }

    /** The connection has ended. */
    void ended() {
        if (phase.getAndSet(ENDED) == WAITING) {
            tellEnd();
        }
    }

    private void callOver() {
        if (!phase.compareAndSet(IN_CALL, WAITING)) {
            tellEnd();
        }
    }

    private void tellEnd() {
        if (receiver != null && !whole) {
            receiver.ended();
        }
    }

    // ---- the end of the connection

    /**
     * A reply is about to be completed: with it or once the body has come, if there is an exchange, its connection ends, if it
     * is to. It is said before, or replies that wait behind this one would leave in between.
     */
    static void completes(HttpExchange exchange, Reply reply, boolean last) {
        if (exchange != null) {
            exchange.replied(reply, last);
        } else if (last) {
            reply.thenClose();
        }
    }

    /** A reply begins that is the last, and may take long: from now on no request behind it is handled. */
    static void lastBegins(HttpExchange exchange, Reply reply) {
        if (exchange == null) {
            reply.thenClose();
            return;
        }
        exchange.closes = true;
        if (exchange.bodyOver) { // else the end of the body sees to it
            reply.thenClose();
        }
    }

    /** The reply is about to be complete. */
    void replied(Reply complete, boolean last) {
        if (last) {
            closes = true;
        }
        replied = complete;
        closeIfDue();
    }

    private void bodyOver() {
        if (reply.isLast()) {
            closes = true;
        }
        bodyOver = true;
        closeIfDue();
        if (closes) {
            connection.pause(); // what comes behind it would be dropped, and nothing is waited for
        }
    }

    private void closeIfDue() {
        Reply complete = replied;
        if (closes && bodyOver && complete != null) {
            complete.thenClose();
        }
    }
}
