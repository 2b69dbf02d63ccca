// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import com.code_intelligence.jazzer.junit.FuzzTest;

class IdentityFuzz {

    @FuzzTest
    void files(byte[] file) {
        BrokenBytesProperties.requireFlawOrNothing(BrokenBytesProperties::pem, file);
        BrokenBytesProperties.requireFlawOrNothing(
                BrokenBytesProperties::pem, BrokenBytesProperties.withChain("PRIVATE KEY", file));
    }
}
