// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Work;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frame on its way to a worker, and back. Its bytes are charged to the budget until the worker has done with it: a
 * connection that ended doesn't take back what waits in an executor's queue.
 *
 * @param <F> the frames
 */
final class WorkerCall<F> implements Runnable {
    /** Charged for a call beside its frame's bytes. */
    static final int OVERHEAD_BYTES = 128;

    private static final Logger LOG = LoggerFactory.getLogger(WorkerCall.class);

    private final FrameLevel<F> level;
    private final SocketConnection connection;
    private final ReplySlot slot;
    private final F frame;
    private final boolean inTurn;
    private final int charge;

    WorkerCall(FrameLevel<F> level, SocketConnection connection, ReplySlot slot, F frame, boolean inTurn, int charge) {
        this.level = level;
        this.connection = connection;
        this.slot = slot;
        this.frame = frame;
        this.inTurn = inTurn;
        this.charge = charge;
    }

    /** Loop thread. */
    void start() {
        try {
            level.workers().execute(this);
        } catch (RejectedExecutionException e) {
            giveBack();
            connection.failed(e);
        }
    }

    /** It is not made any more. Loop thread. */
    void dropped() {
        giveBack();
        slot.end();
    }

    /** What it was charged. Once; any thread. */
    void giveBack() {
        level.reader.lease().giveBack(charge);
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
        giveBack();
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
            if (!connection.onLoop()) { // it was moved once the reply had left
                connection.reader().loop.post(this);
            } else if (failure != null) {
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
