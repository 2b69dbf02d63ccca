// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;
import java.util.List;

class DelimiterFramerFuzz {
    private static final List<Delimiter> DELIMITERS = List.of(
            Delimiter.bytes(0),
            Delimiter.text("||"),
            Delimiter.text("aaab"),
            Delimiter.text("abab"),
            Delimiter.text("\r\n.\r\n"));

    @FuzzTest
    void streams(byte[] stream) {
        for (Delimiter delimiter : DELIMITERS) {
            FramerFuzz.of(delimiter.framing()).maxFrameBytes(20).check(stream);
        }
    }
}
