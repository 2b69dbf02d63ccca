// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class RespValueFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(RespValueFramer::new, value -> value).check(stream);
        FramerFuzz.of(RespValueFramer::new, value -> value)
                .maxFrameBytes(Integer.MAX_VALUE)
                .check(stream);
        FramerFuzz.of(max -> new RespValueFramer(max, 2), value -> value).check(stream);
    }
}
