// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.Output;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CollectedOutputTest {
    private final CollectedOutput out = new CollectedOutput();

    @Test
    void collectsWhatIsPutInOrder() {
        out.room(10).put((byte) 1);
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 2, 3}).position(1);
        out.put(bytes);
        out.room(1).put((byte) 4);

        assertArrayEquals(new byte[] {1, 2, 3, 4}, out.bytes());
        assertEquals(1, bytes.position());
    }

    @Test
    void losesWhatIsWrittenTooLate() {
        ByteBuffer first = out.room(4);
        out.room(1);
        first.put((byte) 1);

        assertEquals(0, out.bytes().length);
    }

    @Test
    void givesExactlyTheRoomAskedFor() {
        ByteBuffer room = out.room(2).putShort((short) 7);
        assertThrows(BufferOverflowException.class, () -> room.put((byte) 1));
        assertThrows(IllegalArgumentException.class, () -> out.room(0));
        assertThrows(IllegalArgumentException.class, () -> out.room(Output.MAX_ROOM + 1));
    }

    @Test
    void findsAnEncoderThatTouchesTheRestOfTheBuffer() {
        out.room(2).put(0, (byte) 1);
        assertThrows(AssertionError.class, out::bytes);

        CollectedOutput other = new CollectedOutput();
        other.room(2).flip();
        assertThrows(AssertionError.class, other::bytes);
    }
}
