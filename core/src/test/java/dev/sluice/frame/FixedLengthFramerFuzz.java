// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class FixedLengthFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(max -> new FixedLengthFramer(max, 1)).check(stream);
        FramerFuzz.of(max -> new FixedLengthFramer(max, 5)).maxFrameBytes(5).check(stream);
        FramerFuzz.of(max -> new FixedLengthFramer(max, 60)).check(stream);
    }
}
