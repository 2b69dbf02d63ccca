// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

/**
 * Ports that are not to be used for some time. Instead of a time for each there is a bit, in one of nine sets by the eighth of
 * that time in which it began to rest; so it rests for the whole time, and for up to an eighth of it more.
 */
final class Resting {
    /** Into how many spans the time is cut. */
    static final int SPANS = 8;

    private final int size;
    private final long spanNanos;
    private final PortBits[] spans = new PortBits[SPANS + 1];
    private long current; // number of the span of the latest release
    private int count;

    /**
     * @param size how many ports there are
     * @param nanos how long they rest, more than 0
     */
    Resting(int size, long nanos, long now) {
        this.size = size;
        this.spanNanos = span(nanos);
        this.current = now / spanNanos;
    }

    /** The longest that one rests which is to rest for that long. */
    static long longest(long nanos) {
        return (SPANS + 1) * span(nanos);
    }

    private static long span(long nanos) {
        return Math.max(1, (nanos + SPANS - 1) / SPANS);
    }

    int count() {
        return count;
    }

    boolean contains(int index) {
        for (PortBits span : spans) {
            if (span != null && span.get(index)) {
                return true;
            }
        }
        return false;
    }

    /** Adds one that doesn't rest, at the time of the latest {@link #release}. */
    void add(int index) {
        int span = (int) (current % spans.length);
        if (spans[span] == null) {
            spans[span] = new PortBits(size);
        }
        spans[span].set(index);
        count++;
    }

    /** Moves on to {@code now}, at or after 0 and never backwards. Those whose time is over are cleared in {@code busy} too. */
    void release(long now, PortBits busy) {
        long span = now / spanNanos;
        long first = Math.max(current + 1, span - SPANS); // all others have their place again, empty
        for (long next = first; next <= span; next++) {
            release((int) (next % spans.length), busy);
        }
        current = Math.max(current, span);
    }

    private void release(int span, PortBits busy) {
        PortBits over = spans[span];
        if (over != null) {
            busy.clearAll(over);
            count -= over.count();
            spans[span] = null;
        }
    }
}
