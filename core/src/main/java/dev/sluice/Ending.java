// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Kind;
import dev.sluice.loop.SocketIo;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Function;

/** What a connection has only once it is to end: why, and until when its ending in order is waited for. Loop thread only. */
final class Ending {
    private Function<CloseReason.Circumstances, CloseReason> cause;
    long deadline; // see DeadlineWatch; means nothing once the connection is cut

    Ending(Function<CloseReason.Circumstances, CloseReason> cause) {
        this.cause = cause;
    }

    /** Another cause, because it no longer matters why the connection was being ended in order. */
    void insteadFor(Function<CloseReason.Circumstances, CloseReason> newCause) {
        cause = newCause;
    }

    /** Gives back what was lent, closes the channel and returns the reason, as it stood before that. */
    CloseReason close(SocketConnection connection) {
        Reader reader = connection.reader();
        SocketAddress remote = SocketIo.remoteAddress(connection.channel); // who was counted, whatever a proxy says
        SourcePorts ports = connection.level().admission.sourcePorts();
        SocketAddress source = ports == null ? null : SocketIo.localAddress(connection.channel);
        boolean wasConnected = connection.channel.isConnected();
        boolean atOnce;
        CloseReason reason = null;
        try {
            reason = cause.apply(connection.circumstances());
            connection.ends(reason);
            reader.loop.timers().disarm(connection);
            connection.letGo();
        } finally {
            // Whatever went wrong, even if there was no memory for the reason, the descriptor and the permit come back.
            atOnce = connection.isTorn() || reason != null && isAtOnce(reason);
            if (atOnce) {
                SocketIo.reset(connection.channel);
            } else {
                SocketIo.close(connection.channel);
            }
            reader.removed(connection, remote, reason == null ? Kind.HANDLER_FAILED : reason.kind());
            if (source instanceof InetSocketAddress && remote != null) {
                ports.ended(reader, source, remote, wasConnected && !atOnce && isFirst(connection, reason));
            }
        }
        reader.log(connection, reason);
        return reason;
    }

    // Where the end of the stream was told first, the kernel keeps the connection in TIME_WAIT.
    private static boolean isFirst(SocketConnection connection, CloseReason reason) {
        return connection.endsFirst() && !(reason instanceof CloseReason.PeerReset);
    }

    // To a peer that doesn't read, the kernel would go on offering what it holds for minutes.
    private static boolean isAtOnce(CloseReason reason) {
        return reason instanceof CloseReason.Aborted
                || reason
                        instanceof
                        CloseReason.OutboundLimit // it was refused more, and what has arrived must not look whole
                || reason instanceof CloseReason.BudgetExhausted
                || reason instanceof CloseReason.DeadlinePassed passed
                        && passed.deadline() == CloseReason.Deadline.WRITE_STALL;
    }
}
