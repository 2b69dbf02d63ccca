// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class RespRequestFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .maxFrameBytes(40)
                .check(stream);
        FramerFuzz.of(max -> new RespRequestFramer(max, 20, 3), RespRequestFramerTest::words)
                .maxFrameBytes(1 << 20)
                .check(stream);
    }
}
