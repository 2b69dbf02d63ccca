// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.Arrays;

/** Of requests that are not answered yet, in order, what their responses depend on. Any thread. */
final class PendingRequests {
    private static final byte HEAD = 1;
    private static final byte CONNECT = 2;
    private static final byte UPGRADE = 4;
    private static final int FEW = 8;

    private byte[] ring = new byte[FEW]; // a power of two
    private int first;
    private int count;
    private int interims; // responses to the first
    private boolean isOverrun;

    synchronized void add(String method, boolean upgrades) {
        if (count == ring.length) {
            grow();
        }
        int kind = method.equals("HEAD") ? HEAD : method.equals("CONNECT") ? CONNECT : 0;
        ring[first + count & ring.length - 1] = (byte) (kind | (upgrades ? UPGRADE : 0));
        count++;
    }

    private void grow() {
        byte[] larger = Arrays.copyOf(ring, 2 * count);
        // What begins behind the others, in the old ring, must not end behind them in the new one.
        System.arraycopy(ring, 0, larger, count, first);
        ring = larger;
    }

    synchronized void removeFirst() {
        first = first + 1 & ring.length - 1;
        count--;
        interims = 0;
    }

    /** Takes back what was added last. */
    synchronized void removeLast() {
        count--;
    }

    /** Counts an interim response to the first, and says how many that makes. */
    synchronized int interim() {
        return ++interims;
    }

    /** Behind the last response came something that answers nothing, so no request may follow: that would be its answer. */
    synchronized void overrun() {
        isOverrun = true;
    }

    synchronized boolean isOverrun() {
        return isOverrun;
    }

    synchronized int count() {
        return count;
    }

    synchronized boolean isHead() {
        return (ring[first] & HEAD) != 0;
    }

    synchronized boolean isConnect() {
        return (ring[first] & CONNECT) != 0;
    }

    synchronized boolean mayUpgrade() {
        return (ring[first] & UPGRADE) != 0;
    }
}
