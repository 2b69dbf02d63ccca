// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import java.nio.ByteBuffer;

/** The connections of checks; what is attached to each is its {@link CheckRun}. */
final class CheckProtocol implements DuplexProtocol<ByteBuffer> {
    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        return new RawFramer(maxFrameBytes);
    }

    @Override
    public void opened(Connection connection) {
        run(connection).opened(connection);
    }

    @Override
    public void received(ByteBuffer part, Connection connection) {
        run(connection).received(part);
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        run(connection).closed(reason);
    }

    private static CheckRun run(Connection connection) {
        return (CheckRun) connection.attachment();
    }
}
