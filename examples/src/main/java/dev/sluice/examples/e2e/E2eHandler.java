// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.CloseReason;
import java.nio.ByteBuffer;

/** What a client or a server does with what it is sent. Called on the connection's Reader, or with workers on one of them in order. */
public interface E2eHandler {
    /** The handshake is over: messages may be sent. */
    default void ready(E2eConnection connection) throws Exception {}

    /** A message has arrived, as it was sent, and none between is missing. The buffer is the handler's to keep. */
    void received(ByteBuffer message, E2eConnection connection) throws Exception;

    /** The peer has sent its last record: that was all. By default this side ends too. */
    default void ended(E2eConnection connection) throws Exception {
        connection.finish();
    }

    /** The connection has ended; {@link E2eFailure#of} tells what was wrong. */
    default void closed(E2eConnection connection, CloseReason reason) throws Exception {}
}
