// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of {@code docs/http.md} for responses, with the section of RFC 9110 or 9112 that it is from. */
class ResponseRulesTest {
    private static final String OK = "HTTP/1.1 200 OK\\r\\n";
    private static final int BAD_GATEWAY = 502;

    private static String raw(String text) {
        return text.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\0", "\0");
    }

    private static List<String> all(boolean gathers, String method, String stream) throws FrameException {
        HttpResponseFramer framer = gathers
                ? HttpResponseFramer.gathering(1 << 20, HttpLimits.defaults())
                : HttpResponseFramer.streaming(1 << 20, HttpLimits.defaults());
        framer.expect(method);
        return HttpResponseFramerTest.frames(framer, raw(stream));
    }

    /** Gathered and streamed it is refused, for the same reason. */
    private static FrameException refused(String method, String text) {
        FrameException gathered =
                assertThrows(FrameException.class, () -> all(true, method, text), () -> "accepted: " + text);
        FrameException streamed = assertThrows(FrameException.class, () -> all(false, method, text));
        assertEquals(BAD_GATEWAY, gathered.code(), gathered::getMessage);
        assertEquals(gathered.what(), streamed.what());
        return gathered;
    }

    private static HttpResponse head(String method, String text) throws FrameException {
        HttpResponseFramer framer = HttpResponseFramer.streaming(1 << 20, HttpLimits.defaults());
        framer.expect(method);
        return (HttpResponse) framer.next(HttpResponseFramerTest.bytes(raw(text)));
    }

