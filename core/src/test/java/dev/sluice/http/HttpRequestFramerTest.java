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

class HttpRequestFramerTest {
    private static final HttpLimits SMALL = HttpLimits.defaults()
            .withRequestLineBytes(40)
            .withFieldBytes(48)
            .withHeadBytes(160)
            .withFields(5)
            .withBodyBytes(20)
            .withExtensionBytes(12)
            .withTrailerBytes(24);

    private static FramerContract<HttpPart, String> contract(boolean gathers) {
        return FramerContract.<HttpPart, String>of(
                        max -> gathers
                                ? HttpRequestFramer.gathering(max, SMALL)
                                : HttpRequestFramer.streaming(max, SMALL),
                        Described::part)
                .joining(Described::join)
                .maxFrameBytes(200);
    }

    @Test
    void aRequestOfManyShortFieldsIsSaidToTakeMoreThanItsBytes() throws Exception {
        HttpRequestFramer framer = HttpRequestFramer.gathering(1 << 20, HttpLimits.defaults());
        byte[] bytes =
                ("GET / HTTP/1.1\r\nHost:\r\n" + "a:\r\n".repeat(90) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        HttpPart request = framer.next(ByteBuffer.wrap(bytes));
        assertTrue(framer.detachedBytes(request, bytes.length) >= bytes.length + 91 * 4 * Integer.BYTES);
    }

    @Test
    void gatheringKeepsTheContract() {
        contract(true)
                .accepts("")
                .accepts(
                        "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /b?c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                        "GET /[Host=a] []",
                        "GET /b?c 1.0[Connection=keep-alive] []")
                .accepts(
                        "POST /p HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\n\r\nabcPUT /q HTTP/1.1\r\nhost:a\r\nContent-Length:0\r\n\r\n",
                        "POST /p 3[Host=, Content-Length=3] abc[]",
                        "PUT /q 0[host=a, Content-Length=0] []")
                .accepts(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"
                                + "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
                        "POST / chunked[Host=a, Transfer-Encoding=Chunked] hello[]",
                        "GET /[Host=b] []")
                .accepts(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n3;q=\"\\\"\"\r\nell\r\n"
                                + "1\r\no\r\n00\r\nT: x\r\n\r\n",
                        "POST / chunked[Host=a, Transfer-Encoding=chunked] hello[T=x]")
                .accepts(
                        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi"
                                + "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
                        "CONTINUE",
                        "POST / waits 2[Host=a, Expect=100-Continue, Content-Length=2] hi[]",
                        "GET /[Host=b] []")
                .accepts(
                        "\r\nLONGER / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "1\r\nx\r\n1\r\ny\r\n0\r\n\r\n",
                        "CONTINUE",
                        "LONGER / chunked waits[Host=a, Expect=100-continue, Transfer-Encoding=chunked] xy[]")
                .accepts(
                        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET",
                        "GET / last[Host=a, Connection=close] []")
                .rejects("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /", TRUNCATED, "GET /[Host=a] []")
                .rejects("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n", TOO_LONG)
                .rejects("GET /" + "x".repeat(50) + " HTTP/1.1\r\n", TOO_LONG)
                .rejects("GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(50), TOO_LONG)
                .rejects("GET / HTTP/1.1\r\nHost: a\r\n" + "A: b\r\n".repeat(5) + "\r\n", TOO_LONG)
                .rejects(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;abcdefghijkl\r\nx\r\n0\r\n\r\n",
                        TOO_LONG)
                .rejects(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nabcd: efgh\r\nabcd: efgh\r\n\r\n",
                        TOO_LONG)
                .rejects(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\nd\r\n",
                        TOO_LONG)
                .rejects("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", MALFORMED)
                .unfinished(length -> ("GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(length))
                        .substring(0, Math.min(length, 47))
                        .getBytes(StandardCharsets.ISO_8859_1))
                .check();
    }

    @Test
    void streamingKeepsTheContract() {
        contract(false)
                .accepts("")
                .accepts(
                        "POST /p HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\n\r\nabcPUT /q HTTP/1.1\r\nhost:a\r\nContent-Length:0\r\n\r\n",
                        "POST /p 3[Host=, Content-Length=3] []",
                        "+abc■[]",
                        "PUT /q 0[host=a, Content-Length=0] []")
                .accepts(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n3;q=\"\\\"\"\r\nell\r\n"
                                + "1\r\no\r\n00\r\nT: x\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
                        "POST / chunked[Host=a, Transfer-Encoding=chunked] []",
                        "+hello■[T=x]",
                        "GET /[Host=b] []")
                .accepts(
                        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi more",
                        "POST / last waits 2[Host=a, Expect=100-continue, Content-Length=2, Connection=close] []",
                        "+hi■[]")
                .rejects(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\rx",
                        MALFORMED,
                        "POST / chunked[Host=a, Transfer-Encoding=chunked] []",
                        "+abc")
                .rejects(
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabc",
                        TRUNCATED,
                        "POST / 4[Host=a, Content-Length=4] []",
                        "+abc")
                .check();
    }

    @Test
    void aBodyOfAnyLengthIsStreamedWithoutBeingHeld() throws FrameException {
        long size = 10L << 30;
        HttpRequestFramer framer =
                HttpRequestFramer.streaming(8192, HttpLimits.defaults().withBodyBytes(size));
        framer.next(bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n"));
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
    void fieldsAreFoundWithoutCase() throws FrameException {
        HttpRequest request = (HttpRequest)
                gathering().next(bytes("GET / HTTP/1.1\r\nHOST: a\r\nAccept:  x , y\t\r\nACCEPT: z\r\nEmpty:\r\n\r\n"));
        HttpFields fields = request.fields();
        assertEquals(4, fields.count());
        assertEquals("a", request.field("host"));
        assertEquals("x , y", request.field("aCCept"));
        assertEquals(2, fields.find("accept", 2));
        assertEquals("", request.field("empty"));
        assertTrue(fields.has("Empty"));
        assertFalse(fields.has("Empt"));
        assertNull(request.field("absent"));
        assertTrue(request.targetIs("/"));
        assertFalse(request.targetIs("/x"));
        assertThrows(IndexOutOfBoundsException.class, () -> fields.value(4));
    }

    @Test
    void whatIsDetachedStays() throws FrameException {
        ByteBuffer in =
                bytes("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nq\r\n0\r\nT: v\r\n\r\n");
        HttpRequestFramer framer = gathering();
        HttpPart frame = framer.next(in);
        String said = Described.part(frame);
        HttpPart detached = framer.detach(frame);
        for (int i = 0; i < in.limit(); i++) {
            in.put(i, (byte) '?');
        }
        framer.next(bytes("GET / HTTP/1.1\r\nHost: b\r\n\r\n"));
        assertEquals(said, Described.part(detached));
    }

    @Test
    void theLargestFrameLimitHoldsForAFrameThatBeginsAnywhere() throws FrameException {
        String chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
        HttpRequestFramer framer = HttpRequestFramer.gathering(Integer.MAX_VALUE, HttpLimits.defaults());
        List<String> frames = frames(framer, chunked + chunked);
        assertEquals(2, frames.size());
        assertEquals(frames.get(0), frames.get(1));
    }

    @Test
    void limitsAreRefusedWhereTheyAreSet() {
        assertThrows(IllegalArgumentException.class, () -> HttpRequestFramer.gathering(63, SMALL));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withFields(0));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withBodyBytes(-1));
    }

    static HttpRequestFramer gathering() {
        return HttpRequestFramer.gathering(1 << 20, HttpLimits.defaults());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** All frames of a stream. */
    static List<String> frames(HttpRequestFramer framer, String stream) throws FrameException {
        ByteBuffer in = bytes(stream);
        List<String> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            HttpPart part = framer.next(in);
            if (part == null) {
                break;
            }
            frames.add(Described.part(part));
        }
        return frames;
    }
}
