// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.frame.FrameException;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.NoBackend;
import dev.sluice.upstream.NoConnection;
import dev.sluice.upstream.Pick;
import dev.sluice.upstream.PooledConnection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * One request on its way to a backend and its response on the way back. The Reader's thread, on which both connections are.
 *
 * <pre>
 *   HOLDING ──► PICKING ──► SENT ──► RESPONDING ──► OVER
 *   the body    a backend   the      of the response
 *   comes       and a       head     some has come
 *               connection
 *                  ▲          │
 *                  └──────────┘ another attempt
 * </pre>
 */
final class Proxied implements HttpReceiver, HttpResponseHandler, ConnectionPool.Taker {
    private enum Phase {
        HOLDING,
        PICKING,
        SENT,
        RESPONDING,
        TUNNEL,
        OVER
    }

    /** How many connections in a row may turn out to be dead, beyond the retries: their servers may have restarted. */
    private static final int MOST_STALE = 8;

    private final BackendLane lane;
    private final Connection client;
    private final boolean mayTunnel;
    private final boolean upgrades;
    private final String method;
    private final ForwardedBody body; // null if there is none
    private HttpReply reply; // null while the body is held: until then the protocol says what is wrong with it
    private HeadWriter writer; // null once the head is encoded
    private ByteBuffer head; // null before; its position stays

    private Phase phase = Phase.HOLDING;
    private boolean clientPaused;

    private Lease lease;
    private PooledConnection upstream;
    private boolean usedBefore; // the connection
    private int attempts;
    private int stale;
    private long progress; // when something has come or gone, nanoseconds

    private HttpReplyStream stream;
    private boolean keepsAlive; // the backend's connection, behind the response
    private boolean upstreamPaused;

    // in the lane
    Proxied next;
    Proxied previous;

    Proxied(BackendLane lane, Connection client, HttpRequest request, HeadWriter writer, boolean upgrades) {
        this.lane = lane;
        this.client = client;
        this.upgrades = upgrades;
        this.mayTunnel = upgrades || request.method().equals("CONNECT");
        this.method = request.method();
        this.body = ForwardedBody.of(request, lane.backends());
        if (body == null) {
            this.head = ForwardedRequest.endWithoutBody(writer, request.contentLength() == 0);
        } else {
            this.writer = writer;
        }
    }

    // ---- the request

    void begin(HttpReply itsReply) {
        lane.backends().counters().requests.increment();
        lane.add(this);
        if (body == null) {
            reply = mayTunnel ? itsReply.deferForTunnel(this) : itsReply.defer();
            pick();
        } else {
            body.holdHead(writer.capacity());
            if (body.isTooLong() || body.isFull()) {
                start(itsReply);
            }
        }
    }

    @Override
    public void receive(HttpContent part, HttpReply sameReply) {
        switch (phase) {
            case HOLDING, PICKING -> hold(part, sameReply);
            case SENT, RESPONDING -> passOn(part);
            case TUNNEL -> passThrough(part);
            case OVER -> {} // nobody wants it
        }
    }

    private void hold(HttpContent part, HttpReply sameReply) {
        body.hold(part);
        if (phase == Phase.PICKING) {
            if (!body.isWhole()) {
                pauseClient();
            }
        } else if (body.isWhole() || body.isFull()) {
            start(sameReply);
        }
    }

    /** What is held is all, or as much as may be. */
    private void start(HttpReply itsReply) {
        reply = itsReply.defer();
        head = body.endHead(writer);
        writer = null;
        if (!body.isWhole()) {
            pauseClient();
        }
        pick();
    }

    private void passOn(HttpContent part) {
        progress = lane.reader.busySince();
        body.pass(part, upstream);
        if (!body.isWhole() && phase != Phase.OVER && !upstream.isWritable()) {
            pauseClient();
        }
    }

    private void passThrough(HttpContent part) {
        progress = lane.reader.busySince();
        upstream.send(part.bytes());
        if (part.isLast()) {
            upstream.endOutput();
        } else if (!upstream.isWritable()) {
            pauseClient();
        }
    }

    private void pauseClient() {
        if (!clientPaused) {
            clientPaused = true;
            client.pause();
        }
    }

    private void resumeClient() {
        if (clientPaused) {
            clientPaused = false;
            client.resume();
        }
    }

    private void backendIsWritable() {
        progress = lane.reader.busySince();
        if (phase == Phase.TUNNEL) {
            resumeClient();
        } else if (isUnderWay() && body != null) {
            sendHeld();
        }
    }

    /** What the client has sent of the body is none, or came too late; no more comes, and the connection ends. */
    void bodyRefused(int status, String why) {
        if (phase == Phase.OVER || bodyIsWhole() || stream != null) {
            return;
        }
        boolean isAwaited = reply.isOpen();
        abandon();
        if (isAwaited) {
            reply.thenClose().sendError(status, why);
        }
    }

    /** The client's connection has ended in the middle of the body. */
    @Override
    public void ended() {
        abandon();
    }

    // ---- a backend and a connection

    private void pick() {
        pick(0, null);
    }

