// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpResponseFramerTest {
    private static final HttpLimits SMALL = HttpLimits.defaults()
            .withRequestLineBytes(40)
            .withFieldBytes(48)
            .withHeadBytes(160)
            .withFields(5)
            .withBodyBytes(20)
            .withExtensionBytes(12)
            .withTrailerBytes(24);

    private static FramerContract<HttpPart, String> contract(boolean gathers, String method) {
        return FramerContract.<HttpPart, String>of(
                        max -> new Asking(
                                gathers
                                        ? HttpResponseFramer.gathering(max, SMALL)
                                        : HttpResponseFramer.streaming(max, SMALL),
                                method,
                                true),
                        Described::part)
                .joining(Described::join)
                .maxFrameBytes(200);
    }

    @Test
    void gatheringKeepsTheContract() {
        contract(true, "GET")
                .accepts("")
                .accepts(
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.0 404 \r\nConnection: keep-alive\r\nContent-Length:0\r\n\r\n",
                        "200 'OK' 3[Content-Length=3] abc[]",
                        "404 1.0 0[Connection=keep-alive, Content-Length=0] []")
                .accepts(
                        "HTTP/1.1 200 O K\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n4;a=b\r\nello\r\n0\r\nT: x\r\n\r\n"
                                + "HTTP/1.1 204 \r\n\r\n",
                        "200 'O K' chunked[Transfer-Encoding=chunked] hello[T=x]",
                        "204 bodiless[] []")
                .accepts(
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: x\r\n\r\nHTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n"
                                + "HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\nx",
                        "100 'Continue' interim bodiless[] []",
                        "103 interim bodiless[Link=x] []",
                        "304 7 bodiless[Content-Length=7] []",
                        "500 1[Content-Length=1] x[]")
                .accepts(
                        "HTTP/1.1 204 \r\n\r\nHTTP/1.1 200 \r\n\r\nuntil the end",
                        "204 bodiless[] []",
                        "200 last until close[] until the end[]")
                .accepts("HTTP/1.1 200 \r\n\r\n", "200 last until close[] []")
                .accepts(
                        "HTTP/1.1 200 \r\nConnection: close\r\nContent-Length: 1\r\n\r\nxHTTP",
                        "200 last 1[Connection=close, Content-Length=1] x[]")
                .accepts(
                        "HTTP/1.1 101 \r\nUpgrade: x\r\n\r\nHTTP/1.1",
                        "101 last tunnel bodiless[Upgrade=x] []",
                        "+HTTP/1.1■[]")
                .rejects("HTTP/1.1 204 \r\n\r\nHTTP/1.1 20", TRUNCATED, "204 bodiless[] []")
                .rejects("HTTP/1.1 100 \r\n\r\n", TRUNCATED, "100 interim bodiless[] []")
                .rejects("HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nab", TRUNCATED)
                .rejects("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", TRUNCATED)
                .rejects("HTTP/1.1 200 \r\nContent-Length: 21\r\n\r\n", TOO_LONG)
                .rejects("HTTP/1.1 200 \r\n\r\n" + "x".repeat(21), TOO_LONG)
                .rejects("HTTP/1.1 200 " + "x".repeat(50), TOO_LONG)
                .rejects("HTTP/1.1 200 \r\nA: " + "x".repeat(50), TOO_LONG)
                .rejects("HTTP/1.1 200 \r\n" + "A: b\r\n".repeat(6) + "\r\n", TOO_LONG)
                .rejects(
                        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1;abcdefghijkl\r\nx\r\n0\r\n\r\n", TOO_LONG)
                .rejects(
                        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n0\r\nabcd: efgh\r\nabcd: efgh\r\n\r\n",
                        TOO_LONG)
                .rejects("HTTP/1.1 204 \r\n\r\n\r\nHTTP/1.1 204 \r\n\r\n", MALFORMED, "204 bodiless[] []")
                .unfinished(length -> ("HTTP/1.1 200 \r\nA: " + "x".repeat(length))
                        .substring(0, Math.min(length, 47))
                        .getBytes(StandardCharsets.ISO_8859_1))
                .check();
    }

    @Test
    void streamingKeepsTheContract() {
        contract(false, "GET")
                .accepts("")
                .accepts(
                        "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 \r\nContent-Length:0\r\n\r\n",
                        "100 interim bodiless[] []",
                        "200 3[Content-Length=3] []",
                        "+abc■[]",
                        "200 0[Content-Length=0] []")
                .accepts(
                        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n4;a=b\r\nello\r\n0\r\nT: x\r\n\r\n"
                                + "HTTP/1.1 204 \r\n\r\n",
                        "200 chunked[Transfer-Encoding=chunked] []",
                        "+hello■[T=x]",
                        "204 bodiless[] []")
                .accepts("HTTP/1.0 200 \r\n\r\nuntil the end", "200 1.0 last until close[] []", "+until the end■[]")
                .accepts("HTTP/1.0 200 \r\n\r\n", "200 1.0 last until close[] []", "+■[]")
                .accepts("HTTP/1.1 101 \r\nUpgrade: x\r\n\r\n", "101 last tunnel bodiless[Upgrade=x] []", "+■[]")
                .rejects(
                        "HTTP/1.1 200 \r\n\r\n" + "x".repeat(21),
                        TOO_LONG,
                        "200 last until close[] []",
                        "+" + "x".repeat(20))
                .rejects(
                        "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nabc",
                        TRUNCATED,
                        "200 4[Content-Length=4] []",
                        "+abc")
                .rejects(
                        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
                        TRUNCATED,
                        "200 chunked[Transfer-Encoding=chunked] []",
                        "+abc")
                .rejects(
                        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\rx",
                        MALFORMED,
                        "200 chunked[Transfer-Encoding=chunked] []",
                        "+abc")
                .check();
    }

    @Test
    void answersToHeadAndConnectKeepTheContract() {
        contract(true, "HEAD")
                .accepts(
                        "HTTP/1.1 200 \r\nContent-Length: 300\r\n\r\nHTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\n\r\n",
                        "200 300 bodiless[Content-Length=300] []",
                        "200 chunked bodiless[Transfer-Encoding=chunked] []",
                        "100 interim bodiless[] []",
                        "200 bodiless[] []")
                .rejects(
                        "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", MALFORMED, "200 1 bodiless[Content-Length=1] []")
                .check();
        contract(true, "CONNECT")
                .accepts(
                        "HTTP/1.1 407 \r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 \r\n\r\nanything",
                        "407 1[Content-Length=1] x[]",
                        "200 last tunnel bodiless[] []",
                        "+anything■[]")
                .check();
    }

    @Test
    void responsesAnswerTheRequestsInTheirOrder() throws FrameException {
        HttpResponseFramer framer = gathering();
        for (int i = 0; i < 100; i++) { // more than there is room for at first, with some of them answered in between
            framer.expect(i % 3 == 0 ? "HEAD" : "GET");
            framer.expect(i % 3 == 1 ? "HEAD" : "GET");
            answer(framer, i);
            assertEquals(i + 1, framer.pending());
        }
        for (int i = 100; i < 200; i++) {
            answer(framer, i);
        }
        assertTrue(framer.atBoundary());
    }

    /** Whether the request of that number, two of which are told in each round, is HEAD. */
    private static boolean isHead(int number) {
        return number / 2 % 3 == number % 2;
    }

    private static void answer(HttpResponseFramer framer, int number) throws FrameException {
        ByteBuffer in = bytes("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n" + (isHead(number) ? "" : "hi"));
        String answer = isHead(number) ? "200 2 bodiless[Content-Length=2] []" : "200 2[Content-Length=2] hi[]";
        assertEquals(answer, Described.part(framer.next(in)));
        assertFalse(in.hasRemaining());
    }

    @Test
    void aBodyOfAnyLengthIsStreamedWithoutBeingHeld() throws FrameException {
        long size = 10L << 30;
        HttpResponseFramer framer =
                HttpResponseFramer.streaming(8192, HttpLimits.defaults().withBodyBytes(size));
        framer.expect("GET");
        framer.next(bytes("HTTP/1.1 200 \r\nContent-Length: " + size + "\r\n\r\n"));
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        long streamed = 0;
        while (!framer.atBoundary()) {
            HttpContent content = (HttpContent) framer.next(piece.clear());
            streamed += content.bytes().remaining();
            assertEquals(streamed == size, content.isLast());
        }
        assertEquals(size, streamed);
    }

    @Test
    void aBodyUntilTheEndIsStreamedUpToItsLimit() throws FrameException {
        long size = (10L << 30) + 1;
        HttpResponseFramer framer =
                HttpResponseFramer.streaming(8192, HttpLimits.defaults().withBodyBytes(size));
        framer.expect("GET");
        framer.next(bytes("HTTP/1.1 200 \r\n\r\n"));
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        for (long left = size; left > 0; ) {
            HttpContent content = (HttpContent) framer.next(piece.clear());
            left -= content.bytes().remaining();
            assertFalse(content.isLast());
        }
        FrameException e = assertThrows(FrameException.class, () -> framer.next(piece.clear()));
        assertEquals(size, e.limit());
    }

    @Test
    void whatIsDetachedStays() throws FrameException {
        ByteBuffer in =
                bytes("HTTP/1.1 200 Fine\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nq\r\n0\r\nT: v\r\n\r\n");
        HttpResponseFramer framer = gathering();
        framer.expect("GET");
        HttpPart frame = framer.next(in);
        String said = Described.part(frame);
        HttpPart detached = framer.detach(frame);
        for (int i = 0; i < in.limit(); i++) {
            in.put(i, (byte) '?');
        }
        framer.expect("GET");
        framer.next(bytes("HTTP/1.0 404 \r\nContent-Length: 0\r\n\r\n"));
        assertEquals(said, Described.part(detached));
    }

    @Test
    void aRequestIsPendingUntilItsResponseIsWhole() throws FrameException {
        HttpResponseFramer framer = HttpResponseFramer.streaming(1 << 10, HttpLimits.defaults());
        framer.expect("GET");
        framer.next(bytes("HTTP/1.1 100 \r\n\r\n"));
        framer.next(bytes("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n"));
        framer.next(bytes("x"));
        assertEquals(1, framer.pending());
        framer.next(bytes("x"));
        assertEquals(0, framer.pending());
    }

    @Test
    void theEndInFrontOfAResponseIsAnErrorWhileOneIsPending() throws FrameException {
        HttpResponseFramer framer = gathering();
        assertNull(framer.end(bytes("")));
        framer.expect("GET");
        assertFalse(framer.atBoundary());
        FrameException e = assertThrows(FrameException.class, () -> framer.end(bytes("")));
        assertEquals(TRUNCATED, e.kind());
    }

    @Test
    void limitsAreRefusedWhereTheyAreSet() {
        assertThrows(IllegalArgumentException.class, () -> HttpResponseFramer.gathering(63, SMALL));
        assertThrows(NullPointerException.class, () -> gathering().expect(null));
    }

    static HttpResponseFramer gathering() {
        return HttpResponseFramer.gathering(1 << 20, HttpLimits.defaults());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** All frames of a stream, with what its end gives. */
    static List<String> frames(HttpResponseFramer framer, String stream) throws FrameException {
        ByteBuffer in = bytes(stream);
        List<String> frames = new ArrayList<>();
        HttpPart part = null;
        while (in.hasRemaining() && (part = framer.next(in)) != null) {
            frames.add(Described.part(part));
        }
        part = framer.end(in);
        if (part != null) {
            frames.add(Described.part(part));
        }
        return frames;
    }
}
