// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {
    private static final HealthCheck HTTP = HealthCheck.http("/", "h");
    private static final HealthCheck PING = HealthCheck.sendExpect(bytes("PING\r\n"), bytes("+PONG"));

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 OK, good",
        "HTTP/1.0 399, good",
        "HTTP/1.1 400, bad",
        "HTTP/1.1 199, bad",
        "HTTP/1.1 20, neither",
        "HTTP/1.1 2x0, bad",
        "HTTP/2.0 200, bad",
        "http/1.1 200, bad",
        "'', neither"
    })
    void readsAStatusLine(String text, String verdict) {
        check(HTTP, text, verdict);
    }

    @ParameterizedTest
    @CsvSource({"+PONG, good", "+PONGS, good", "+PON, neither", "-ERR, bad", "+PONK, bad", "'', neither"})
    void looksAtTheFirstBytes(String text, String verdict) {
        check(PING, text, verdict);
    }

    /** Whole, and one byte at a time. */
    private static void check(HealthCheck check, String text, String verdict) {
        Answer whole = check.newAnswer();
        whole.add(ByteBuffer.wrap(bytes(text)));
        Answer pieces = check.newAnswer();
        for (byte b : bytes(text)) {
            pieces.add(ByteBuffer.wrap(new byte[] {b}));
        }
        for (Answer answer : new Answer[] {whole, pieces}) {
            assertEquals(verdict.equals("good"), answer.isGood());
            assertEquals(verdict.equals("bad"), answer.isBad());
        }
        assertEquals(whole.toString(), pieces.toString());
    }

    @Test
    void nothingIsExpectedOfAConnect() {
        assertTrue(HealthCheck.connect().newAnswer().isGood());
    }

    @Test
    void whatHasComeIsEscaped() {
        Answer answer = PING.newAnswer();
        answer.add(ByteBuffer.wrap(bytes("+\n\u00ff")));
        assertEquals("\"+\\x0a\"", answer.toString());
        Answer status = HTTP.newAnswer();
        status.add(ByteBuffer.wrap(bytes("HTTP/1.1 503 no")));
        assertEquals("status 503", status.toString());
    }

    @Test
    void anotherRangeOfStatuses() {
        Answer answer = HTTP.withStatus(500, 599).newAnswer();
        answer.add(ByteBuffer.wrap(bytes("HTTP/1.1 503")));
        assertTrue(answer.isGood());
        assertFalse(answer.isBad());
    }

    @Test
    void whatCannotBeAskedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> HealthCheck.http("/a b", "h"));
        assertThrows(IllegalArgumentException.class, () -> HealthCheck.http("/a\r\nX: y", "h"));
        assertThrows(IllegalArgumentException.class, () -> HealthCheck.http("/", ""));
        assertThrows(IllegalArgumentException.class, () -> HealthCheck.sendExpect(new byte[0], new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> HTTP.withFall(0));
        assertThrows(IllegalStateException.class, () -> PING.withStatus(200, 200));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
