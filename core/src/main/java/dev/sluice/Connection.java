// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.tls.TlsInfo;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * One TCP connection (or one over a Unix domain socket), accepted or connected. It belongs to one {@link Reader}, whose
 * thread alone touches it; the methods here may be called from any thread, and from other threads they take effect when
 * the Reader gets to them.
 */
public interface Connection {

    /** A number that no other connection of this server has; it is in each line that is logged about this one. */
    long id();

    /**
     * The peer's address, or null if the connection has ended. Behind a proxy that sends the PROXY protocol it is the client's,
     * if the header says that.
     */
    SocketAddress remoteAddress();

    /** Our address, or null if the connection has ended. */
    SocketAddress localAddress();

    /** What a proxy has said about whose connection this is, or null; see {@link Endpoint#withProxyProtocol}. */
    ProxyHeader proxyHeader();

    /**
     * What was agreed on in its handshake, made when it is asked for; null if it isn't encrypted. On the Reader's thread.
     */
    TlsInfo tlsInfo();

    /**
     * Whether it may go over to TLS: it is in clear, and {@link Endpoint#withStartTls} or the connector's {@code startTls} says how.
     * On the Reader's thread, or that of its handler.
     */
    boolean mayStartTls();

    /**
     * Goes over to TLS, for {@link DuplexProtocol}s: what was accepted for sending before leaves in clear, what is sent from now on
     * waits for the handshake and leaves encrypted, and {@link Protocol#secured} tells when that is over. A server calls it once it
     * has sent that it agrees, a client once it has received that: no frame is delivered between.
     *
     * <p>Nothing may have come behind the frame that this is called for: it came in clear, from anybody, and must not be taken for
     * what comes through TLS. Such a connection ends with {@link CloseReason.TlsFailed}.
     *
     * <p>In {@code opened} or {@code received}, on the Reader's thread: a protocol whose frames would go to workers has {@link
     * Protocol.Trait#BOUND_TO_READER}.
     *
     * @throws IllegalStateException if it may not, or on another thread, or if the protocol is one of requests, which have {@link
     *     Reply#thenStartTls}
     */
    void startTls();

    /** The Reader that this connection belongs to, until it is moved. */
    Reader reader();

    /** Whether bytes can still be sent: true until {@link #close} or the end, whichever is first. */
    boolean isOpen();

    /**
     * Whether it is to end as soon as it has nothing to do, since its server drains: from when its protocol was told
     * ({@link Protocol#draining}), if that has not chosen to wait for the peer. From other threads a recent value.
     */
    boolean isDraining();

    /**
     * Sends bytes, after all that was accepted for sending before. The bytes between position and limit are copied or
     * sent before this returns; the position stays. For replies use {@link Reply}, which keeps them in order: what is
     * pushed here does not wait for replies that are still to come.
     *
     * @return whether the bytes were accepted: false if the connection is no longer open, or if they would pass
     *     {@link Limits#outboundBytes}, which ends the connection
     */
    boolean send(ByteBuffer bytes);

    /** Sends a message, encoded before this returns. As {@link #send(ByteBuffer)} in all else. */
    <T> boolean send(T message, Encoder<? super T> encoder);

    /** Bytes accepted for sending that the socket has not taken yet. From other threads a recent value. */
    long unsentBytes();

    /**
     * Whether the peer keeps up: no longer once more than {@link Limits#highMark} is unsent, and again when {@link
     * Protocol#writable} is told. On the Reader's thread this is exact.
     */
    boolean isWritable();

    /**
     * Stops delivering frames and reading. On the Reader's thread, in a handler for instance, this is exact: not one more
     * frame is delivered. A connection that is paused doesn't notice that its peer has gone, unless something is sent.
     */
    void pause();

    /** Ends {@link #pause}: first what was read before is delivered, then reading goes on. */
    void resume();

    /**
     * Ends our side of the stream once all has left that was accepted for sending, and goes on reading: the peer is told the
     * end, and may still send. From then on nothing is accepted for sending. Once the peer has ended its side too, the
     * connection is at its end; until then {@link Deadlines#idle} bounds it. For {@link DuplexProtocol}s.
     *
     * @throws IllegalStateException if the protocol is one of requests, whose replies may still be due
     */
    void endOutput();

    /**
     * Ends the connection in order: no further frame is delivered; replies in flight and what was accepted for sending
     * leave; the peer is told the end, and what it still sends is read away for a moment, so that it isn't reset and
     * loses none of it. Bounded by {@link Deadlines#linger} without a byte leaving.
     */
    void close();

    /** Ends the connection at once with a reset; what was unsent is lost. */
    void abort();

    /**
     * Moves the connection to another Reader of its server or connector, if it is between two frames when its Reader gets
     * to this: nothing is held of a frame, no reply is due, nothing is unsent or on its way from another thread. If all
     * goes well nobody notices, but its callbacks run on the other Reader's thread from then on; {@code opened} isn't
     * called again. No frame and no byte is lost, and none overtakes another.
     *
     * <p>Whatever is kept per Reader, thread or loop for a connection has to be moved by its owner.
     *
     * @return completed on a Reader's thread, with true once it belongs to {@code target}; with false if it stays where it
     *     is, for it is in the middle of something, has ended or is being drained: try again, or don't
     * @throws IllegalArgumentException if {@code target} isn't one of the Readers of the same server or connector
     */
    CompletableFuture<Boolean> moveTo(Reader target);

    /** The object that was attached, or null. Other threads see it only as far as the caller sees to that. */
    Object attachment();

    /** Attaches an object, the state of this connection; null to detach. */
    void attach(Object state);
}
