// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.util.function.Function;

/**
 * What a connection has only once it is to end: why, and until when its ending in order is waited for. While it is
 * flushing, the deadline moves on with each byte that leaves; lingering is bounded as a whole. Loop thread only.
 */
final class Ending implements Work {
    private final SocketConnection connection;
    private Function<CloseReason.Circumstances, CloseReason> cause;
    private Timer timer;
    private long writtenWhenArmed;

    Ending(SocketConnection connection, Function<CloseReason.Circumstances, CloseReason> cause) {
        this.connection = connection;
        this.cause = cause;
    }

    /** Another cause, because it no longer matters why the connection was being ended in order. */
    void insteadFor(Function<CloseReason.Circumstances, CloseReason> newCause) {
        cause = newCause;
    }

    void armLinger() {
        if (timer == null) {
            timer = new Timer(this);
        }
        writtenWhenArmed = connection.bytesWritten;
        Reader reader = connection.reader();
        reader.loop
                .timers()
                .arm(timer, reader.loop.now() + reader.deadlines.linger().toNanos());
    }

    /** Gives back what was lent, closes the channel and returns the reason, as it stood before that. */
    CloseReason close() {
        Reader reader = connection.reader();
        CloseReason reason = cause.apply(connection.circumstances());
        try {
            if (timer != null) {
                reader.loop.timers().disarm(timer);
            }
            reader.outbound.drop(connection);
            connection.dropInput();
            connection.dropReplies();
        } finally { // whatever went wrong, the descriptor and the permit come back
            if (reason instanceof CloseReason.Aborted) {
                SocketIo.reset(connection.channel);
            } else {
                SocketIo.close(connection.channel);
            }
            reader.removed(connection, reason);
        }
        return reason;
    }

    /** The deadline has passed. */
    @Override
    public void run() {
        boolean progress = connection.bytesWritten != writtenWhenArmed;
        if (connection.state() == ConnectionState.FLUSHING && progress) {
            armLinger();
        } else {
            connection.cutAsDecided();
        }
    }

    @Override
    public void failed(Throwable failure) {
        connection.failed(failure);
    }
}
