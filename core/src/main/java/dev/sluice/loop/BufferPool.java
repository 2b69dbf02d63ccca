// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Heap buffers lent to connections that are in the middle of something: an unfinished frame, bytes that the socket
 * would not take. Sizes are powers of two; a bounded number of each size is kept for the next borrower, larger ones are
 * left to the collector. Each is charged to the loop's {@link Lease} with its whole capacity while it is lent; what is
 * kept here is not. Loop thread only, but for the
 * figures.
 *
 * <p>Heap and not direct: these buffers come and go with what peers do, and the collector gives heap memory back in
 * time, while direct memory waits for a cleaner.
 */
public final class BufferPool {
    private static final int MIN_SHIFT = 8; // 256 bytes
    private static final int MAX_SHIFT = 16; // 64 KiB
    private static final int KEPT_BYTES_PER_SIZE = 256 * 1024;
    private static final int KEPT_HOLDERS = 1024;

    private final ByteBuffer[][] kept = new ByteBuffer[MAX_SHIFT - MIN_SHIFT + 1][];
    private final int[] keptCount = new int[kept.length];
    private final ArrayDeque<HeldBytes> spareHolders = new ArrayDeque<>();
    private final Lease lease;
    private final AtomicInteger lent = new AtomicInteger(); // these two are written by the loop, read by any thread
    private final AtomicLong lentBytes = new AtomicLong();

    BufferPool(Lease lease) {
        this.lease = lease;
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new ByteBuffer[KEPT_BYTES_PER_SIZE >> (i + MIN_SHIFT)];
        }
    }

    /**
     * Lends a cleared buffer of at least {@code bytes}, up to 1 GiB. Returns null if the lease hasn't that many left, or
     * the heap.
     */
    public ByteBuffer lend(int bytes) {
        int shift = Math.max(MIN_SHIFT, 32 - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1));
        if (!lease.takeForBuffer(1L << shift)) {
            return null;
        }
        int size = shift - MIN_SHIFT;
        ByteBuffer buffer = size < kept.length && keptCount[size] > 0 ? takeKept(size) : allocate(1 << shift);
        if (buffer != null) {
            count(1, buffer.capacity());
        }
        return buffer;
    }

    private ByteBuffer takeKept(int size) {
        ByteBuffer buffer = kept[size][--keptCount[size]];
        kept[size][keptCount[size]] = null;
        return buffer.clear().order(ByteOrder.BIG_ENDIAN);
    }

    // The budget may be more than the heap has left beside what users hold. Then it is the heap that is exhausted, and
    // the same is done about it.
    private ByteBuffer allocate(int bytes) {
        try {
            return ByteBuffer.allocate(bytes);
        } catch (OutOfMemoryError e) {
            lease.giveBack(bytes);
            return null;
        }
    }

    /** Takes a lent buffer back. The borrower must not touch it any more. */
    public void giveBack(ByteBuffer buffer) {
        assert lent() > 0 : "given back more than was lent";
        count(-1, -buffer.capacity());
        lease.giveBack(buffer.capacity());
        int size = 31 - Integer.numberOfLeadingZeros(buffer.capacity()) - MIN_SHIFT;
        if (size < kept.length && keptCount[size] < kept[size].length) {
            assert !isKept(size, buffer) : "given back twice";
            kept[size][keptCount[size]++] = buffer;
        }
    }

    /** Lends a place for bytes that starts with a buffer of at least {@code bytes}; null as {@link #lend}. */
    public HeldBytes hold(int bytes) {
        ByteBuffer buffer = lend(bytes);
        if (buffer == null) {
            return null;
        }
        HeldBytes holder = spareHolders.pollLast();
        if (holder == null) {
            holder = new HeldBytes(this);
        }
        holder.start(buffer);
        return holder;
    }

    void giveBack(HeldBytes holder) {
        if (spareHolders.size() < KEPT_HOLDERS) {
            spareHolders.addLast(holder);
        }
    }

    /** What the buffers are charged to. */
    public Lease lease() {
        return lease;
    }

    /** How many buffers are lent now. Any thread; a recent value. */
    public int lent() {
        return lent.getOpaque();
    }

    /** How many bytes the buffers have that are lent now, used or not. Any thread; a recent value. */
    public long lentBytes() {
        return lentBytes.getOpaque();
    }

    private void count(int buffers, int bytes) {
        lent.setOpaque(lent.getPlain() + buffers);
        lentBytes.setOpaque(lentBytes.getPlain() + bytes);
    }

    private boolean isKept(int size, ByteBuffer buffer) {
        for (int i = 0; i < keptCount[size]; i++) {
            if (kept[size][i] == buffer) {
                return true;
            }
        }
        return false;
    }
}
