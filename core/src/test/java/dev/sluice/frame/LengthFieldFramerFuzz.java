// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.testing.FramerFuzz;
import java.util.List;

class LengthFieldFramerFuzz {
    private static final List<LengthField> FIELDS = List.of(
            LengthField.bytes(1),
            LengthField.bytes(2).littleEndian(),
            LengthField.bytes(3).includingHeader(),
            LengthField.bytes(4),
            LengthField.bytes(8).littleEndian().includingHeader().adjust(-10),
            LengthField.bytes(2).at(1).strip(0).adjust(1),
            LengthField.bytes(1).adjust(-3).strip(4));

    @FuzzTest
    void streams(byte[] stream) {
        for (LengthField field : FIELDS) {
            FramerFuzz.of(field.framing()).maxFrameBytes(40).check(stream);
        }
    }
}
