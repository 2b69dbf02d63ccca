// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Work;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frame on its way to a worker, and back.
 *
 * @param <F> the frames
 */
final class WorkerCall<F> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerCall.class);

    private final FrameLevel<F> level;
    private final SocketConnection connection;
    private final ReplySlot slot;
    private final F frame;
    private final boolean inTurn;

    WorkerCall(FrameLevel<F> level, SocketConnection connection, ReplySlot slot, F frame, boolean inTurn) {
        this.level = level;
        this.connection = connection;
        this.slot = slot;
        this.frame = frame;
        this.inTurn = inTurn;
    }

    /** Loop thread. */
    void start() {
        try {
            level.workers().execute(this);
        } catch (RejectedExecutionException e) {
            connection.failed(e);
        }
    }

    /** It is not made any more. Loop thread. */
    void dropped() {
        slot.end();
    }

    /** Worker. */
    @Override
    public void run() {
        Throwable failure = null;
        try {
            level.call(frame, connection, slot);
            slot.handlerReturned();
        } catch (Throwable t) {
            failure = t;
        }
        if (failure != null || inTurn) {
            boolean posted = connection.reader().loop.post(new Returned(connection, failure));
            if (!posted && failure != null) {
                LOG.warn(
                        "connection {}: a handler failed after the server had stopped",
                        connection.id,
                        LoggedFailure.of(failure));
            }
        }
    }

    private record Returned(SocketConnection connection, Throwable failure) implements Work {
        @Override
        public void run() {
            if (failure != null) {
                connection.failed(failure);
            } else if (connection.replies != null) {
                connection.replies.callReturned();
            }
        }

        @Override
        public void failed(Throwable cause) {
            connection.failed(cause);
        }
    }
}