    /** What a client is told if there is no other backend than those that were tried, of which there is none at first. */
    private void pick(int status, String why) {
        phase = Phase.PICKING;
        Pick pick = lane.backends().upstream().pick(client.remoteAddress(), lease);
        if (pick instanceof Lease picked) {
            if (lease != null) {
                lane.backends().counters().retries.increment();
            }
            lease = picked;
            attempts++;
            take();
        } else if (lease == null) {
            fail(HttpStatus.SERVICE_UNAVAILABLE, why((NoBackend) pick));
        } else {
            fail(status, why);
        }
    }

    private static String why(NoBackend none) {
        return switch (none) {
            case AT_LIMIT -> "all backends have as much to do as they may";
            default -> "no backend is up";
        };
    }

    private void take() {
        lane.lanes.pool.take(lease.backend().address(), this);
    }

    @Override
    public void taken(PooledConnection connection) {
        if (phase != Phase.PICKING) {
            lane.giveBack(connection);
            return;
        }
        upstream = connection;
        usedBefore = connection.wasUsedBefore();
        lease.connected();
        progress = lane.reader.busySince();
        phase = Phase.SENT;
        HttpCaller caller = HttpCaller.of(connection);
        if (!caller.forward(head, method, upgrades, this, this::backendIsWritable)) {
            connection.abort();
            upstream = null;
            connectionWasDead(null);
            return;
        }
        if (body != null) {
            body.begin();
            sendHeld();
        }
    }

    /** Sends what is held, as far as the backend takes it, and then has the client send on. */
    private void sendHeld() {
        if (body.sendHeld(upstream)) {
            resumeClient();
        }
    }

    @Override
    public boolean isWanted() {
        return phase == Phase.PICKING;
    }

    /** No connection was to be had. */
    @Override
    public void failed(Throwable why) {
        if (phase != Phase.PICKING) {
            return;
        }
        if (why instanceof NoConnection none) {
            lease.gaveUp();
            fail(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    none.reason() == NoConnection.Reason.CLOSED
                            ? "this is about to end"
                            : "all connections to backends are in use");
            return;
        }
        lease.connectFailed(why);
        attemptFailed(
                why.getCause() instanceof SocketTimeoutException ? HttpStatus.GATEWAY_TIMEOUT : HttpStatus.BAD_GATEWAY,
                "the backend could not be reached",
                true);
    }

    // ---- the response

    @Override
    public void interim(HttpResponse response) {
        progress = lane.reader.busySince();
        if (phase != Phase.OVER && response.status() != 100 && reply.isOpen()) { // that was answered before
            reply.forwardInterim(lane.responses.of(response));
        }
    }

    @Override
    public void response(HttpResponse response) {
        if (phase == Phase.OVER) {
            return;
        }
        lease.answered();
        if (!reply.isOpen()) {
            abandon();
            return;
        }
        progress = lane.reader.busySince();
        head = null; // it isn't sent again
        if (body != null && body.isSent()) {
            body.letGo();
        }
        if (response.isTunnel()) {
            phase = Phase.TUNNEL;
            stream = reply.forward(lane.responses.of(response), response.status(), HttpReplyStream.Form.RAW, 0);
            return;
        }
        noTunnel();
        phase = Phase.RESPONDING;
        keepsAlive = response.isKeepAlive();
        boolean hasBody = response.hasBody() && response.contentLength() != 0;
        HttpReplyStream.Form form = !hasBody
                ? HttpReplyStream.Form.LEFT_OUT
                : response.contentLength() > 0 ? HttpReplyStream.Form.COUNTED : HttpReplyStream.Form.CHUNKED;
        stream = reply.forward(lane.responses.of(response), response.status(), form, response.contentLength());
        if (!hasBody) {
            over();
        }
    }

    @Override
    public void content(HttpContent part) {
        if (phase == Phase.OVER) {
            return;
        }
        progress = lane.reader.busySince();
        boolean goesOn = !part.bytes().hasRemaining() || stream.write(part.bytes());
        if (part.isLast()) {
            stream.end();
            over();
        } else if (!goesOn) {
            if (stream.isOpen()) {
                upstreamPaused = true;
                upstream.pause();
                stream.whenWritable(this::clientIsWritable);
            } else {
                abandon();
            }
        }
    }

    private void clientIsWritable() {
        if (phase != Phase.RESPONDING && phase != Phase.TUNNEL) {
            return;
        }
        if (!stream.isOpen()) {
            abandon();
            return;
        }
        progress = lane.reader.busySince();
        upstreamPaused = false;
        upstream.resume();
    }

    private void noTunnel() {
        if (mayTunnel) {
            reply.makesNoTunnel();
        }
    }

    private boolean isUnderWay() {
        return phase == Phase.SENT || phase == Phase.RESPONDING || phase == Phase.TUNNEL;
    }

    /** The response is whole. */
    private void over() {
        lane.backends().counters().responses.increment();
        PooledConnection used = upstream;
        boolean requestSent = body == null || body.isSent();
        boolean wasTunnel = phase == Phase.TUNNEL;
        end();
        lease.ended();
        HttpCaller.of(used).forgetWriter(); // or an idle connection would keep the last client's
        if (keepsAlive && requestSent) {
            used.release();
        } else if (!requestSent) {
            used.abort(); // the rest of the request would be missed there
            if (!body.isWhole()) {
                client.close(); // and nobody wants it
            }
        } else if (wasTunnel) {
            client.close();
        } // else HttpCaller ends it
    }

