// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.frame.Framer;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpPart;
import dev.sluice.http.HttpRequestFramer;
import dev.sluice.http.HttpResponseFramer;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * Framers in the middle of a message keep no buffer of the one before: it was given back, so no budget counts it, and there is
 * a framer for each connection that sends slowly.
 */
class HttpLentBytesTest {
    private static final String BODY = "b".repeat(20_000);
    private static final String HEAD = "X: " + "x".repeat(7_000) + "\r\n";

    /** Has a framer read a message from a buffer, and more from another; then nobody may have the first. */
    private static void isLetGoOf(Framer<HttpPart> framer, String whole, String more) throws Exception {
        WeakReference<ByteBuffer> lent = new WeakReference<>(read(framer, whole));
        framer.next(bytes(more));
        Await.until("nobody has the buffer", () -> {
            System.gc();
            return lent.get() == null;
        });
        Reference.reachabilityFence(framer);
    }

    private static ByteBuffer read(Framer<HttpPart> framer, String whole) throws Exception {
        ByteBuffer lent = bytes(whole);
        assertNotNull(framer.next(lent));
        assertEquals(0, lent.remaining());
        return lent;
    }

    @Test
    void ofABodyThatWasGathered() throws Exception {
        HttpLimits limits = HttpLimits.defaults();
        String head = "POST / HTTP/1.1\r\nHost: h\r\n";
        String length = head + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY;
        String chunks = head + "Transfer-Encoding: chunked\r\n\r\n4e20\r\n" + BODY + "\r\n0\r\nT: x\r\n\r\n";
        isLetGoOf(HttpRequestFramer.gathering(1 << 20, limits), length, "GET");
        isLetGoOf(HttpRequestFramer.gathering(1 << 20, limits), chunks, "GET");
    }

    @Test
    void ofAHeadWhoseBodyIsStreamed() throws Exception {
        String head = "POST / HTTP/1.1\r\nHost: h\r\n" + HEAD + "Content-Length: 2\r\n\r\n";
        isLetGoOf(HttpRequestFramer.streaming(1 << 20, HttpLimits.defaults()), head, "x");
    }

    @Test
    void ofAResponse() throws Exception {
        HttpResponseFramer gathering = HttpResponseFramer.gathering(1 << 20, HttpLimits.defaults());
        gathering.expect("GET");
        gathering.expect("GET");
        isLetGoOf(gathering, "HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY, "HTTP");
        HttpResponseFramer streaming = HttpResponseFramer.streaming(1 << 20, HttpLimits.defaults());
        streaming.expect("GET");
        isLetGoOf(streaming, "HTTP/1.1 200 OK\r\n" + HEAD + "Content-Length: 2\r\n\r\n", "x");
    }
}
