// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.HeapOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpRequestHeadTest {

    private static String encoded(HttpRequestHead head, String body) {
        ByteBuffer bytes = body == null ? null : ByteBuffer.wrap(body.getBytes(StandardCharsets.ISO_8859_1));
        ByteBuffer out = HeapOutput.encode(head, (h, o) -> h.encode(o, bytes));
        return StandardCharsets.ISO_8859_1.decode(out).toString();
    }

    @Test
    void aHeadIsItsLinesInOrder() {
        HttpRequestHead head = HttpRequestHead.of("GET", "/a?b", "h:8080")
                .field("Accept", "*/*")
                .field("X", "\u00e9");
        assertEquals("GET /a?b HTTP/1.1\r\nHost: h:8080\r\nAccept: */*\r\nX: \u00e9\r\n\r\n", encoded(head, null));
    }

    @Test
    void aLengthIsSaidWithABodyAndWhereOneIsExpected() {
        assertEquals(
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy",
                encoded(HttpRequestHead.of("GET", "/", "h"), "xy"));
        for (String method : new String[] {"POST", "PUT", "PATCH"}) {
            assertEquals(
                    method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                    encoded(HttpRequestHead.of(method, "/", "h"), null));
        }
        assertEquals("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", encoded(HttpRequestHead.of("DELETE", "/", "h"), null));
    }

    @Test
    void allFourFormsOfTargetsAreThere() {
        String[][] all = {
            {"GET", "/x", "h"},
            {"OPTIONS", "*", "h"},
            {"CONNECT", "h:443", "h:443"},
            {"GET", "http://h/x", "h"}
        };
        for (String[] one : all) {
            assertEquals(
                    one[0] + " " + one[1] + " HTTP/1.1\r\nHost: " + one[2] + "\r\n\r\n",
                    encoded(HttpRequestHead.of(one[0], one[1], one[2]), null));
        }
    }

    @Test
    void whatIsNoRequestIsRefused() {
        String[][] wrong = {
            {"G T", "/", "h"},
            {"", "/", "h"},
            {"GET", "", "h"},
            {"GET", "/ x", "h"},
            {"GET", "x", "h"},
            {"GET", "/#f", "h"},
            {"GET", "*", "h"},
            {"CONNECT", "h", "h"},
            {"GET", "/", "h/x"},
            {"GET", "/", "h h"},
            {"GET", "/", " h"},
            {"GET", "http://other/", "h"},
            {"GET", "/ HTTP/1.1\r\nX: y\r\nZ:", "h"},
            {"GET", "/", "h\r\nX: y"},
            {"GET", "/\u00e9", "h"},
            {"\r\nGET", "/", "h"},
            {"GET", "/" + "x".repeat(70_000), "h"},
        };
        for (String[] parts : wrong) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> HttpRequestHead.of(parts[0], parts[1], parts[2]),
                    () -> String.join("|", parts));
        }
    }

    @ParameterizedTest
    @CsvSource({"/ x, 20", "/\u00e9, e9", "/\u20ac, 20ac", "/a#f, %23"})
    void aTargetThatIsNotEncodedIsToldWhatToDo(String target, String word) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> HttpRequestHead.of("GET", target, "h"));
        assertTrue(e.getMessage().startsWith("target: at ") && e.getMessage().contains(word), e::getMessage);
        assertFalse(e.getMessage().contains(target), "a stranger's text has no place in a log");
    }

    @ParameterizedTest
    @CsvSource({"Host", "content-length", "Transfer-Encoding", "connection", "Upgrade", "Expect", "'a b'", "''", "a:"})
    void theLibrarysFieldsAndBadNamesAreRefused(String name) {
        HttpRequestHead head = HttpRequestHead.of("GET", "/", "h");
        assertThrows(IllegalArgumentException.class, () -> head.field(name, "x"));
    }

    @Test
    void aValueCantBecomeAnotherField() {
        HttpRequestHead head = HttpRequestHead.of("GET", "/", "h");
        for (String value : new String[] {"a\r\nB: c", "a\nb", "a\0", "\u0100"}) {
            assertThrows(IllegalArgumentException.class, () -> head.field("A", value));
            assertThrows(IllegalArgumentException.class, () -> head.upgrade(value));
        }
    }

    @Test
    void theLastOneSaysSoOnce() {
        HttpRequestHead head = HttpRequestHead.of("GET", "/", "h").thenClose().thenClose();
        assertEquals("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", encoded(head, null));
    }
}
