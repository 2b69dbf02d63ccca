// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import dev.sluice.frame.Encoder;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The line of one request, from when it was received until its reply is complete or cut off. Where that is within one
 * call this is used again for the next request; else it is kept, and told the end of its connection. One thread at a
 * time gives the reply; the end comes from the Reader, at any time.
 */
final class LoggedReply implements Endings.Open {
    private final AccessLines lines;
    private final Endings endings;
    private final LogLine front;
    private final LogLine back;
    private final AtomicBoolean written = new AtomicBoolean();
    private Connection connection;
    private boolean kept;
    private boolean wasOpen; // the connection, before a reply was sent
    private volatile int status; // 0 before the reply has begun
    private volatile long bytes;

    // of the request before: most follow one of the same connection
    private SocketAddress remote;
    private String address;

    LoggedReply(AccessLines lines, Endings endings) {
        this(lines, endings, new LogLine(), new LogLine());
    }

    private LoggedReply(AccessLines lines, Endings endings, LogLine front, LogLine back) {
        this.lines = lines;
        this.endings = endings;
        this.front = front;
        this.back = back;
    }

    /** A request is handled; {@code keep} says that its reply may be given behind the call. */
    void begin(HttpRequest request, Reply reply, boolean keep) {
        connection = reply.connection();
        status = 0;
        bytes = 0;
        written.set(false);
        SocketAddress its = connection.remoteAddress();
        if (address == null || its != remote) {
            remote = its;
            address = AccessLines.address(its);
        }
        lines.begin(address, request, front, back);
        if (keep) {
            keep(reply);
        }
    }

    /** The handler has returned. Nothing of the call is kept, or a quiet protocol would keep its last connection for ever. */
    void callOver() {
        if (!kept) {
            connection = null;
        }
    }

    /** What its arrays take. */
    int keptBytes() {
        return front.capacity() + back.capacity();
    }

    /** One that stays when the call is over, with the place of the reply. */
    LoggedReply kept(Reply reply) {
        if (kept) {
            return this;
        }
        LoggedReply copy = new LoggedReply(lines, endings, front.copy(), back.copy());
        copy.connection = connection;
        copy.keep(reply);
        return copy;
    }

    private void keep(Reply reply) {
        kept = true;
        endings.add(reply, this);
    }

    // What is said of a reply is said before it is sent: whoever gets it may end the connection before the sender
    // goes on.

    /** The head of a reply is about to be sent. */
    void begun(Reply reply, int newStatus) {
        wasOpen = connection.isOpen();
        if (reply.isOpen()) {
            status = newStatus;
        }
    }

    /** Bytes of the body are about to be sent. */
    void sent(Reply reply, long more) {
        if (reply.isOpen()) {
            took(more);
        }
    }

    /** Bytes of the body were taken. */
    void took(long more) {
        bytes += more; // one thread at a time
    }

    /** Sends a whole reply that has {@link #begun}, the {@code last} of its connection or not. */
    <T> void send(Reply reply, T message, Encoder<? super T> encoder, boolean last) {
        boolean isSent = false;
        try {
            reply.send(message, encoder);
            isSent = true;
        } finally {
            if (!isSent) { // it could not be encoded
                status = 0;
                bytes = 0;
            }
        }
        if (!kept && !last && wasOpen && !connection.isOpen()) {
            bytes = 0; // it was more than the connection takes, or the client has gone; the last ends it by itself
        }
        complete();
    }

    /** The request is refused in the middle of its body. */
    void refused(int newStatus, long bodyBytes) {
        status = newStatus;
        bytes = bodyBytes;
        complete();
    }

    /** Nothing more is sent. */
    void complete() {
        if (written.compareAndSet(false, true)) {
            if (kept) {
                endings.remove(connection, this);
            }
            lines.write(front, status, bytes, back);
        }
    }

    @Override
    public void connectionEnded() {
        complete();
    }
}
