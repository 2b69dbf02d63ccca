// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import dev.sluice.frame.Output;
import java.util.Set;

/**
 * What is spoken on a connection: how its bytes become frames, who gets them, and hooks that do nothing unless
 * overridden. There are two kinds. {@link RequestProtocol} answers each frame with a reply, in order;
 * {@link DuplexProtocol} gets frames and sends when it likes, as clients and proxies do. Both are the same for accepted
 * connections and for connected ones.
 *
 * <p>Simple protocols are made from functions:
 *
 * <pre>{@code
 * Protocol<ByteBuffer> lines = Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
 * }</pre>
 *
 * <p><b>Threads.</b> One protocol object serves all connections of its listener, so it is called from several Readers at
 * once; state of a connection belongs into its {@linkplain Connection#attach attachment}. With workers several requests
 * of one connection may be handled at once, so that state then has to be safe for that. All hooks are called on the
 * Reader of their connection. A hook that throws ends the connection like a handler that does.
 *
 * @param <F> the frames
 */
public sealed interface Protocol<F> permits RequestProtocol, DuplexProtocol {

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes {@link Limits#frameBytes}; see {@link FramerFactory#create}
     */
    Framer<F> newFramer(int maxFrameBytes);

    /** What is different from other protocols; by default nothing. Asked once for each listener or connector, and Reader. */
    default Set<Trait> traits() {
        return Set.of();
    }

    /**
     * The server has been made and is about to take connections: time to get what needs it, such as a {@linkplain
     * Server#connector connector}. Called once for each endpoint that the protocol is spoken at, on the thread that starts the
     * server; if it throws, the server is stopped again, and that thread gets the exception.
     */
    default void starting(Server server) {}

    /** The connection is open, and nothing was read from it yet. */
    default void opened(Connection connection) throws Exception {}

    /**
     * The connection has gone over to TLS, as {@link Reply#thenStartTls} or {@link Connection#startTls} wanted: what comes from now
     * on is the peer's whom {@link Connection#tlsInfo} tells of, and what it has said in clear may be somebody else's words, so most
     * protocols forget it here (RFC 3207, section 4.2). A client goes on from here. Not called where TLS is there from the beginning.
     */
    default void secured(Connection connection) throws Exception {}

    /**
     * The peer has ended its stream, and all frames were delivered. With a {@link RequestProtocol} replies still leave,
     * then the connection ends; what a {@link DuplexProtocol} does is said there.
     */
    default void inputEnded(Connection connection) throws Exception {}

    /**
     * What was unsent had passed {@link Limits#highMark} and is down to {@link Limits#lowMark} again: the connection {@linkplain
     * Connection#isWritable is writable}.
     */
    default void writable(Connection connection) throws Exception {}

    /**
     * The connection is about to end because the peer's bytes broke the format or a limit ({@link CloseReason.BadFrame}),
     * because its first bytes or the rest of a frame didn't come in time ({@link CloseReason.DeadlinePassed}), or because
     * the server has no room for it ({@link CloseReason.Refused}). What is written to {@code out} is sent to the peer
     * before, behind the replies to earlier requests: the protocol's own words for the error.
     *
     * <p>With {@code Refused} the connection was never let in: {@link #opened} was not called for it, {@link #closed} will
     * not be, and nothing that it sends is delivered.
     */
    default void refuse(Connection connection, CloseReason reason, Output out) throws Exception {}

    /**
     * The server drains: time for the protocol to say goodbye, if it has words for that. Told once, spread over the first
     * half of the window to all connections of the server; requests are answered before it and after it.
     *
     * @return what is to become of the connection; by default it ends as soon as it has nothing to do
     */
    default AfterGoodbye draining(Connection connection) throws Exception {
        return AfterGoodbye.END_WHEN_IDLE;
    }

    /**
     * {@link Deadlines#idle} has passed on the connection: whether it ends for that. If not, it counts as something that has
     * happened, and this is asked again after as long. For connections that belong together, of which another one is busy.
     */
    default boolean endsIdle(Connection connection) throws Exception {
        return true;
    }

    /**
     * A framer is about to read what a connection has sent, from the beginning of a frame: time to tell it what it has to
     * know about that connection. It reads others' bytes before and behind this, as connections share framers. Called on the
     * Reader, at the latest when the peer has ended its stream.
     */
    default void prepare(Framer<F> framer, Connection connection) {}

    /** The connection has ended. Called exactly once for each connection for which {@link #opened} was called. */
    default void closed(Connection connection, CloseReason reason) throws Exception {}

    /** In what a protocol may differ from others. */
    enum Trait {
        /**
         * The peer of an accepted connection need not speak first: {@link Deadlines#firstByte} doesn't hold, only {@link
         * Deadlines#idle}.
         */
        PEER_MAY_BE_SILENT,
        /**
         * A frame may take as long as it takes: {@link Deadlines#frame} doesn't hold. The protocol then has to see to it by itself
         * that a peer which stops in the middle of one is not waited for without an end.
         */
        FRAMES_MAY_TAKE_LONG,
        /**
         * Everything happens on the connection's Reader, also where the topology has workers; and it stays on that Reader: it is
         * not moved by {@link Server.Builder#rebalance}, and {@link Connection#moveTo} says no. For connections that belong
         * together.
         */
        BOUND_TO_READER,
        /**
         * A connection is read although more than {@link Limits#highMark} is unsent. The protocol then has to see to it by
         * itself that not more and more is sent: see {@link Connection#isWritable}. With {@link DuplexProtocol} only.
         */
        READS_WHILE_UNSENT,
        /**
         * The end of a stream means something: a connection that is cut in the middle, by the end of a drain's window, an
         * eviction, a limit or a hook that throws, is reset even if nothing of it is unsent, unless {@link
         * Connection#endOutput} has told the end before. So what was cut doesn't look whole to the peer.
         */
        RESETS_WHEN_CUT,
        /**
         * Connections that are made, not accepted, may be made while their Reader drains, for whoever is still being served there. Each
         * is told {@link #draining} soon after it is open.
         */
        CONNECTS_WHILE_DRAINING
    }

    /** A protocol without hooks whose requests are answered by {@code handler}. */
    static <R> RequestProtocol<R> of(FramerFactory<R> framers, Handler<? super R> handler) {
        Check.present("framers", framers);
        Check.present("handler", handler);
        return new RequestProtocol<>() {
            @Override
            public Framer<R> newFramer(int maxFrameBytes) {
                return framers.create(maxFrameBytes);
            }

            @Override
            public void handle(R request, Reply reply) throws Exception {
                handler.handle(request, reply);
            }
        };
    }
}
