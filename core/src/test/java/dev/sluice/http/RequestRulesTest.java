// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule of {@code docs/http.md} for requests, with the section of RFC 9110 or 9112 that it is from. */
class RequestRulesTest {
    private static final String HOST = "Host: a\\r\\n";
    private static final String GET = "GET / HTTP/1.1\\r\\n" + HOST;
    private static final String POST = "POST / HTTP/1.1\\r\\n" + HOST;
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\\r\\n\\r\\n";

    private static String raw(String text) {
        return text.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\0", "\0");
    }

    /** Gathered and streamed, whole and byte by byte, it is refused with that status. */
    private static FrameException refused(int status, String text) {
        String stream = raw(text);
        FrameException whole = assertThrows(FrameException.class, () -> all(true, stream), () -> "accepted: " + text);
        FrameException streamed = assertThrows(FrameException.class, () -> all(false, stream));
        assertEquals(status, whole.code(), whole::getMessage);
        assertEquals(status, streamed.code(), streamed::getMessage);
        assertEquals(whole.what(), streamed.what());
        return whole;
    }

    private static void accepted(String text) {
        assertDoesNotThrow(() -> all(true, raw(text)), text);
        assertDoesNotThrow(() -> all(false, raw(text)), text);
    }

    private static List<String> all(boolean gathers, String stream) throws FrameException {
        HttpRequestFramer framer = gathers
                ? HttpRequestFramer.gathering(1 << 20, HttpLimits.defaults())
                : HttpRequestFramer.streaming(1 << 20, HttpLimits.defaults());
        List<String> frames = HttpRequestFramerTest.frames(framer, stream);
        assertFalse(frames.isEmpty(), () -> "nothing came of " + stream);
        return frames;
    }

    private static HttpRequest request(String text) throws FrameException {
        return (HttpRequest) HttpRequestFramerTest.gathering().next(HttpRequestFramerTest.bytes(raw(text)));
    }

    private static void bytesThatMayStand(String before, String behind, IntPredicate may) {
        for (int b = 0; b < 256; b++) {
            String text = before + (char) b + behind;
            boolean accepts;
            try {
                accepts = !all(true, raw(text)).isEmpty();
            } catch (FrameException e) {
                accepts = false;
            }
            assertEquals(may.test(b), accepts, "byte " + b);
        }
    }

    private static boolean isToken(int b) {
        return b < 128 && (Character.isLetterOrDigit(b) || "!#$%&'*+-.^_`|~".indexOf(b) >= 0);
    }