    // ---- the status line: RFC 9112, 2.3 and 4

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200\\r\\n",
                "HTTP/1.1 200\\tOK\\r\\n",
                "HTTP/1.1  200 OK\\r\\n",
                "HTTP/1.1\\t200 OK\\r\\n",
                "HTTP/1.1 20 OK\\r\\n",
                "HTTP/1.1 2000 OK\\r\\n",
                "HTTP/1.1 +20 OK\\r\\n",
                "HTTP/1.1 2x0 OK\\r\\n",
                "HTTP/1.1 200 O\\0K\\r\\n",
                "HTTP/1.1 200 O\u007fK\\r\\n",
                "HTTP/1.1 200 OK\\n",
                "HTTP/1.1 200 OK\\rx",
                "HTTP/1.1 200 OK\\r\\r\\n",
                "\\r\\nHTTP/1.1 200 OK\\r\\n",
                " HTTP/1.1 200 OK\\r\\n",
                "http/1.1 200 OK\\r\\n",
                "HTTP/2.0 200 OK\\r\\n",
                "HTTP/0.9 200 OK\\r\\n",
                "HTTP/1.10 200 OK\\r\\n",
                "HTTP/1.x 200 OK\\r\\n",
                "ICY 200 OK\\r\\n",
                "<html>",
            })
    void statusLinesAreRefused(String line) {
        refused("GET", line + "Content-Length: 0\\r\\n\\r\\n");
    }

    @ParameterizedTest // RFC 9110, 15: what is out of 100 to 599 is invalid
    @ValueSource(strings = {"000", "099", "600", "999"})
    void statusesThatAreNoneAreRefused(String status) {
        assertEquals(
                "a status out of 100 to 599",
                refused("GET", "HTTP/1.1 " + status + " \\r\\n").what());
    }

    @Test
    void whatIsWrongIsSaidWithTheByteThatProvesIt() { // RFC 9112, 4
        for (String start : List.of("X", "HTTP/2", "HTTP/1.1 6", "HTTP/1.1 200\\r", "HTTP/1.1 200 \\n")) {
            FrameException e = refused("GET", start);
            assertEquals(raw(start).length() - 1, e.offset(), start);
        }
    }

    @Test
    void whatAReasonIsMadeOf() throws FrameException { // RFC 9112, 4
        for (int b = 0; b < 256; b++) {
            String text = "HTTP/1.1 204 x" + (char) b + "y\r\n\r\n";
            boolean may = b == '\t' || b >= ' ' && b != 127;
            if (may) {
                assertEquals("x" + (char) b + "y", head("GET", text).reason());
            } else {
                refused("GET", text);
            }
        }
        assertEquals("", head("GET", "HTTP/1.1 204 \\r\\n\\r\\n").reason());
    }

    @Test
    void anyVersionOf1IsRead() throws FrameException { // RFC 9110, 2.5
        assertTrue(head("GET", "HTTP/1.0 204 \\r\\n\\r\\n").isHttp10());
        assertFalse(head("GET", "HTTP/1.9 204 \\r\\n\\r\\n").isHttp10());
    }

    // ---- fields: RFC 9112, 5; the reader of requests' fields reads these too

    @ParameterizedTest
    @ValueSource(strings = {" A: b", "A : b", "A: b\\r\\n c", "A", ": b", "A: b\\0", "A: b\\n", "A\u00e4: b"})
    void fieldLinesAreRefused(String line) {
        refused("GET", OK + line + "\\r\\nContent-Length: 0\\r\\n\\r\\n");
    }

    // ---- where the body ends: RFC 9112, 6.3

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1\\r\\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\\r\\nContent-Length: 1",
                "Content-Length: 0\\r\\nContent-Length: 0",
                "Content-Length: 1, 1",
                "Content-Length: +1",
                "Content-Length: -1",
                "Content-Length: 0x1",
                "Content-Length:",
                "Content-Length: 9223372036854775808",
                "Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked, gzip",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked;a=b",
                "Transfer-Encoding: \"chunked\"",
                "Transfer-Encoding:",
            })
    void lengthsThatTwoMightReadDifferentlyAreRefusedWhateverIsAnswered(String fields) {
        refused("GET", OK + fields + "\\r\\n\\r\\n1\\r\\nx\\r\\n0\\r\\n\\r\\n");
        refused("HEAD", OK + fields + "\\r\\n\\r\\n");
        refused("GET", "HTTP/1.1 304 \\r\\n" + fields + "\\r\\n\\r\\n");
        refused("GET", "HTTP/1.1 100 \\r\\n" + fields + "\\r\\n\\r\\n");
        refused("CONNECT", OK + fields + "\\r\\n\\r\\n");
    }

    @Test
    void transferEncodingIn10IsRefused() { // RFC 9112, 6.1
        refused("GET", "HTTP/1.0 200 \\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n");
    }

    @ParameterizedTest // RFC 9112, 7.1; the reader of requests' chunks reads these too
    @ValueSource(
            strings = {
                "\\r\\n",
                "x\\r\\n",
                "+1\\r\\n",
                "0x1\\r\\n",
                " 1\\r\\n",
                "1 \\r\\n",
                "1\\n",
                "1\\r\\nxy",
                "10000000000000000\\r\\n"
            })
    void chunksAreRefused(String chunk) {
        refused("GET", OK + "Transfer-Encoding: chunked\\r\\n\\r\\n" + chunk + "00000000000000000000");
    }

    @ParameterizedTest // RFC 9112, 6.3, 1; RFC 9110, 9.3.2, 15.3.5 and 15.4.5
    @CsvSource(
            delimiter = '|',
            value = {
                "HEAD | 200 | Content-Length: 5",
                "HEAD | 200 | Transfer-Encoding: chunked",
                "HEAD | 404 | A: b",
                "GET  | 304 | Content-Length: 5",
                "GET  | 304 | Transfer-Encoding: chunked",
                "GET  | 304 | A: b",
                "GET  | 204 | A: b",
                "GET  | 204 | Content-Length: 0",
            })
    void withoutABodyWhateverTheFieldsSay(String method, String status, String field) throws FrameException {
        String stream = raw("HTTP/1.1 " + status + " \\r\\n" + field + "\\r\\n\\r\\n");
        HttpResponseFramer framer = HttpResponseFramerTest.gathering();
        framer.expect(method);
        framer.expect("GET");
        ByteBuffer in = HttpResponseFramerTest.bytes(stream + "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
        HttpResponse first = (HttpResponse) framer.next(in);
        assertFalse(first.hasBody());
        assertTrue(first.isKeepAlive());
        assertEquals(404, ((HttpResponse) framer.next(in)).status());
    }

    @Test
    void aMethodHasCase() throws FrameException { // RFC 9110, 9.1
        assertTrue(head("head", OK + "Content-Length: 5\\r\\n\\r\\n").hasBody());
    }

    @Test
    void aLengthWhereThereCanBeNoBodyIsRefused() { // RFC 9110, 8.6 and 9.3.6; RFC 9112, 6.1
        for (String field : List.of("Content-Length: 5", "Transfer-Encoding: chunked")) {
            for (String status : List.of("100", "102", "103", "199", "204")) {
                refused("GET", "HTTP/1.1 " + status + " \\r\\n" + field + "\\r\\n\\r\\n");
            }
            refused("CONNECT", "HTTP/1.1 200 \\r\\n" + field + "\\r\\n\\r\\n");
        }
    }

    @Test
    void a205HasABodyLikeAnyOther() throws FrameException { // RFC 9110, 15.3.6; RFC 9112, 6.3 knows no exception
        assertEquals(
                List.of("205 0[Content-Length=0] []"),
                all(true, "GET", "HTTP/1.1 205 \\r\\nContent-Length: 0\\r\\n\\r\\n"));
        assertTrue(head("GET", "HTTP/1.1 205 \\r\\n\\r\\n").isUntilClose());
    }

    @Test
    void withNeitherFieldTheBodyIsUntilTheEnd() throws FrameException { // RFC 9112, 6.3, 8
        HttpResponse response = head("GET", OK + "Connection: keep-alive\\r\\n\\r\\n");
        assertTrue(response.isUntilClose());
        assertFalse(response.isKeepAlive());
        assertEquals(-1, response.contentLength());
    }

    @ParameterizedTest // RFC 9112, 8
    @ValueSource(
            strings = {
                "Content-Length: 5\\r\\n\\r\\nabcd",
                "Transfer-Encoding: chunked\\r\\n\\r\\n",
                "Transfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nx\\r\\n",
                "Transfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nx\\r\\n0\\r\\n",
                "Transfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nx\\r\\n0\\r\\nA: b\\r\\n",
                "Content-Length: 5\\r\\n",
            })
    void aBodyCutShortIsTruncated(String rest) {
        for (boolean gathers : new boolean[] {true, false}) {
            FrameException e = assertThrows(FrameException.class, () -> all(gathers, "GET", OK + rest));
            assertEquals(FrameException.Kind.TRUNCATED, e.kind());
        }
    }

    // ---- which request is answered

    @Test
    void whatAnswersNoRequestIsRefused() { // RFC 9112, 9.2
        String whole = OK + "Content-Length: 0\\r\\n\\r\\n";
        assertEquals(
                "a response that no request asked for",
                refused("GET", whole + whole).what());
        assertEquals(
                "a response that no request asked for",
                refused("GET", whole + "\\r\\n").what());
    }

    @Test
    void interimResponsesLeaveTheRequestPending() throws FrameException { // RFC 9110, 15.2
        String stream = "HTTP/1.1 100 Continue\\r\\n\\r\\n".repeat(3)
                + "HTTP/1.1 199 \\r\\nConnection: close\\r\\n\\r\\n" + "HTTP/1.1 204 \\r\\n\\r\\n";
        for (String method : List.of("GET", "HEAD", "CONNECT")) {
            List<String> frames = all(true, method, stream);
            assertEquals("100 'Continue' interim bodiless[] []", frames.get(2));
            assertEquals("199 interim bodiless[Connection=close] []", frames.get(3));
        }
    }

    @Test
    void anInterimResponseOf10IsRefused() { // RFC 9110, 15.2
        refused("GET", "HTTP/1.0 100 \\r\\n\\r\\n");
    }

    @Test
    void aSwitchOfProtocolsThatWasNotAskedForIsRefused() { // RFC 9110, 7.8
        refused("GET", "HTTP/1.1 101 \\r\\nUpgrade: x\\r\\n\\r\\n");
    }

    @Test
    void aSwitchOfProtocolsWithoutUpgradeIsRefused() { // RFC 9110, 15.2.2
        HttpResponseFramer framer = HttpResponseFramerTest.gathering();
        framer.expectUpgrade("GET");
        assertThrows(
                FrameException.class,
                () -> HttpResponseFramerTest.frames(framer, raw("HTTP/1.1 101 \\r\\nConnection: upgrade\\r\\n\\r\\n")));
    }

    @Test
    void anUpgradeMayBeDeclined() throws FrameException { // RFC 9110, 7.8
        HttpResponseFramer framer = HttpResponseFramerTest.gathering();
        framer.expectUpgrade("GET");
        framer.expect("GET");
        String whole = raw(OK + "Content-Length: 1\\r\\n\\r\\nx");
        assertEquals(2, HttpResponseFramerTest.frames(framer, whole + whole).size());
    }

    @Test
    void behindASwitchOfProtocolsNothingIsHttp() throws FrameException { // RFC 9110, 15.2.2
        HttpResponseFramer framer = HttpResponseFramerTest.gathering();
        framer.expectUpgrade("GET");
        assertEquals(
                List.of("101 last tunnel bodiless[Upgrade=x] []", "+\0HTTP/1.1 200 ", "+■[]"),
                HttpResponseFramerTest.frames(
                        framer, raw("HTTP/1.1 101 \\r\\nUpgrade: x\\r\\n\\r\\n\\0HTTP/1.1 200 ")));
    }

    @ParameterizedTest // RFC 9110, 9.3.6; RFC 9112, 6.3, 2
    @CsvSource({"200, true", "204, true", "299, true", "304, false", "407, false"})
    void a2xxToConnectIsATunnel(int status, boolean isTunnel) throws FrameException {
        assertEquals(
                isTunnel,
                head("CONNECT", "HTTP/1.1 " + status + " \\r\\nContent-Length: 0\\r\\n\\r\\n")
                        .isTunnel());
        assertFalse(head("GET", "HTTP/1.1 " + status + " \\r\\n\\r\\n").isTunnel());
    }

    // ---- which connection goes on: RFC 9112, 9.3

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 | A: b | true",
                "HTTP/1.1 | Connection: keep-alive | true",
                "HTTP/1.1 | Connection: close | false",
                "HTTP/1.1 | Connection: keep-alive, Close | false",
                "HTTP/1.1 | Connection: a\\r\\nConnection: close | false",
                "HTTP/1.1 | Connection: closed | true",
                "HTTP/1.0 | A: b | false",
                "HTTP/1.0 | Connection: Keep-Alive | true",
                "HTTP/1.0 | Connection: keep-alive, close | false",
            })
    void whichConnectionGoesOn(String version, String field, boolean goesOn) throws FrameException {
        String head = version + " 200 \\r\\n" + field + "\\r\\n";
        assertEquals(goesOn, head("GET", head + "Content-Length: 3\\r\\n\\r\\n").isKeepAlive());
        assertEquals(goesOn, head("HEAD", head + "\\r\\n").isKeepAlive());
    }

    @Test
    void behindTheLastResponseNothingIsRead() throws FrameException { // RFC 9112, 9.6
        HttpResponseFramer framer = HttpResponseFramerTest.gathering();
        framer.expect("GET");
        framer.expect("GET");
        assertEquals(
                1,
                HttpResponseFramerTest.frames(
                                framer, raw(OK + "Connection: close\\r\\nContent-Length: 0\\r\\n\\r\\n" + OK))
                        .size());
        assertEquals(1, framer.pending());
        assertFalse(framer.atBoundary());
    }

    @Test // or how much of it is at hand would decide which of the two is said
    void aStatusLineAboveItsLimitIsTooLongWhateverIsWrongBehindThat() throws FrameException {
        HttpLimits limits = HttpLimits.defaults().withRequestLineBytes(40);
        String line = "HTTP/1.1 200 " + "x".repeat(27);
        for (String behind : List.of("", "\0", "\n", "\r\n", "\rx", "x")) {
            HttpResponseFramer framer = HttpResponseFramer.gathering(1000, limits);
            framer.expect("GET");
            FrameException e =
                    assertThrows(FrameException.class, () -> framer.next(HttpResponseFramerTest.bytes(line + behind)));
            assertEquals(FrameException.Kind.TOO_LONG, e.kind(), behind);
        }
    }
}
