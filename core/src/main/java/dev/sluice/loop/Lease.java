// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One loop's part of the {@link SharedBytes}: it takes them by the chunk and keeps up to two that it doesn't need, so
 * that what comes and goes touches nothing that other loops write. Any thread: what is on its way to a loop is charged
 * here by those who send it.
 */
public final class Lease {
    private final SharedBytes shared;
    private final int chunk;
    private final AtomicLong spare = new AtomicLong();
    private final AtomicLong held = new AtomicLong(); // what was taken from the shared ones, spare included
    private volatile boolean closed;

    Lease(SharedBytes shared) {
        this.shared = shared;
        this.chunk = shared.chunk();
        shared.opened();
    }

    /** Takes bytes for what is on its way between threads. Returns false, and takes nothing, if that many aren't left. */
    public boolean take(long bytes) {
        return take(bytes, false);
    }

    /** The same for buffers, which leave some bytes to the others. */
    boolean takeForBuffer(long bytes) {
        return take(bytes, true);
    }

    /** Gives bytes back that were taken. */
    public void giveBack(long bytes) {
        spare.addAndGet(bytes);
        trim();
    }

    /** How many bytes are taken now. */
    public long taken() {
        return held.get() - spare.get();
    }

    /** The bytes that this is a part of. */
    public SharedBytes shared() {
        return shared;
    }

    /** The loop has ended: nothing is kept any more. */
    void close() {
        closed = true;
        shared.closed();
        trim();
    }

    private boolean take(long bytes, boolean forBuffer) {
        for (long now = spare.get(); now >= bytes; now = spare.get()) {
            if (spare.compareAndSet(now, now - bytes)) {
                return true;
            }
        }
        long most = forBuffer ? shared.mostForBuffers(held.get()) : shared.limit();
        return takeChunk(bytes, most) || takeWhatIsLeft(bytes, most);
    }

    private boolean takeChunk(long bytes, long most) {
        long rounded = closed ? bytes : (bytes + chunk - 1) / chunk * chunk;
        if (!shared.take(rounded, most)) {
            return false;
        }
        held.addAndGet(rounded);
        if (rounded > bytes) {
            spare.addAndGet(rounded - bytes);
            trim(); // the loop may have ended meanwhile
        }
        return true;
    }

    private boolean takeWhatIsLeft(long bytes, long most) {
        long kept = spare.getAndSet(0);
        if (kept < bytes && !shared.take(bytes - kept, most)) {
            giveBack(kept);
            return false;
        }
        if (kept < bytes) {
            held.addAndGet(bytes - kept);
        } else {
            giveBack(kept - bytes); // others gave back meanwhile
        }
        return true;
    }

    private void trim() {
        for (long now = spare.get(); now > (closed ? 0 : 2L * chunk); now = spare.get()) {
            long kept = closed ? 0 : chunk;
            if (spare.compareAndSet(now, kept)) {
                held.addAndGet(kept - now);
                shared.giveBack(now - kept);
            }
        }
    }
}
