// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The reply to one request. It holds a place in the order of its connection's replies: whatever is sent here leaves
 * after all replies to earlier requests and before all replies to later ones.
 *
 * <p>A reply is given in one of three ways:
 *
 * <ul>
 *   <li>at once: {@link #send} inside the handler. This is the fast path, which allocates nothing.
 *   <li>later: {@link #defer} inside the handler, then {@code send} on what it returned, from any thread.
 *   <li>as a stream: {@link #write} as often as needed, then {@link #end}.
 * </ul>
 *
 * Before any of these, {@link #interim} messages may be sent.
 *
 * <p><b>Lifetime and threads.</b> The reply that a handler gets on a Reader is valid during the call, on that thread. A
 * deferred one, and one given to a worker, may be used from any thread, by one at a time. {@code send} and {@code end}
 * complete a reply; anything after that throws {@code IllegalStateException}. Once its connection has ended a reply goes
 * nowhere, and its methods do nothing.
 */
public sealed interface Reply permits DirectReply, ReplySlot {

    /** The connection that the request came from. */
    Connection connection();

    /** Whether what is sent here still goes somewhere: false once this reply is complete, or its connection has ended. */
    boolean isOpen();

    /**
     * Whether no request of its connection was received behind this one's. What says goodbye to a peer belongs into such a
     * reply, with {@link #thenClose}, or the replies to those behind it are lost. From other threads than the Reader's a recent
     * value.
     */
    boolean isNewest();

    /**
     * Sends the whole reply. The bytes between position and limit are copied or sent before this returns; the position
     * stays.
     *
     * @throws IllegalStateException if this reply is complete or was begun as a stream
     */
    void send(ByteBuffer bytes);

    /**
     * Sends the whole reply, encoded before this returns. If the encoder throws, nothing was sent.
     *
     * @throws IllegalStateException if this reply is complete or was begun as a stream
     */
    <T> void send(T message, Encoder<? super T> encoder);

    /**
     * Sends something before the reply itself, such as HTTP's 100 Continue, without completing it.
     *
     * @throws IllegalStateException if this reply is complete or was begun as a stream
     */
    void interim(ByteBuffer bytes);

    /**
     * Sends a part of a streamed reply. A part is always taken; the answer says whether to go on. If the connection ends before
     * all of the reply has left, for whatever reason, its peer sees a reset, since an end in order might look like that of the
     * reply.
     *
     * @return true if more may be written now; false if the connection has more than {@link Limits#highMark} unsent (who
     *     writes on regardless runs into {@link Limits#outboundBytes}; who waits is told by {@link #whenWritable}), or if
     *     it has ended
     * @throws IllegalStateException if this reply is complete
     */
    boolean write(ByteBuffer part);

    /**
     * Sends a part of a streamed reply from a file, by the system's own way from a file to a socket where there is one. It
     * takes as much as the socket does at the moment, at most 1 MiB; the rest is for the next call, once
     * {@link #whenWritable} says so. On the Reader's thread only: the one that handlers and {@code whenWritable}'s actions
     * run on. Reading the file may block it.
     *
     * <p>If the file can't be read, or has fewer bytes, the connection ends with {@link CloseReason.IoFailed}: what has left
     * can't be taken back.
     *
     * @param position where in the file
     * @param count how many bytes, 1 or more
     * @return how many bytes were taken, 0 if it is not this reply's turn, if the socket is full, or if this reply goes
     *     nowhere
     * @throws IllegalStateException if this reply is complete, or on another thread
     */
    long transfer(FileChannel file, long position, long count);

    /**
     * Runs {@code action} once, on the Reader's thread, as soon as this reply may be written to: its turn has come and
     * the unsent bytes are at {@link Limits#lowMark} or below, or behind a {@link #transfer} all have left. Runs it as
     * well when the connection ends; then {@link #isOpen} is false. Only one action may wait at a time: a second one
     * takes its place.
     *
     * @throws IllegalStateException if this reply was not deferred
     */
    void whenWritable(Runnable action);

    /**
     * Completes a streamed reply, or one that has nothing to say.
     *
     * @throws IllegalStateException if this reply is complete
     */
    void end();

    /**
     * Makes this the last reply: once it is complete and its turn has come, which is after all replies before it
     * however long those take, the connection is {@linkplain Connection#close closed}. Whatever was received behind its
     * request is not answered, and no more of it is handled. Inside the handler that was given this reply, the
     * connection closes when that has returned.
     */
    void thenClose();

    /**
     * Makes this the last reply in clear: once it is complete and its turn has come, the connection goes over to TLS,
     * as {@link Endpoint#withStartTls} says. The replies before it leave in clear; what is sent behind it waits for the
     * handshake. No request is delivered between, and {@link Protocol#secured} tells when the handshake is over. To be
     * called before the reply is completed, so that the client's first bytes of TLS are not taken for a request:
     *
     * <pre>{@code
     * if (command.equals("STARTTLS") && reply.connection().mayStartTls()) {
     *     reply.thenStartTls();
     *     reply.send("220 Go ahead", LineEncoder.CRLF.text());
     * }
     * }</pre>
     *
     * <p>A client that has sent anything behind the request, without waiting for the reply, ends with
     * {@link CloseReason.TlsFailed} and an alert: it came in clear, from anybody, and must not be taken for what comes
     * through TLS (CVE-2011-0411). Where handlers run on workers, or defer, requests behind this one may have been
     * handled by then.
     *
     * @throws IllegalStateException if {@link Connection#mayStartTls} says no, or this reply is complete
     */
    void thenStartTls();

    /**
     * Keeps the place of this reply for later.
     *
     * @return a reply that stays valid after the handler has returned, on any thread; this one is done with
     * @throws IllegalStateException if this reply is complete or was begun as a stream
     */
    Reply defer();
}
