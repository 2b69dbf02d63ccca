// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LengthFieldTest {

    @Test
    void isBigEndianAndStripsItselfUnlessToldOtherwise() {
        assertEquals(new LengthField(4, ByteOrder.BIG_ENDIAN, 0, 0, 4, false), LengthField.bytes(4));
        assertEquals(
                new LengthField(2, ByteOrder.LITTLE_ENDIAN, 3, -1, 5, true),
                LengthField.bytes(2).littleEndian().at(3).adjust(-1).includingHeader());
        assertEquals(1, LengthField.bytes(2).at(3).strip(1).stripped());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 5, 6, 7, 9})
    void refusesOtherWidths(int width) {
        var refused = assertThrows(IllegalArgumentException.class, () -> LengthField.bytes(width));
        assertEquals("width is " + width + ", must be 1, 2, 3, 4 or 8", refused.getMessage());
    }

    @Test
    void namesTheFieldTheValueAndTheRange() {
        LengthField field = LengthField.bytes(4);
        assertEquals("offset is -1, must be 0 to 65535", refusal(() -> field.at(-1)));
        assertEquals("offset is 2147483647, must be 0 to 65535", refusal(() -> field.at(Integer.MAX_VALUE)));
        assertEquals("adjustment is 65536, must be -65535 to 65535", refusal(() -> field.adjust(65_536)));
        assertEquals("stripped is -1, must be 0 to 65543", refusal(() -> field.strip(-1)));
        assertEquals(
                "order is null, must be BIG_ENDIAN or LITTLE_ENDIAN",
                refusal(() -> new LengthField(4, null, 0, 0, 4, false)));
    }

    private static String refusal(Runnable making) {
        return assertThrows(IllegalArgumentException.class, making::run).getMessage();
    }
}
