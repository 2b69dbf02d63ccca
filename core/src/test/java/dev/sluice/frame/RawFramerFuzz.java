// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class RawFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(RawFramer::new).maxFrameBytes(7).check(stream);
    }
}