    /** The backend's connection has ended before the response was whole. */
    @Override
    public void failed(CloseReason reason) {
        upstream = null;
        switch (phase) {
            case SENT -> {
                if (reason instanceof CloseReason.BadFrame bad
                        && (bad.cause().kind() != FrameException.Kind.TRUNCATED
                                || bad.cause().offset() > 0)) {
                    lease.failed(new IOException("what it has sent is no response"));
                    fail(HttpStatus.BAD_GATEWAY, "what the backend has sent is no response");
                } else {
                    connectionWasDead(reason);
                }
            }
            case RESPONDING, TUNNEL -> {
                leaseEnds(reason, "the connection has ended in the middle of a response");
                breakOff();
            }
            default -> {} // it was ended here
        }
    }

    /** What was taken for a connection was none, or none any more. */
    private void connectionWasDead(CloseReason reason) {
        phase = Phase.PICKING;
        boolean mayRepeat = (body == null || !body.isLost()) && (reason == null || isIdempotent(method));
        boolean late = reason instanceof CloseReason.DeadlinePassed;
        if (usedBefore && !late && mayRepeat && stale < MOST_STALE) {
            stale++;
            lane.backends().counters().retries.increment();
            take();
            return;
        }
        if (usedBefore && !late && !mayRepeat) {
            lease.gaveUp(); // it may have ended before the request came: nobody's fault
        } else {
            leaseEnds(reason, late ? "no answer in time" : "the connection has ended without a response");
        }
        attemptFailed(
                late ? HttpStatus.GATEWAY_TIMEOUT : HttpStatus.BAD_GATEWAY,
                late ? "the backend did not answer in time" : "the backend ended the connection without a response",
                mayRepeat && !late);
    }

    /** A connection has ended too early: the backend's fault, unless the reason is one of ours. Null for none. */
    private void leaseEnds(CloseReason reason, String what) {
        boolean ours = reason instanceof CloseReason.Stopped
                || reason instanceof CloseReason.BudgetExhausted
                || reason instanceof CloseReason.HandlerFailed;
        if (ours) {
            lease.gaveUp();
        } else {
            lease.failed(new IOException(what));
        }
    }

    /** Another one follows, if it may and there is another backend; else the client is told of this one. */
    private void attemptFailed(int status, String why, boolean mayRepeat) {
        if (mayRepeat && attempts <= lane.backends().retries()) {
            pick(status, why);
        } else {
            fail(status, why);
        }
    }

    /** RFC 9110, 9.2.2. */
    private static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    // ---- the end

    boolean isOver() {
        return phase == Phase.OVER;
    }

    /** Now and then: whether somebody still waits, and the backend does something. */
    void look(long now) {
        boolean isAwaited = stream != null ? stream.isOpen() : reply == null || reply.isOpen();
        if (!isAwaited) {
            abandon();
        } else if (phase == Phase.TUNNEL) {
            if (now - progress >= lane.tunnelIdleNanos) {
                stream.end();
                upstream.close();
                over();
            }
        } else if (isUnderWay() && !upstreamPaused && bodyIsSent() && now - progress >= lane.timeoutNanos) {
            lease.failed(new SocketTimeoutException(
                    "nothing came for " + lane.backends().responseTimeout()));
            PooledConnection late = upstream;
            if (phase == Phase.SENT) {
                fail(HttpStatus.GATEWAY_TIMEOUT, "the backend did not answer in time");
            } else {
                breakOff();
            }
            late.abort();
        }
    }

    // A client that sends slowly is not the backend's fault.
    private boolean bodyIsSent() {
        return bodyIsWhole() || clientPaused;
    }

    private boolean bodyIsWhole() {
        return body == null || body.isWhole();
    }

    /** The client is told, since nothing of a response has come. */
    private void fail(int status, String why) {
        lane.backends().counters().error(status);
        noTunnel();
        end();
        if (reply.isOpen()) {
            (bodyIsWhole() ? reply : reply.thenClose()).sendError(status, why);
        }
        if (!bodyIsWhole()) {
            client.close(); // nobody wants the rest
        }
    }

    /** The client is told by a reset, since a part of the response has left. */
    private void breakOff() {
        lane.backends().counters().brokenOff.increment();
        end();
        if (stream.isOpen()) {
            stream.abort();
        }
    }

    /** The client has gone. */
    private void abandon() {
        if (phase == Phase.OVER) {
            return;
        }
        PooledConnection used = upstream;
        end();
        lane.backends().counters().abandoned.increment();
        if (lease != null) {
            lease.gaveUp();
        }
        if (used != null) {
            used.abort();
        }
    }

    private void end() {
        phase = Phase.OVER;
        lane.remove(this);
        upstream = null;
        if (body != null) {
            body.letGo();
        }
        head = null;
        writer = null;
        resumeClient();
    }
}
