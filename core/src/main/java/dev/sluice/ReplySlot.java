// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.HeapOutput;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.Work;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A reply that outlives its handler's call: deferred, behind another reply, or given to a worker. */
final class ReplySlot implements Reply {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    /** What a slot, with its part of the queue, takes from the budget beside the bytes that wait in it. */
    static final int OVERHEAD_BYTES = 128;

    private static final int FRESH = 0;
    private static final int STREAMING = 1;
    private static final int COMPLETE = 2;

    private final SocketConnection connection;

    // any thread
    private final AtomicInteger phase = new AtomicInteger(FRESH);
    private volatile boolean deferred;
    private volatile boolean dropped; // written by the loop
    private final AtomicBoolean endTold = new AtomicBoolean();
    private boolean unused; // its handler on a worker had nothing to say; written before it is passed to the loop

    // loop thread
    ReplySlot next;
    private HeldBytes waiting; // what was sent before its turn
    private Runnable action;
    private boolean awaitsAll; // that all has left, and not only enough
    private boolean complete;
    private boolean hasLeft;
    private boolean partly; // a part of it is on its way to the peer, or there
    private boolean closes;
    private boolean startsTls;
    private boolean charged;

    ReplySlot(SocketConnection connection) {
        this.connection = connection;
    }

    // ---- Reply, any thread

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public void send(ByteBuffer bytes) {
        requireFresh();
        boolean directly = connection.mayWriteDirectly();
        ByteBuffer mine = directly ? bytes : FrameView.copy(bytes); // may throw: the reply then stays open
        moveTo(COMPLETE);
        pass(mine, directly, true);
    }

    @Override
    public <T> void send(T message, Encoder<? super T> encoder) {
        requireFresh();
        ByteBuffer bytes = HeapOutput.encode(message, encoder); // may throw: the reply then stays open
        moveTo(COMPLETE);
        pass(bytes, connection.mayWriteDirectly(), true);
    }

    @Override
    public void interim(ByteBuffer bytes) {
        requireFresh();
        passPart(bytes);
    }

    @Override
    public boolean write(ByteBuffer part) {
        if (phase.get() != STREAMING) {
            moveTo(STREAMING);
        }
        passPart(part);
        return mayWrite(connection.reader().highMark());
    }

    @Override
    public long transfer(FileChannel file, long position, long count) {
        if (!connection.onLoop()) {
            throw new IllegalStateException(
                    "transfer belongs to the Reader's thread: call it in whenWritable's action");
        }
        if (phase.get() != STREAMING) {
            moveTo(STREAMING);
        }
        boolean mayBegin = leadsSomewhere() && isHead() && connection.firstUnsent() == null;
        int taken = mayBegin ? connection.reader().outbound.transfer(connection, file, position, count) : 0;
        awaitsAll = true;
        partly |= taken > 0;
        return taken;
    }

    @Override
    public boolean isOpen() {
        return phase.get() != COMPLETE && leadsSomewhere();
    }

    @Override
    public boolean isNewest() {
        ReplyQueue queue = connection.replies;
        return queue == null || queue.isTail(this);
    }

    private boolean leadsSomewhere() {
        return !dropped && connection.mayFollow();
    }

    // What waits behind the reply whose turn it is can't leave before that has ended, so it doesn't count then.
    private boolean mayWrite(int mark) {
        long bytes = isHead() ? connection.onTheWayOut() : connection.unsentBytes();
        return bytes <= mark && leadsSomewhere();
    }

    @Override
    public void end() {
        if (phase.getAndSet(COMPLETE) == COMPLETE) {
            throw complete();
        }
        pass(NOTHING, connection.mayWriteDirectly(), true);
    }

    @Override
    public void whenWritable(Runnable newAction) {
        if (phase.get() == COMPLETE) {
            throw complete();
        }
        if (connection.onLoop()) {
            waitWith(newAction);
        } else if (!connection.reader().loop.post(new Wait(this, newAction))) {
            tellEnd(newAction); // the loop has ended, and the connection with it
        }
    }

    @Override
    public void thenClose() {
        connection.onLoopDo(this::closeBehind);
    }

    @Override
    public void thenStartTls() {
        if (phase.get() == COMPLETE) {
            throw complete();
        }
        connection.requireMayStartTls();
        connection.onLoopDo(() -> {
            connection.awaitTls();
            startsTls();
        });
    }

    private void whenMoved(Wait wait) {
        if (!connection.reader().loop.post(wait)) {
            tellEnd(wait.action);
        }
    }

    // Once: an action that waits again without looking whether the reply is open would wait, and run, for ever.
    private void tellEnd(Runnable waitingAction) {
        if (endTold.compareAndSet(false, true)) {
            waitingAction.run();
        }
    }

    @Override
    public Reply defer() {
        requireFresh();
        deferred = true;
        return this;
    }

    /** The handler that was given this reply on a worker has returned. */
    void handlerReturned() {
        int now = phase.get();
        if (deferred || now == COMPLETE) {
            return;
        }
        if (now == STREAMING) {
            throw new IllegalStateException("the handler returned with an open stream; defer() the reply first");
        }
        unused = true;
        end();
    }

