// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RawFramerTest {

    @Test
    void keepsTheContract() {
        FramerContract.of(RawFramer::new)
                .maxFrameBytes(7)
                .accepts("")
                .accepts("a", "a")
                .accepts("some bytes, more than the limit\n", "some bytes, more than the limit\n")
                .accepts(new byte[1000], "\0".repeat(1000))
                .unfinished(byte[]::new)
                .check();
    }

    @Test
    void yieldsWhatIsThereAsOnePart() {
        ByteBuffer in = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).position(1);

        ByteBuffer part = new RawFramer(10).next(in);

        assertEquals(ByteBuffer.wrap(new byte[] {2, 3, 4}), part);
        assertEquals(0, in.remaining());
    }

    @Test
    void cutsAtTheLimit() {
        RawFramer framer = new RawFramer(3);
        ByteBuffer in = ByteBuffer.wrap(new byte[] {1, 2, 3, 4});

        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), framer.next(in));
        assertEquals(ByteBuffer.wrap(new byte[] {4}), framer.next(in));
    }

    @Test
    void refusesALimitOfNothing() {
        var refused = assertThrows(IllegalArgumentException.class, () -> new RawFramer(0));
        assertEquals("maxFrameBytes is 0, must be 1 or more", refused.getMessage());
    }
}