    // ---- the request line: RFC 9112, 2.2, 2.3, 3

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | GET  / HTTP/1.1\\r\\n",
                "400 | GET\\t/ HTTP/1.1\\r\\n",
                "400 | GET / HTTP/1.1 \\r\\n",
                "400 | 'GET / HTTP/1.1\\n'",
                "400 | 'GET / HTTP/1.1\\rx'",
                "400 | ' GET / HTTP/1.1\\r\\n'",
                "400 | \\nGET / HTTP/1.1\\r\\n",
                "400 | \\r\\n\\r\\nGET / HTTP/1.1\\r\\n",
                "400 | GET /\\r\\n",
                "400 | GET /\\0 HTTP/1.1\\r\\n",
                "400 | GET /a#b HTTP/1.1\\r\\n",
                "400 | GET / http/1.1\\r\\n",
                "400 | GET / HTTP/1.10\\r\\n",
                "400 | GET / HTTP/1,1\\r\\n",
                "400 | GET / HTTP/11\\r\\nx",
                "505 | GET / HTTP/2.0\\r\\n",
                "505 | GET / HTTP/0.9\\r\\n",
                "501 | ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\\r\\n",
            })
    void requestLinesAreRefused(int status, String line) {
        refused(status, line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\r\\nGET / HTTP/1.1\\r\\n",
                "get / HTTP/1.1\\r\\n",
                "GET / HTTP/1.9\\r\\n",
                "M-SEARCH /a?b=c HTTP/1.1\\r\\n",
            })
    void requestLinesAreAccepted(String line) {
        accepted(line + HOST + "\\r\\n");
    }

    @Test
    void whatAMethodIsMadeOf() { // RFC 9110, 5.6.2 and 9.1
        bytesThatMayStand("G", "T / HTTP/1.1\\r\\n" + HOST + "\\r\\n", RequestRulesTest::isToken);
    }

    @Test
    void whatATargetIsMadeOf() { // RFC 9112, 3.2
        bytesThatMayStand("GET /", " HTTP/1.1\\r\\n" + HOST + "\\r\\n", b -> b > ' ' && b < 127 && b != '#');
    }

    @ParameterizedTest // RFC 9112, 3.2
    @CsvSource(
            delimiter = '|',
            value = {
                "GET a HTTP/1.1",
                "GET * HTTP/1.1",
                "OPTIONS ** HTTP/1.1",
                "GET ?a HTTP/1.1",
                "GET http:/a HTTP/1.1",
                "GET http:// HTTP/1.1",
                "GET http://b/ HTTP/1.1",
                "GET http://u@a/ HTTP/1.1",
                "GET 1http://a/ HTTP/1.1",
                "GET ://a/ HTTP/1.1",
                "CONNECT / HTTP/1.1",
                "CONNECT a HTTP/1.1",
                "CONNECT a: HTTP/1.1",
                "CONNECT :1 HTTP/1.1",
                "CONNECT a:65536 HTTP/1.1",
                "CONNECT a:99999999999999999999 HTTP/1.1",
                "CONNECT http://a:1 HTTP/1.1",
            })
    void targetsOfNoneOfTheFourFormsAreRefused(String line) {
        refused(400, line + "\\r\\n" + HOST + "\\r\\n");
    }

    @ParameterizedTest // RFC 9112, 3.2
    @CsvSource({"GET /", "GET //a", "OPTIONS *", "GET http://a", "GET HTTP://A/b", "GET x+y.z-1://a?b", "CONNECT a:1"})
    void targetsOfTheFourForms(String line) {
        accepted(line + " HTTP/1.1\\r\\n" + HOST + "\\r\\n");
    }

    // ---- fields: RFC 9112, 5, and RFC 9110, 5

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A\\r\\n",
                "A : b\\r\\n",
                ": b\\r\\n",
                "' A: b\\r\\n'",
                "A: b\\r\\n c\\r\\n",
                "A: b\\r\\n\\tc\\r\\n",
                "A: b\\n",
                "A: b\\rB: c\\r\\n",
                "A: b\\r\\r\\n",
                "A B: c\\r\\n",
                "A\\0: b\\r\\n",
            })
    void fieldLinesAreRefused(String line) {
        refused(400, GET + line + "\\r\\n");
    }

    @Test
    void aHeadEndsWithNothingButAnEmptyLine() {
        refused(400, GET + "\\n");
        refused(400, GET + "\\r\\r\\r\\n");
        refused(400, GET + "\\rX");
    }

    @Test
    void whatANameIsMadeOf() { // RFC 9110, 5.1
        bytesThatMayStand(GET + "A", "b: c\\r\\n\\r\\n", b -> isToken(b) || b == ':');
    }

    @Test
    void whatAValueIsMadeOf() { // RFC 9110, 5.5; at each place of a stride of eight bytes
        for (int i = 0; i < 9; i++) {
            String before = GET + "A: b" + "x".repeat(i);
            bytesThatMayStand(before, "xxxxxxxxc\\r\\n\\r\\n", b -> b == '\t' || b >= ' ' && b != 127);
        }
    }

    // ---- Host: RFC 9112, 3.2, and RFC 9110, 7.2

    @Test
    void hosts() {
        refused(400, "GET / HTTP/1.1\\r\\n\\r\\n");
        refused(400, GET + HOST + "\\r\\n");
        refused(400, "GET / HTTP/1.1\\r\\nHost: a b\\r\\n\\r\\n");
        refused(400, "GET / HTTP/1.1\\r\\nHost: a/b\\r\\n\\r\\n");
        refused(400, "GET / HTTP/1.1\\r\\nHost: u@a\\r\\n\\r\\n");
        refused(400, "GET / HTTP/1.0\\r\\n" + HOST + HOST + "\\r\\n");
        accepted("GET / HTTP/1.0\\r\\n\\r\\n");
        accepted("GET / HTTP/1.1\\r\\nHost:\\r\\n\\r\\n");
        accepted("GET / HTTP/1.1\\r\\nHost: [::1]:80\\r\\n\\r\\n");
    }

    // ---- Content-Length: RFC 9110, 8.6, and RFC 9112, 6.3

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "+1",
                "-1",
                "0x1",
                "1e0",
                "1 1",
                "'1, 1'",
                "1;",
                "9223372036854775808",
                "18446744073709551617"
            })
    void lengthsThatAreNoNumbersAreRefused(String value) {
        refused(400, POST + "Content-Length: " + value + "\\r\\n\\r\\nX");
    }

    @Test
    void twoLengthsAreRefusedEvenIfTheyAreTheSame() {
        refused(400, POST + "Content-Length: 1\\r\\nContent-Length: 1\\r\\n\\r\\nX");
    }

    @Test
    void zerosInFrontOfALengthChangeNothing() throws FrameException {
        assertEquals(
                1,
                request(POST + "Content-Length: 0000000000000000000000001\\r\\n\\r\\nX")
                        .contentLength());
    }

    // ---- Transfer-Encoding: RFC 9112, 6.1 and 6.3

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | 'chunked, chunked'",
                "400 | identity",
                "400 | xchunked",
                "400 | gzip",
                "400 | 'chunked, gzip'",
                "400 | ''",
                "400 | chunked;q=1",
                "400 | 'chunked,'",
                "501 | 'gzip, chunked'",
            })
    void otherCodingsAreRefused(int status, String value) {
        refused(status, POST + "Transfer-Encoding: " + value + "\\r\\n\\r\\n0\\r\\n\\r\\n");
    }

    @Test
    void whatTwoParsersWouldFrameDifferentlyIsRefused() {
        String te = "Transfer-Encoding: chunked\\r\\n";
        refused(400, POST + te + "Content-Length: 5\\r\\n\\r\\n0\\r\\n\\r\\n");
        refused(400, POST + te + te + "\\r\\n0\\r\\n\\r\\n");
        refused(400, "POST / HTTP/1.0\\r\\n" + HOST + te + "\\r\\n0\\r\\n\\r\\n");
        refused(400, "POST / HTTP/1.0\\r\\n" + HOST + te + "Content-Length: 5\\r\\n\\r\\n0\\r\\n\\r\\n");
        accepted(POST + "transfer-encoding: CHUNKED\\r\\n\\r\\n0\\r\\n\\r\\n");
    }

    // ---- chunks: RFC 9112, 7.1

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\r\\n",
                "x\\r\\n",
                "0x1\\r\\nX",
                "+1\\r\\nX",
                "-0\\r\\n",
                "1_0\\r\\n",
                "' 1\\r\\nX'",
                "'1 \\r\\nX'",
                "1\\n",
                "1\\rX",
                "00000000000000001\\r\\nX",
                "10000000000000001\\r\\nX",
                "8000000000000000\\r\\nX",
                "1\\r\\nXX",
                "1\\r\\nX\\n",
                "1\\r\\nX\\rX",
                "1;\\r\\nX",
                "1;\\nX",
                "1;a\\nX",
                "1;=b\\r\\nX",
                "1;a=\\r\\nX",
                "1;a b\\r\\nX",
                "1;a=b c\\r\\nX",
                "'1;a \\r\\nX'",
                "1;a=\"b\\r\\nX",
                "1;a=\"b\"c\\r\\nX",
                "1;a=\"\\0\"\\r\\nX",
                "1;a=\\0\\r\\nX",
                "0\\r\\nA B: c\\r\\n\\r\\n",
                "0\\r\\nA: b\\r\\n c\\r\\n\\r\\n",
                "0\\r\\n\\n",
            })
    void chunksAreRefused(String chunks) {
        refused(400, CHUNKED + chunks);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1\\r\\nX\\r\\n0\\r\\n\\r\\n",
                "0000000000000001\\r\\nX\\r\\n0000\\r\\n\\r\\n",
                "1;a;b=c;d=\"e;\\\"f\\tg\" ; h = i\\r\\nX\\r\\n0;j\\r\\n\\r\\n",
                "0\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\n",
            })
    void chunksAreAccepted(String chunks) {
        accepted(CHUNKED + chunks);
    }

    @Test
    void aChunkThatClaimsTooMuchIsRefusedBeforeItComes() {
        refused(413, CHUNKED + "7fffffffffffffff\\r\\nX");
        refused(413, CHUNKED + "100000001\\r\\nX");
        refused(413, POST + "Content-Length: 9223372036854775807\\r\\n\\r\\nX");
    }

    // ---- what becomes of the connection: RFC 9112, 9.3; expectations: RFC 9110, 10.1.1

    @Test
    void whetherTheConnectionGoesOn() throws FrameException {
        assertTrue(request(GET + "\\r\\n").isKeepAlive());
        assertFalse(request(GET + "Connection: close\\r\\n\\r\\n").isKeepAlive());
        assertFalse(request(GET + "Connection: x\\r\\nConnection: y ,\\tCLOSE\\r\\n\\r\\n")
                .isKeepAlive());
        assertFalse(request(GET + "Connection: keep-alive, close\\r\\n\\r\\n").isKeepAlive());
        assertTrue(request(GET + "Connection: closed\\r\\n\\r\\n").isKeepAlive());
        assertFalse(request("GET / HTTP/1.0\\r\\n\\r\\n").isKeepAlive());
        assertTrue(request("GET / HTTP/1.0\\r\\nConnection: Keep-Alive\\r\\n\\r\\n")
                .isKeepAlive());
        assertFalse(request("CONNECT a:1 HTTP/1.1\\r\\n" + HOST + "\\r\\n").isKeepAlive());
    }

    @Test
    void nothingIsReadBehindTheLastRequest() throws FrameException {
        String close = GET + "Connection: close\\r\\n\\r\\n";
        assertEquals(1, all(true, raw(close + GET + "\\r\\n")).size());
        assertEquals(1, all(false, raw(close + GET + "\\r\\n")).size());
    }

    @Test
    void whatTheConnectionFieldNamesIsNotTakenAway() throws FrameException { // RFC 9110, 7.6.1
        HttpRequest request = request(POST + "Connection: Content-Length\\r\\nContent-Length: 1\\r\\n\\r\\nX");
        assertEquals(1, request.body().remaining());
    }

    @Test
    void unknownExpectationsAreRefusedAndThoseOfHttp10Ignored() throws FrameException {
        refused(417, GET + "Expect: 200-ok\\r\\n\\r\\n");
        assertFalse(
                request("GET / HTTP/1.0\\r\\nExpect: 100-continue\\r\\n\\r\\n").expectsContinue());
    }

    // ---- limits

    @Test
    void eachLimitHasItsStatus() {
        refused(414, "GET /" + "x".repeat(8192));
        refused(414, "GET /" + "x".repeat(8192) + " HTTP/1.1\\r\\n");
        refused(431, GET + "A: " + "x".repeat(8192));
        refused(431, GET + "A".repeat(8193));
        refused(431, GET + "A: b\\r\\n".repeat(100) + "\\r\\n");
        refused(431, GET + ("A: " + "x".repeat(8000) + "\\r\\n").repeat(5));
        refused(413, POST + "Content-Length: 1048577\\r\\n\\r\\n");
        refused(413, CHUNKED + "1;a=" + "b".repeat(4096));
        refused(431, CHUNKED + "0\\r\\n" + ("A: " + "x".repeat(3000) + "\\r\\n").repeat(3));
    }

    @Test // or how much of it is at hand would decide which of the two is said
    void aLineAboveItsLimitIsTooLongWhateverIsWrongBehindThat() throws FrameException {
        HttpLimits limits = HttpLimits.defaults()
                .withRequestLineBytes(40)
                .withFieldBytes(40)
                .withHeadBytes(100);
        String get = "GET / HTTP/1.1\r\n";
        String line = "GET /" + "x".repeat(35);
        String field = get + "A:" + "x".repeat(38);
        String name = get + "A".repeat(40);
        for (String start : List.of(line, field, name)) {
            for (String behind : List.of("", "\0", " \0", "\n", "\r\n", "\rx", "x")) {
                FrameException e = assertThrows(FrameException.class, () -> HttpRequestFramer.gathering(1000, limits)
                        .next(HttpRequestFramerTest.bytes(start + behind)));
                assertEquals(FrameException.Kind.TOO_LONG, e.kind(), start + behind);
            }
            assertEquals(
                    null,
                    HttpRequestFramer.gathering(1000, limits)
                            .next(HttpRequestFramerTest.bytes(start.substring(0, start.length() - 1))));
        }
    }
}
