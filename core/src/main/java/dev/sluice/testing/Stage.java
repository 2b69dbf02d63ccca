// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Shows bytes to a framer, each time in another of three buffers and at another place in it, between bytes that are none
 * of the framer's business. Three, because a framer may well remember two.
 */
final class Stage {
    private static final int MARGIN = 8;
    private static final int BUFFERS = 3;

    /** Kinds of buffers; the framer must not notice a difference. */
    enum Kind {
        HEAP,
        HEAP_SLICE,
        HEAP_READ_ONLY,
        DIRECT,
        DIRECT_SLICE;

        private ByteBuffer writable(int capacity) {
            return switch (this) {
                case HEAP, HEAP_READ_ONLY -> ByteBuffer.allocate(capacity);
                case HEAP_SLICE -> ByteBuffer.allocate(capacity + 3).position(3).slice();
                case DIRECT -> ByteBuffer.allocateDirect(capacity);
                case DIRECT_SLICE ->
                    ByteBuffer.allocateDirect(capacity + 1).position(1).slice();
            };
        }
    }

    /** One buffer: what is shown, a way to write into it, and what must be in it afterwards. */
    private static final class Slot {
        private final ByteBuffer shown;
        private final ByteBuffer memory;
        private final ByteBuffer expected;
        private int limit;

        Slot(Kind kind, int capacity) {
            ByteBuffer buffer = kind.writable(capacity);
            shown = kind == Kind.HEAP_READ_ONLY ? buffer.asReadOnlyBuffer() : buffer;
            memory = buffer.duplicate();
            expected = ByteBuffer.allocate(capacity);
        }

        private void fill(Random random) {
            random.nextBytes(expected.array());
            memory.put(0, expected, 0, expected.capacity());
        }
    }

    private final Kind kind;
    private final Slot[] slots = new Slot[BUFFERS];
    private final Random random;
    private int current;

    Stage(Kind kind, int maxBytes, long seed) {
        this.kind = kind;
        this.random = new Random(seed);
        for (int i = 0; i < BUFFERS; i++) {
            slots[i] = new Slot(kind, maxBytes + 2 * MARGIN);
        }
    }

    Kind kind() {
        return kind;
    }

    /** Overwrites what was shown before, and shows a stretch of the stream in another buffer. */
    ByteBuffer show(byte[] stream, int from, int to) {
        slots[current].fill(random);
        current = (current + 1) % BUFFERS;
        Slot slot = slots[current];
        int start = random.nextInt(MARGIN);
        slot.limit = start + to - from;
        slot.memory.put(start, stream, from, to - from);
        slot.expected.put(start, stream, from, to - from);
        return slot.shown.limit(slot.limit).position(start);
    }

    /** Overwrites everything, so that whoever still points into a buffer sees something else. */
    void poison() {
        for (Slot slot : slots) {
            slot.fill(random);
        }
    }

    /** Says whether the limit of the buffer shown last is where it was. */
    boolean limitIsKept() {
        return slots[current].shown.limit() == slots[current].limit;
    }

    /** Says whether the buffer shown last holds the bytes that were put into it. */
    boolean bytesAreKept() {
        Slot slot = slots[current];
        return slot.memory.clear().mismatch(slot.expected.clear()) < 0;
    }
}
