// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FixedLengthFramerTest {

    @Test
    void keepsTheContract() {
        FramerContract.of(max -> new FixedLengthFramer(max, 4))
                .maxFrameBytes(4)
                .accepts("")
                .accepts("one.two.\0\0\0\0", "one.", "two.", "\0\0\0\0")
                .accepts("abcd".repeat(100), repeated("abcd", 100))
                .rejects("one.tw", TRUNCATED, "one.")
                .rejects("o", TRUNCATED)
                .check();
    }

    @Test
    void keepsTheContractWithOneByteAndWithOneLargeFrame() {
        FramerContract.of(max -> new FixedLengthFramer(max, 1))
                .maxFrameBytes(7)
                .accepts("abc", "a", "b", "c")
                .check();
        FramerContract.of(max -> new FixedLengthFramer(max, 1000))
                .accepts("x".repeat(2000), "x".repeat(1000), "x".repeat(1000))
                .unfinished(length -> new byte[Math.min(length, 999)])
                .check();
    }

    @Test
    void emitsNothingUntilTheLastByteHasArrived() {
        var framer = new FixedLengthFramer(4, 4);
        assertNull(framer.next(ByteBuffer.wrap(new byte[3])));
        assertEquals(4, framer.next(ByteBuffer.wrap(new byte[4])).remaining());
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, -1", "4, 5", "0, 1"})
    void refusesFramesOfNothingAndFramesOverTheLimit(int max, int frameBytes) {
        var refused = assertThrows(IllegalArgumentException.class, () -> new FixedLengthFramer(max, frameBytes));
        assertEquals(
                "frameBytes is " + frameBytes + ", must be 1 to maxFrameBytes, which is " + max, refused.getMessage());
    }

    private static String[] repeated(String frame, int times) {
        String[] frames = new String[times];
        Arrays.fill(frames, frame);
        return frames;
    }
}
