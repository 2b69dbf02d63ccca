// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class LineFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        for (LineEnding ending : LineEnding.values()) {
            FramerFuzz.of(max -> new LineFramer(max, ending)).maxFrameBytes(16).check(stream);
        }
    }
}
