// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.Connection;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/** A connection on which messages are sealed from one end to the other. Its methods may be called from any thread. */
public final class E2eConnection {
    private final Connection connection;
    private final Object attachment;
    private final Session session;
    private boolean isReady;
    private boolean hasFinished;
    private boolean peerHasFinished;

    E2eConnection(Connection connection, Object attachment, Session session) {
        this.connection = connection;
        this.attachment = attachment;
        this.session = session;
    }

    Session session() {
        return session;
    }

    /**
     * Sends a message. One at a time, so that records leave in the order of their numbers.
     *
     * @param message 0 to 16,384 bytes from position to limit, which are sealed before this returns; the position stays
     * @return as {@link Connection#send}; false after {@link #finish}, too
     * @throws IllegalStateException before {@link E2eHandler#ready}
     */
    public synchronized boolean send(ByteBuffer message) {
        try {
            return !hasFinished && connection.send(ByteBuffer.wrap(session.seal(message)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK can't do what it has to", e);
        }
    }

    /**
     * Tells the peer that this was all. The connection closes when both have said so.
     *
     * @throws IllegalStateException before {@link E2eHandler#ready}
     */
    public synchronized void finish() {
        if (hasFinished) {
            return;
        }
        try {
            connection.send(ByteBuffer.wrap(session.sealLast()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK can't do what it has to", e);
        }
        hasFinished = true;
        closeIfBothHaveFinished();
    }

    /** The handshake is over. */
    synchronized void ready() {
        isReady = true;
    }

    synchronized boolean isReady() {
        return isReady;
    }

    /** The peer has. Says whether this side had before. */
    synchronized boolean peerFinished() {
        peerHasFinished = true;
        closeIfBothHaveFinished();
        return hasFinished;
    }

    /** Whether the peer has told that it has sent all. */
    public synchronized boolean peerHasFinished() {
        return peerHasFinished;
    }

    private void closeIfBothHaveFinished() {
        if (hasFinished && peerHasFinished) {
            connection.close();
        }
    }

    /** 32 bytes that are the same at both ends and at no other connection: for signing who one is, on this connection only. */
    public byte[] binding() {
        return session.hash();
    }

    /** What the connection was made with: the attachment given to {@code Connector.connect}, or null. */
    public Object attachment() {
        return attachment;
    }

    /** The connection below, whose bytes are records. */
    public Connection below() {
        return connection;
    }
}
