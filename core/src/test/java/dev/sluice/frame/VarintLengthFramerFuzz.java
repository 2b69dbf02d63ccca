// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class VarintLengthFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(VarintLengthFramer::new).maxFrameBytes(20).check(stream);
        FramerFuzz.of(VarintLengthFramer::new).maxFrameBytes(300).check(stream);
        FramerFuzz.of(VarintLengthFramer::new).maxFrameBytes(Integer.MAX_VALUE).check(stream);
    }
}
