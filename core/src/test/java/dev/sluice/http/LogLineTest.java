// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What access logs are put together of. */
class LogLineTest {
    private static String text(LogLine line) {
        return StandardCharsets.ISO_8859_1.decode(line.toBuffer()).toString();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void everyByteIsPlainOrEscaped() {
        StringBuilder expected = new StringBuilder("<");
        byte[] all = new byte[256];
        for (int b = 0; b < 256; b++) {
            all[b] = (byte) b;
            boolean plain = b >= ' ' && b <= 126 && b != '"' && b != '\\';
            expected.append(plain ? "" + (char) b : String.format("\\x%02X", b));
        }
        LogLine line = new LogLine().put('<').quoted(ByteBuffer.wrap(all), 256).put('>');
        assertEquals(expected + ">", text(line));
        assertTrue(text(line).chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"'), text(line));
    }

    @Test
    void whatIsEscapedAlreadyIsEscapedAgain() {
        assertEquals("\\x5Cx22", text(new LogLine().quoted(bytes("\\x22"), 99)));
        assertEquals("a\\x0D\\x0Ab", text(new LogLine().quoted(bytes("a\r\nb"), 99)));
    }

    @Test
    void whatIsLongIsCutBeforeItIsEscaped() {
        ByteBuffer sent = bytes("\"\"\"\"abc");
        assertEquals("\\x22\\x22...", text(new LogLine().quoted(sent, 2)));
        assertEquals(7, sent.remaining());
        assertEquals("\\x22\\x22\\x22\\x22abc", text(new LogLine().quoted(sent, 7)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 1_234_567, Long.MAX_VALUE})
    void numbersAreDecimal(long number) {
        assertEquals("" + number, text(new LogLine().put(number)));
    }

    @Test
    void aLineIsUsedAgainHoweverLongItWas() {
        LogLine line = new LogLine();
        String once = "x".repeat(100_000);
        assertEquals(once, text(line.put(once)));
        line.clear();
        assertEquals("short", text(line.put("short")));
        LogLine copy = line.copy();
        line.put("er");
        assertEquals("short and longer", text(copy.put(" and longer")));
    }

    @ParameterizedTest
    @CsvSource({
        "784111777, Z, [06/Nov/1994:08:49:37 +0000]",
        "971211336, America/Los_Angeles, [10/Oct/2000:13:55:36 -0700]",
        "784111777, Asia/Kolkata, [06/Nov/1994:14:19:37 +0530]",
        "784111777, -03:30, [06/Nov/1994:05:19:37 -0330]",
        "0, Z, [01/Jan/1970:00:00:00 +0000]",
    })
    void timesAreThoseOfTheZone(long epochSecond, String zone, String text) {
        assertEquals(text, LogTime.text(epochSecond, zone.equals("Z") ? ZoneOffset.UTC : ZoneId.of(zone)));
    }

    @Test
    void theLineOfARefusedRequestIsWhatHasCome() {
        assertEquals("GET /", received("GET /"));
        assertEquals("GET / HTTP/1.1", received("\r\nGET / HTTP/1.1\r\nX : y\r\n"));
        assertEquals("", received("\r\n\r\nGET /"));
        assertEquals("", received(""));
        assertEquals("x".repeat(ReceivedLine.MOST_BYTES), received("x".repeat(5000)));
        assertTrue(ReceivedLine.at(bytes("x".repeat(5000)), 0).isCut());
        assertTrue(ReceivedLine.at(bytes("HEAD / HTTP/1.1\r\n"), 0).isHead());
    }

    private static String received(String sent) {
        ReceivedLine line = ReceivedLine.at(bytes("abc" + sent), 3);
        return line == null ? "" : new String(line.bytes(), StandardCharsets.ISO_8859_1);
    }
}
