// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * A connection on its way from one Reader to another, in three steps, each in the mail phase of a loop.
 *
 * <ol>
 *   <li>On the old loop, if the connection is between two frames and nothing of it is under way: its key is cancelled.
 *   <li>On the old loop again, one select later, when the descriptor has left that selector: if all of that still holds,
 *       the gate for other threads is closed, the connection gets the frame level of the new Reader, this goes to the new
 *       loop's mailbox, and the gate is opened again. So whatever is sent from then on arrives behind it.
 *   <li>On the new loop: the channel is registered there.
 * </ol>
 *
 * Until the second step the connection is the old Reader's in all respects, and if that step can't be taken it stays so.
 */
final class Move implements Work {
    private enum Step {
        CANCEL,
        HAND_OVER,
        ARRIVE,
        DONE
    }

    private final SocketConnection connection;
    private final FrameLevel<?> to;
    private Step step = Step.CANCEL;

    // any thread
    final CompletableFuture<Boolean> result = new CompletableFuture<>();

    Move(SocketConnection connection, FrameLevel<?> to) {
        this.connection = connection;
        this.to = to;
    }

    /** Sets out for the connection's Reader. Any thread. */
    void begin() {
        if (connection.onLoop()) {
            connection.reader().loop.later(this); // once the call that it is in is done
        } else if (!connection.reader().loop.post(this)) {
            end(false);
        }
    }

    @Override
    public void run() {
        switch (step) {
            case CANCEL -> cancel();
            case HAND_OVER -> handOver();
            case ARRIVE -> arrive();
            case DONE -> throw new IllegalStateException("a move that is done was done again");
        }
    }

    private void cancel() {
        if (!connection.onLoop()) {
            begin(); // it was moved by somebody else meanwhile
            return;
        }
        Reader from = connection.reader();
        if (from == to.reader || connection.isMoving() || !mayLeave()) {
            end(from == to.reader);
            return;
        }
        step = Step.HAND_OVER;
        connection.moving(true);
        from.loop.deregister(connection);
        from.loop.later(this);
    }

    private void handOver() {
        if (connection.state().isOver()) {
            end(false);
        } else if (!mayLeave() || !connection.closeGate()) {
            stay();
        } else if (!passOn()) {
            stay();
        }
    }

    private boolean mayLeave() {
        Reader from = connection.reader();
        from.outbound.flush();
        return connection.mayMove() && !from.isDraining();
    }

    // The gate is closed: whoever sends from another thread waits for the few lines of this.
    private boolean passOn() {
        FrameLevel<?> old = connection.level();
        old.reader.release(connection);
        step = Step.ARRIVE;
        connection.belongsTo(to);
        boolean posted = false;
        try {
            posted = to.reader.passOn(this);
        } finally { // or those at the gate would wait for ever
            if (!posted) {
                step = Step.HAND_OVER;
                connection.belongsTo(old);
                old.reader.keepOn(connection);
            }
            connection.openGate(posted);
        }
        return posted;
    }

    // All is as it was, but for the key.
    private void stay() {
        connection.moving(false);
        register();
        end(false);
    }

    private void arrive() {
        to.reader.link(connection);
        step = Step.DONE;
        connection.moving(false);
        register();
        connection.arrived();
        if (to.reader.isDraining()) {
            to.reader.drainNow(connection);
        }
        end(true);
    }

    private void register() {
        Reader reader = connection.reader();
        try {
            reader.loop.register(connection.channel, connection.wantedOps(), connection);
            reader.watch.moved(connection);
        } catch (IOException | RuntimeException e) {
            connection.cutForIo(e instanceof IOException io ? io : new IOException("it could not be registered", e));
        }
    }

    private void end(boolean moved) {
        step = Step.DONE;
        result.complete(moved);
    }

    /**
     * The loop has ended before it came to this: a connection that was on its way ends with it, and is told so. Or a step
     * has failed: then the connection stays.
     */
    @Override
    public void failed(Throwable cause) {
        if (step == Step.ARRIVE) {
            to.reader.link(connection);
            connection.moving(false);
            connection.arrived();
            to.reader.drainNow(connection);
            to.reader.endNow(connection);
        } else if (step == Step.HAND_OVER
                && connection.onLoop()
                && !connection.state().isOver()) {
            stay(); // else it would have no key
        }
        end(false);
    }
}
