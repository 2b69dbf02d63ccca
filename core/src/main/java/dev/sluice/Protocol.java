// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import dev.sluice.frame.Output;

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

    /** The connection is open, and nothing was read from it yet. */
    default void opened(Connection connection) throws Exception {}

    /**
     * The peer has ended its stream, and all frames were delivered. With a {@link RequestProtocol} replies still leave,
     * then the connection ends; what a {@link DuplexProtocol} does is said there.
     */
    default void inputEnded(Connection connection) throws Exception {}

    /** What was unsent had passed {@link Limits#highMark} and is down to {@link Limits#lowMark} again. */
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

    /** The connection has ended. Called exactly once for each connection for which {@link #opened} was called. */
    default void closed(Connection connection, CloseReason reason) throws Exception {}

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
