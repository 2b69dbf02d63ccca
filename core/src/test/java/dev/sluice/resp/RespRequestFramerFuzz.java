// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class RespRequestFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(RespRequestFramer::new, RespRequestFramerTest::words).check(stream);
        FramerFuzz.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .maxFrameBytes(Integer.MAX_VALUE)
                .check(stream);
        FramerFuzz.of(max -> new RespRequestFramer(max, 4, 2), RespRequestFramerTest::words)
                .check(stream);
    }
}