    private void requireFresh() {
        if (phase.get() != FRESH) {
            throw notFresh();
        }
    }

    private void moveTo(int to) {
        if (!phase.compareAndSet(FRESH, to)) {
            throw notFresh();
        }
    }

    private IllegalStateException notFresh() {
        return phase.get() == COMPLETE ? complete() : begun();
    }

    static IllegalStateException complete() {
        return new IllegalStateException("this reply is complete already");
    }

    static IllegalStateException begun() {
        return new IllegalStateException("this reply was begun as a stream; write() and end() it");
    }

    private void passPart(ByteBuffer bytes) {
        boolean directly = connection.mayWriteDirectly();
        pass(directly ? bytes : FrameView.copy(bytes), directly, false);
    }

    private void pass(ByteBuffer bytes, boolean directly, boolean last) {
        if (directly) {
            deliver(bytes, last);
        } else if (leadsSomewhere() && (last || bytes.hasRemaining())) {
            Letter.post(connection, this, bytes, last);
        }
    }

    // ---- loop thread

    /** Takes its overhead from the budget. */
    void charge() {
        charged = connection.reader().pressure.charge(connection, OVERHEAD_BYTES);
    }

    /** It has left the queue. */
    void left() {
        next = null; // whoever keeps a reply must not keep those behind it
        hasLeft = true;
        if (charged) {
            charged = false;
            connection.reader().lease().giveBack(OVERHEAD_BYTES);
        }
    }

    void deliver(ByteBuffer bytes, boolean last) {
        if (dropped || !connection.mayFollow()) {
            return;
        }
        boolean head = isHead();
        if (head) {
            connection.reader().outbound.send(connection, bytes);
            partly |= bytes.hasRemaining() && phase.get() != FRESH; // else it is something in front of it
        } else if (bytes.hasRemaining()) {
            keep(bytes);
        }
        if (last) {
            complete = true;
            if (head && !dropped) { // the budget may have ended the connection meanwhile
                connection.replies.advance();
            } else if (unused && waiting == null && !dropped && !closes && !startsTls) {
                connection.replies.remove(this);
            }
        }
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether the peer has got, or gets, some of it and not all. */
    boolean isTorn() {
        return partly && !complete;
    }

    /** Whether the connection ends behind it. */
    boolean closes() {
        return closes;
    }

    /** Its connection goes over to TLS behind it, and knows that. */
    void startsTls() {
        startsTls = true;
        if (hasLeft) {
            connection.goOver(connection.repliesInFlight() == 0);
        }
    }

    boolean isLastInClear() {
        return startsTls;
    }

    private void closeBehind() {
        closes = true;
        if (hasLeft) {
            connection.closeBehindReply();
        } else {
            connection.deliverNoMore();
        }
    }

    void becameHead(ReplyQueue queue) {
        if (waiting != null) {
            HeldBytes bytes = waiting;
            waiting = null;
            partly = phase.get() != FRESH;
            queue.waiting(-bytes.size());
            connection.reader().outbound.send(connection, bytes.view());
            bytes.release();
        }
    }

    private void waitWith(Runnable newAction) {
        if (dropped) {
            connection.later(() -> tellEnd(newAction));
            return;
        }
        action = newAction;
        if (isHead() && mayWrite(connection.reader().lowMark())) {
            lowMarkReached();
        }
    }

    void lowMarkReached() {
        if (action != null && (!awaitsAll || connection.firstUnsent() == null)) {
            connection.later(action::run);
            action = null;
        }
    }

    void drop(ReplyQueue queue) {
        dropped = true;
        if (waiting != null) {
            queue.waiting(-waiting.size());
            waiting.release();
            waiting = null;
        }
        Runnable told = action;
        action = null;
        if (told != null) {
            connection.later(() -> tellEnd(told));
        }
    }

    private boolean isHead() {
        ReplyQueue queue = connection.replies;
        return queue != null && queue.isHead(this);
    }

    private void keep(ByteBuffer bytes) {
        int n = bytes.remaining();
        if (connection.unsentBytes() + n > connection.reader().limits.outboundBytes()) {
            connection.cutForOutboundLimit();
            return;
        }
        int position = bytes.position();
        waiting = connection.reader().pressure.keep(connection, waiting, bytes);
        if (connection.state().isOver()) {
            return;
        }
        bytes.position(position);
        connection.replies.waiting(n);
        connection.settle();
    }

    /** An action on its way from another thread. If it doesn't get there, the connection has ended: it is told so too. */
    private record Wait(ReplySlot slot, Runnable action) implements Work {
        @Override
        public void run() {
            if (!slot.connection.onLoop()) { // it was moved once this reply had left
                slot.whenMoved(this);
                return;
            }
            slot.waitWith(action);
        }

        @Override
        public void failed(Throwable cause) {
            slot.tellEnd(action);
        }
    }
}
