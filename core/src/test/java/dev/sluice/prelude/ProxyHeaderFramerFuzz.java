// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class ProxyHeaderFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(ProxyHeaderFramer::new, ProxyHeader::toString)
                .maxFrameBytes(536)
                .check(stream);
        FramerFuzz.of(ProxyHeaderFramer::new, ProxyHeader::toString)
                .maxFrameBytes(Integer.MAX_VALUE)
                .check(stream);
    }
}
