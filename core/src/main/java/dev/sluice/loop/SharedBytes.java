// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of bytes that the loops of one or several servers may hold together. Loops take from it through a
 * {@link Lease}, in chunks, so this is rarely written. What a lease holds counts as used. Any thread.
 */
public final class SharedBytes {
    private static final int CHUNKS = 1024;
    private static final int LEAST_CHUNK = 256;
    private static final int LARGEST_CHUNK = 64 * 1024;
    // A loop with more than its share leaves this part to those with less.
    private static final int PART_FOR_MODEST_LOOPS = 8;
    // Buffers leave this part to what is on its way between threads, for which no room can be made at once.
    private static final int PART_FOR_LETTERS = 16;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final AtomicInteger leases = new AtomicInteger();

    /** Makes one of {@code limit} bytes. */
    public SharedBytes(long limit) {
        this.limit = limit;
    }

    /** The most bytes that are used. */
    public long limit() {
        return limit;
    }

    /** How many bytes are used now, what loops keep in their leases included. */
    public long used() {
        return used.get();
    }

    /** Whether more than three quarters are used. */
    public boolean isTight() {
        return used.get() > limit - limit / 4;
    }

    /** How many bytes a lease takes more than it needs at once. */
    int chunk() {
        return (int) Math.max(LEAST_CHUNK, Math.min(LARGEST_CHUNK, limit / CHUNKS));
    }

    /** Up to where a loop may take bytes for buffers if it holds {@code held} already. */
    long mostForBuffers(long held) {
        boolean modest = held <= limit / Math.max(1, leases.get());
        return limit - limit / (modest ? PART_FOR_LETTERS : PART_FOR_MODEST_LOOPS);
    }

    void opened() {
        leases.incrementAndGet();
    }

    void closed() {
        leases.decrementAndGet();
    }

    /** Takes bytes if no more than {@code most} are used then. */
    boolean take(long bytes, long most) {
        for (long now = used.get(); now + bytes <= most; now = used.get()) {
            if (used.compareAndSet(now, now + bytes)) {
                return true;
            }
        }
        return false; // and never counted, not even for a moment
    }

    void giveBack(long bytes) {
        long left = used.addAndGet(-bytes);
        assert left >= 0 : "given back more than was taken";
    }
}
