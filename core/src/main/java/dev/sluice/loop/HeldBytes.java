// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes kept for later in a lent buffer that grows with them, first in first out. It serves both directions: what is
 * behind an unfinished frame, and what the socket has not taken yet. Appending and taking cost work linear in the
 * bytes: the contents are moved only when at most half of the buffer is in use, else the buffer is doubled.
 */
public final class HeldBytes {
    private final BufferPool pool;
    private ByteBuffer buffer;
    private int from;
    private int to;
    private long deadline;
    private long began;

    HeldBytes(BufferPool pool) {
        this.pool = pool;
    }

    void start(ByteBuffer lent) {
        buffer = lent;
        from = 0;
        to = 0;
    }

    /** How many bytes are held. */
    public int size() {
        return to - from;
    }

    /** The time that was noted last with {@link #deadline(long)}. */
    public long deadline() {
        return deadline;
    }

    /** Notes until when something must happen to the bytes. It is kept for whoever holds them, and does nothing here. */
    public void deadline(long nanos) {
        deadline = nanos;
    }

    /** The time that was noted last with {@link #began(long)}. */
    public long began() {
        return began;
    }

    /** Notes when that began for which the bytes are held. It is kept for whoever holds them, and does nothing here. */
    public void began(long nanos) {
        began = nanos;
    }

    /** How many bytes it has borrowed, used or not. */
    public int capacity() {
        return buffer.capacity();
    }

    /**
     * Appends what is between position and limit of {@code bytes}, which is consumed. Returns false, and leaves all as it
     * was, if no buffer could be lent that it fits into.
     */
    public boolean append(ByteBuffer bytes) {
        int n = bytes.remaining();
        ByteBuffer room = room(n);
        if (room == null) {
            return false;
        }
        room.put(bytes);
        to += n;
        return true;
    }

    /**
     * A buffer to put up to {@code bytes} into, or null if none could be lent; else {@link #committed} must follow before
     * anything else is called.
     */
    public ByteBuffer room(int bytes) {
        if (!makeRoom(bytes)) {
            return null;
        }
        return buffer.limit(to + bytes).position(to).order(ByteOrder.BIG_ENDIAN);
    }

    /** Takes what was put into the buffer that {@link #room} returned. */
    public void committed() {
        assert buffer.position() >= to : "position moved backwards";
        to = buffer.position();
    }

    /** The held bytes between position and limit; {@link #consumed} must follow before anything else is called. */
    public ByteBuffer view() {
        return buffer.limit(to).position(from).order(ByteOrder.BIG_ENDIAN);
    }

    /** Drops what lies before the position of the buffer that {@link #view} returned. */
    public void consumed() {
        from = buffer.position();
    }

    /** Drops the last {@code bytes}. */
    public void dropTail(int bytes) {
        assert bytes >= 0 && bytes <= size();
        to -= bytes;
    }

    /** Gives the buffer and this object back. Nothing may be called after that. */
    public void release() {
        pool.giveBack(buffer);
        buffer = null;
        pool.giveBack(this);
    }

    private boolean makeRoom(int bytes) {
        if (buffer.capacity() - to >= bytes) {
            return true;
        }
        int size = size();
        if (size + bytes <= buffer.capacity() && size <= buffer.capacity() / 2) {
            view().compact();
        } else {
            ByteBuffer larger = pool.lend(Math.max(size + bytes, 2 * buffer.capacity()));
            if (larger == null) {
                return false;
            }
            larger.put(view());
            pool.giveBack(buffer);
            buffer = larger;
        }
        from = 0;
        to = size;
        return true;
    }
}
