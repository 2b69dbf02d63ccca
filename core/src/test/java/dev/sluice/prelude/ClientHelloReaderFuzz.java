// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;

class ClientHelloReaderFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        FramerFuzz.of(HelloBytes::framer, hello -> hello).maxFrameBytes(512).check(stream);
        FramerFuzz.of(HelloBytes::framer, hello -> hello)
                .maxFrameBytes(ClientHelloReader.MAX_BYTES)
                .check(stream);
    }
}
