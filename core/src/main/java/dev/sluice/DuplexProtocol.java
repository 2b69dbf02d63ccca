// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;

/**
 * A protocol in which frames come in and frames go out, and neither waits for the other: clients, chats, relays. What is
 * sent goes through {@link Connection#send}.
 *
 * <p>A connection isn't read while more than {@link Limits#highMark} is unsent. If that is so at both ends, each waits for
 * the other to read. Let the end that asks send no more before it has its answers than the marks and the sockets' buffers
 * hold, or give it higher marks. A protocol that pauses somebody else for it has {@link
 * Protocol.Trait#READS_WHILE_UNSENT}.
 *
 * @param <F> the frames
 */
public non-sealed interface DuplexProtocol<F> extends Protocol<F> {

    /**
     * A frame has arrived. It is valid during the call, as a {@link Handler}'s request is. With {@code Topology.workers}
     * this is called on a worker, one at a time for each connection and in order.
     *
     * <p>A framer may yield a frame without consuming a byte of it, if this then pauses the connection: something has been
     * seen, and the bytes stay. {@link Connection#resume} shows them to a framer again, {@linkplain #prepare prepared} anew.
     */
    void received(F frame, Connection connection) throws Exception;

    /**
     * The peer has ended its stream. The default {@linkplain Connection#close closes} the connection; a protocol that
     * goes on sending overrides this, and then has to close the connection itself.
     */
    @Override
    default void inputEnded(Connection connection) throws Exception {
        connection.close();
    }

    /** What {@link #received} does, as a function. */
    @FunctionalInterface
    interface Receiver<F> {
        /** A frame has arrived. */
        void received(F frame, Connection connection) throws Exception;
    }

    /** A protocol without hooks. */
    static <F> DuplexProtocol<F> of(FramerFactory<F> framers, Receiver<? super F> receiver) {
        Check.present("framers", framers);
        Check.present("receiver", receiver);
        return new DuplexProtocol<>() {
            @Override
            public Framer<F> newFramer(int maxFrameBytes) {
                return framers.create(maxFrameBytes);
            }

            @Override
            public void received(F frame, Connection connection) throws Exception {
                receiver.received(frame, connection);
            }
        };
    }
}
