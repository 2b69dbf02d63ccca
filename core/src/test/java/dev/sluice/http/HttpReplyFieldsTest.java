// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpReplyFieldsTest {
    private static String text(HttpReplyFields fields) {
        return new String(fields.lines(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void areLinesInTheOrderInWhichTheyWereAdded() {
        HttpReplyFields fields = HttpReplyFields.of("A", "1").and("b-c", "").and("A", " x\ty\u00e9 ");
        assertEquals("A: 1\r\nb-c: \r\nA:  x\ty\u00e9 \r\n", text(fields));
    }

    @Test
    void addingLeavesThoseBeforeAsTheyAre() {
        HttpReplyFields first = HttpReplyFields.of("A", "1");
        first.and("B", "2");
        assertEquals("A: 1\r\n", text(first));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\r\nSet-Cookie: x", "a\n", "\r", "\0", "a\u001fb", "\u007f", "\u0100", "\u20ac", "\u010a"})
    void aValueThatCouldBecomeAFieldOfItsOwnIsRefused(String value) {
        String message = refused("X", value);
        assertTrue(message.startsWith("X: the value has "), message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), "what was refused is not in the message");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "a\r", "\0", "\u00e9", "\u0161", "a\u0141"})
    void aNameThatIsNoTokenIsRefused(String name) {
        assertTrue(refused(name, "x").startsWith("a field's name has "));
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length, send()",
        "content-length, stream()",
        "TRANSFER-ENCODING, stream()",
        "Connection, thenClose()",
        "Date, withClock",
        "content-type, send()"
    })
    void whatTheLibraryWritesIsRefusedWithWhatToDoInstead(String name, String instead) {
        String message = refused(name, "1");
        assertTrue(message.startsWith(name + ": "), message);
        assertTrue(message.contains(instead), message);
    }

    @Test
    void tooManyBytesAreRefusedAndNothingIsAdded() {
        FieldBytes bytes = new FieldBytes();
        bytes.add("A", "x".repeat(FieldBytes.MOST_BYTES - 5));
        assertThrows(IllegalArgumentException.class, () -> bytes.add("B", ""));
        assertEquals(FieldBytes.MOST_BYTES, bytes.length());
    }

    private static String refused(String name, String value) {
        return assertThrows(IllegalArgumentException.class, () -> HttpReplyFields.of(name, value))
                .getMessage();
    }
}
