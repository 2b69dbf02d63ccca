// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.ArrayDeque;

/**
 * The replies of one connection that are not given yet, or wait for an earlier one, in the order of their requests.
 * Exists only while there are any. Loop thread only.
 */
final class ReplyQueue {
    private final SocketConnection connection;
    private volatile ReplySlot head; // others may look at it, the loop writes it
    private volatile ReplySlot tail; // the same
    private int size;
    private volatile int waitingBytes; // in slots whose turn has not come; written by the loop
    // Calls of a PARTS or duplex protocol on workers: one at a time, in order.
    private ArrayDeque<WorkerCall<?>> waitingCalls;
    private boolean callRunning;
    private ConnectionWork.Action afterCalls;

    ReplyQueue(SocketConnection connection) {
        this.connection = connection;
    }

    ReplySlot append() {
        ReplySlot slot = new ReplySlot(connection);
        if (tail == null) {
            head = slot;
        } else {
            tail.next = slot;
        }
        tail = slot;
        slot.charge();
        if (++size >= connection.reader().limits.repliesInFlight()) {
            connection.pause(SocketConnection.BY_REPLIES);
        }
        return slot;
    }

    /** Notes that bytes were put aside in a slot, or taken up again. */
    void waiting(int change) {
        waitingBytes += change;
        connection.heldOut(change);
    }

    /** Bytes in slots whose turn has not come. Any thread. */
    int waitingBytes() {
        return waitingBytes;
    }

    /** What its slots hold. */
    long lentBytes() {
        return waitingBytes + (long) size * ReplySlot.OVERHEAD_BYTES;
    }

    int size() {
        return size;
    }

    boolean isHead(ReplySlot slot) {
        return head == slot;
    }

    /** Whether there is none behind it. Any thread. */
    boolean isTail(ReplySlot slot) {
        return tail == slot;
    }

    /** Whether a reply has begun to leave, and is to go on. */
    boolean isTorn() {
        return head != null && head.isTorn();
    }

    /** Lets everything leave that may: called when the head has been completed. */
    void advance() {
        while (head != null && head.isComplete()) {
            ReplySlot left = head;
            head = left.next;
            left.left();
            size--;
            if (left.closes()) {
                connection.closeBehindReply();
                return;
            }
            if (left.isLastInClear()) {
                connection.goOver(head == null);
                if (connection.replies != this) {
                    return; // there was one behind it
                }
            }
            if (head != null) {
                head.becameHead(this);
            }
        }
        if (head == null) {
            tail = null;
        }
        unpauseIfFew();
        dropIfEmpty();
        connection.settle();
    }

    /**
     * Takes out one that turned out to be none, behind others. The parts of a long stream would fill the queue otherwise,
     * while an earlier reply waits for the last of them.
     */
    void remove(ReplySlot slot) {
        ReplySlot before = head;
        while (before.next != slot) {
            before = before.next;
        }
        before.next = slot.next;
        if (tail == slot) {
            tail = before;
        }
        slot.left();
        size--;
        unpauseIfFew();
        connection.settle();
    }

    private void unpauseIfFew() {
        if (size < connection.reader().limits.repliesInFlight()) {
            connection.unpause(SocketConnection.BY_REPLIES);
        }
    }

    /** Runs the call on a worker when those before it have returned. */
    void callInTurn(WorkerCall<?> call) {
        if (callRunning) {
            if (waitingCalls == null) {
                waitingCalls = new ArrayDeque<>();
            }
            waitingCalls.add(call);
        } else {
            callRunning = true;
            call.start();
        }
    }

    /** A call that was run in turn has returned. */
    void callReturned() {
        WorkerCall<?> call = waitingCalls == null ? null : waitingCalls.poll();
        if (call != null) {
            call.start();
            return;
        }
        callRunning = false;
        if (afterCalls != null) {
            connection.later(afterCalls);
            afterCalls = null;
        }
        dropIfEmpty();
        connection.settle();
    }

    /** Does something when the calls that run in turn have returned; at once if there are none. */
    void afterCalls(ConnectionWork.Action action) throws Exception {
        if (callRunning) {
            afterCalls = action;
        } else {
            action.run();
        }
    }

    /** Calls that have not begun are not made: their connection was closed. */
    void dropWaitingCalls() {
        while (waitingCalls != null && !waitingCalls.isEmpty()) {
            waitingCalls.poll().dropped();
        }
    }

    /** The connection has few enough unsent bytes for a stream to go on. */
    void lowMarkReached() {
        if (head != null) {
            head.lowMarkReached();
        }
    }

    /** The connection ends: nobody's reply goes anywhere any more. */
    void drop() {
        for (ReplySlot slot = head, next; slot != null; slot = next) {
            next = slot.next;
            slot.drop(this);
            slot.left();
        }
        head = null;
        tail = null;
        afterCalls = null;
        while (waitingCalls != null && !waitingCalls.isEmpty()) {
            waitingCalls.poll().giveBack();
        }
    }

    private void dropIfEmpty() {
        if (size == 0 && !callRunning && connection.replies == this) {
            connection.replies = null;
            connection.progress(); // it is idle from now on, not from when the request came
        }
    }
}
