// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SharedBytes;

/**
 * How many bytes connections may hold together: unfinished frames, bytes that sockets have not taken, replies whose turn
 * has not come, frames at workers, and whatever is on its way between threads. Several servers and connectors may share
 * one; those that are given none share that of the process. Any thread.
 *
 * <p>Counted is what is taken from the heap: the whole capacity of lent buffers, and an overhead for each letter, reply
 * slot and call on a worker. Not counted is what a loop has once and for all: its two direct buffers of 64 KiB, and up to
 * 2.25 MiB of buffers kept for the next borrower.
 *
 * <p>The limit is never passed. When three quarters are used, a connection with anything unsent is not read any more. When
 * room is needed and there is none, the connection that holds most, of a sample of its Reader's and the one that needs
 * it, ends with {@link CloseReason.BudgetExhausted}, and what it held is free at once. Room for what another thread sends
 * can't be made like that: if there is none, the connection that it was for ends. So buffers leave the last sixteenth to
 * those, and the buffers of a Reader that holds more than its share leave the last eighth to the others.
 */
public final class MemoryBudget {
    private static final long LEAST_BYTES = 16 << 10;
    private static final long MOST_BYTES = 1L << 50;
    private static final long LEAST_OF_PROCESS = 4 << 20;
    private static final MemoryBudget OF_PROCESS = ofBytes(
            Math.max(LEAST_OF_PROCESS, Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 4)));

    final SharedBytes bytes;

    private MemoryBudget(long limitBytes) {
        this.bytes = new SharedBytes(limitBytes);
    }

    /** The one of the process: a quarter of the largest heap it may have, at least 4 MiB. */
    public static MemoryBudget ofProcess() {
        return OF_PROCESS;
    }

    /**
     * One of its own.
     *
     * @param limitBytes from 16 KiB to 1 PiB
     * @throws IllegalArgumentException if it is out of its range
     */
    public static MemoryBudget ofBytes(long limitBytes) {
        Check.range("budget.limitBytes", limitBytes, LEAST_BYTES, MOST_BYTES);
        return new MemoryBudget(limitBytes);
    }

    /** The most bytes that are used at any time. */
    public long limitBytes() {
        return bytes.limit();
    }

    /**
     * The bytes that are used now. What a loop keeps to be quick counts as well: up to two times a thousandth of the
     * limit, and 128 KiB at most, until the loop ends.
     */
    public long usedBytes() {
        return bytes.used();
    }

    @Override
    public String toString() {
        return usedBytes() + " of " + limitBytes() + " bytes";
    }
}
