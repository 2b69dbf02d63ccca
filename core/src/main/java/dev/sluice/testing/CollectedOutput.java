// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.Output;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Takes what an encoder writes, for tests. It is stricter than a Reader's buffer: an encoder gets exactly the room that
 * it asked for, somewhere inside a buffer, and what it does to the rest of the buffer or writes too late is found or
 * lost. Confined to one thread.
 *
 * <pre>{@code
 * CollectedOutput out = new CollectedOutput();
 * LineEncoder.CRLF.text().encode("hello", out);
 * byte[] bytes = out.bytes();                       // hello CR LF
 * }</pre>
 */
public final class CollectedOutput implements Output {
    private static final int IN_FRONT = 3;
    private static final byte FILL = 0x5A;

    private final ByteArrayOutputStream committed = new ByteArrayOutputStream();
    private ByteBuffer room;

    /** Makes an empty one. */
    public CollectedOutput() {}

    @Override
    public ByteBuffer room(int bytes) {
        if (bytes < 1 || bytes > MAX_ROOM) {
            throw new IllegalArgumentException("asked for room of " + bytes + " bytes, must be 1 to " + MAX_ROOM);
        }
        commit();
        room = ByteBuffer.allocate(IN_FRONT + bytes);
        for (int i = 0; i < IN_FRONT; i++) {
            room.put(FILL);
        }
        return room;
    }

    @Override
    public void put(ByteBuffer bytes) {
        commit();
        append(bytes, bytes.position(), bytes.limit());
    }

    /** Returns all bytes so far, those of the last room included. */
    public byte[] bytes() {
        commit();
        return committed.toByteArray();
    }

    private void commit() {
        if (room == null) {
            return;
        }
        check(room.limit() == room.capacity(), "the encoder moved the limit of the room it was given");
        check(room.position() >= IN_FRONT, "the encoder moved the position to before the room it was given");
        for (int i = 0; i < IN_FRONT; i++) {
            check(room.get(i) == FILL, "the encoder wrote in front of the room it was given");
        }
        append(room, IN_FRONT, room.position());
        room = null;
    }

    private void append(ByteBuffer from, int start, int end) {
        byte[] copy = new byte[end - start];
        from.get(start, copy, 0, copy.length);
        committed.write(copy, 0, copy.length);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
