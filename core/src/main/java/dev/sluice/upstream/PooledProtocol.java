// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import java.util.EnumSet;
import java.util.Set;

/**
 * The user's protocol, which is shown the {@link PooledConnection} in the place of what that stands for. While that is idle the
 * user's protocol is told nothing but its end.
 *
 * @param <F> the frames
 */
final class PooledProtocol<F> implements DuplexProtocol<F> {
    private final DuplexProtocol<F> protocol;

    PooledProtocol(DuplexProtocol<F> protocol) {
        this.protocol = protocol;
    }

    private static PooledConnection pooled(Connection connection) {
        return (PooledConnection) connection.attachment();
    }

    @Override
    public Framer<F> newFramer(int maxFrameBytes) {
        return protocol.newFramer(maxFrameBytes);
    }

    /** The user's. It also stays on its Reader, as {@link PooledConnection#moveTo} says. */
    @Override
    public Set<Trait> traits() {
        Set<Trait> traits = EnumSet.of(Trait.BOUND_TO_READER);
        traits.addAll(protocol.traits());
        return traits;
    }

    @Override
    public boolean endsIdle(Connection connection) throws Exception {
        PooledConnection pooled = pooled(connection);
        return !pooled.isInUse() || protocol.endsIdle(pooled);
    }

    @Override
    public void opened(Connection connection) throws Exception {
        PooledConnection pooled = pooled(connection);
        pooled.isOpenNow(connection);
        protocol.opened(pooled);
        pooled.handOver();
    }

    /** Bytes have come, or the end. */
    @Override
    public void prepare(Framer<F> framer, Connection connection) {
        PooledConnection pooled = pooled(connection);
        if (pooled.isIdle()) {
            pooled.dropAsStale();
        }
        protocol.prepare(framer, pooled);
    }

    @Override
    public void received(F frame, Connection connection) throws Exception {
        PooledConnection pooled = pooled(connection);
        if (pooled.isIdle()) { // the rest of a frame that had begun before
            pooled.dropAsStale();
        } else if (pooled.isInUse()) {
            protocol.received(frame, pooled);
        }
    }

    @Override
    public void inputEnded(Connection connection) throws Exception {
        PooledConnection pooled = pooled(connection);
        if (pooled.isInUse()) {
            protocol.inputEnded(pooled);
        } else {
            connection.close();
        }
    }

    @Override
    public void writable(Connection connection) throws Exception {
        protocol.writable(pooled(connection));
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) throws Exception {
        protocol.refuse(pooled(connection), reason, out);
    }

    @Override
    public AfterGoodbye draining(Connection connection) throws Exception {
        PooledConnection pooled = pooled(connection);
        if (!pooled.isInUse()) {
            return AfterGoodbye.END_WHEN_IDLE;
        }
        pooled.useNoMore(); // whatever the user's protocol wants to wait for
        return protocol.draining(pooled);
    }

    @Override
    public void closed(Connection connection, CloseReason reason) throws Exception {
        PooledConnection pooled = pooled(connection);
        pooled.hasEnded();
        protocol.closed(pooled, reason);
    }
}
