// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class RespValueFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(RespValueFramer::new, value -> value).maxFrameBytes(40).check(stream);
        FramerFuzz.of(max -> new RespValueFramer(max, 3), value -> value)
                .maxFrameBytes(1 << 20)
                .check(stream);
    }
}
