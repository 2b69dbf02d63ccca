// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.frame.HeapOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The body of one request on its way to a backend: held as it comes, sent from there to the backend, once for each
 * attempt, and what comes later passed on at once. The Reader's thread.
 *
 * <pre>
 *   hold … ──► endHead ──► begin ──► sendHeld … ──► pass …
 *                            ▲           │            │
 *                            └───────────┴────────────┘ another attempt, if nothing is lost
 * </pre>
 *
 * <p>All that has come is held, or else some of it {@linkplain #isLost is lost}. What is held, and the head as long as
 * it waits for the body, counts in {@link HttpBackends#held} until it is let go of: when all of it was sent and more of
 * the body comes behind it, and at the end. {@link #hold} is for what comes before there is a connection to a backend.
 * Once {@link #begin} has found something held nothing may come until that is sent, since that goes first: the client
 * is paused meanwhile.
 */
final class ForwardedBody {
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_CHUNK = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PIECE = 16 * 1024;

    private final HttpBackends backends;
    private final boolean chunked; // as it comes
    private final long length; // -1 if it isn't known
    private boolean sendsChunks;
    private HeapOutput gathered; // null if nothing is
    private ByteBuffer held; // what was gathered, from the first attempt on; null if nothing was, or it was let go of
    private ByteBuffer left; // of that, what this attempt has not sent; null if nothing is
    private long heldBytes;
    private int headBytes; // that wait for the body, until the head is ended
    private boolean whole;
    private boolean lost;

    private ForwardedBody(boolean chunked, long length, HttpBackends backends) {
        this.chunked = chunked;
        this.length = length;
        this.backends = backends;
    }

    /** That of a request, or null if it has none, or an empty one. */
    static ForwardedBody of(HttpRequest request, HttpBackends backends) {
        return request.isChunked() || request.contentLength() > 0
                ? new ForwardedBody(request.isChunked(), request.contentLength(), backends)
                : null;
    }

    /** Whether the head says that it is longer than what may be held. */
    boolean isTooLong() {
        return length > backends.heldBytes();
    }

    /** Whether all of it has come. */
    boolean isWhole() {
        return whole;
    }

    /** Whether some of it was passed on and isn't held any more, so that it can't be sent again. */
    boolean isLost() {
        return lost;
    }

    /** Whether all of it was sent. */
    boolean isSent() {
        return whole && left == null;
    }

    // ---- what comes before there is a connection

    /** The head waits for what follows, too, in so many bytes. */
    void holdHead(int bytes) {
        headBytes = bytes;
        backends.held(bytes);
    }

    void hold(HttpContent part) {
        assert held == null : "more comes while what came before is being sent";
        if (gathered == null) {
            gathered = new HeapOutput();
        }
        int bytes = part.bytes().remaining();
        gathered.put(part.bytes());
        heldBytes += bytes;
        backends.held(bytes);
        whole = part.isLast();
    }

    /** Whether as much is held as may be. */
    boolean isFull() {
        return heldBytes > backends.heldBytes() || backends.isHeldFull();
    }

    /** Ends the request's head as what is known of the body by now allows: with its length, or else in chunks. */
    ByteBuffer endHead(HeadWriter writer) {
        letGoOfHead();
        if (whole) {
            return ForwardedRequest.endWithLength(writer, heldBytes);
        }
        if (chunked) {
            sendsChunks = true;
            return ForwardedRequest.endWithChunks(writer);
        }
        return ForwardedRequest.endWithLength(writer, length);
    }

    // ---- to a backend; if a connection doesn't take something it has ended, which is told

    /** An attempt begins: all that is held is to be sent. */
    void begin() {
        if (gathered != null) {
            held = gathered.toBuffer();
            gathered = null;
        }
        left = held == null ? null : held.duplicate();
    }

    /** Sends what is held, as far as the backend takes it, and returns whether it would take what comes next. */
    boolean sendHeld(Connection backend) {
        while (left != null && backend.isWritable()) {
            sendPiece(backend);
            if (!backend.isOpen()) {
                return false;
            }
        }
        return left == null && !whole && backend.isWritable();
    }

    private void sendPiece(Connection backend) {
        ByteBuffer piece = left.slice(left.position(), Math.min(PIECE, left.remaining()));
        send(piece, backend);
        left.position(left.position() + piece.remaining());
        if (!left.hasRemaining()) {
            left = null;
            if (whole) {
                sendLast(backend);
            } else {
                letGo();
                lost = true;
            }
        }
    }

    /** Sends what comes now. */
    void pass(HttpContent part, Connection backend) {
        whole = part.isLast();
        lost = true;
        send(part.bytes(), backend);
        if (whole) {
            sendLast(backend);
        }
    }

    private void send(ByteBuffer bytes, Connection backend) {
        if (!sendsChunks) {
            backend.send(bytes);
        } else if (bytes.hasRemaining()) { // an empty chunk would be the last
            String size = Integer.toHexString(bytes.remaining()) + "\r\n";
            backend.send(ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)));
            backend.send(bytes);
            backend.send(ByteBuffer.wrap(END_OF_CHUNK));
        }
    }

    private void sendLast(Connection backend) {
        if (sendsChunks) {
            backend.send(ByteBuffer.wrap(LAST_CHUNK));
        }
    }

    /** Nothing of what is held is sent any more. */
    void letGo() {
        gathered = null;
        held = null;
        left = null;
        letGoOfHead();
        if (heldBytes > 0) { // the count is shared by all Readers
            backends.held(-heldBytes);
            heldBytes = 0;
        }
    }

    private void letGoOfHead() {
        if (headBytes > 0) {
            backends.held(-headBytes);
            headBytes = 0;
        }
    }
}
