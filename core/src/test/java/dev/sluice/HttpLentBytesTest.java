// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

    /** Has a framer read a message, and be kept by its connection; then nobody may have the buffer, though no more comes. */
    private static void isLetGoOfAtOnce(Framer<HttpPart> framer, String message) throws Exception {
        WeakReference<ByteBuffer> lent = new WeakReference<>(read(framer, message));
        assertFalse(framer.atBoundary());
        framer.kept();
        Await.until("nobody has the buffer", () -> {
            System.gc();
            return lent.get() == null;
        });
        Reference.reachabilityFence(framer);
    }

    private static ByteBuffer read(Framer<HttpPart> framer, String whole) throws Exception {
        ByteBuffer lent = bytes(whole);
        assertNotNull(framer.next(lent));
        while (lent.hasRemaining()) {
            assertNotNull(framer.next(lent));
        }
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

    /** With workers nobody tells the framer that its head was handled: a copy of it is. */
    @Test
    void ofAHeadWhoseBodyHasNotBegunToCome() throws Exception {
        for (String head :
                new String[] {HEAD, "X: y\r\n"}) { // of small buffers views are kept while they come one after another
            String streamed = "POST / HTTP/1.1\r\nHost: h\r\n" + head + "Content-Length: 2\r\n\r\n";
            isLetGoOfAtOnce(HttpRequestFramer.streaming(1 << 20, HttpLimits.defaults()), streamed);
            isLetGoOfAtOnce(HttpRequestFramer.streaming(1 << 20, HttpLimits.defaults()), streamed + "x");
            HttpResponseFramer response = HttpResponseFramer.streaming(1 << 20, HttpLimits.defaults());
            response.expect("GET");
            isLetGoOfAtOnce(response, "HTTP/1.1 200 OK\r\n" + head + "Content-Length: 2\r\n\r\n");
        }
    }

    /** It goes on dropping what comes, for as long as the reply takes. */
    @Test
    void ofARequestThatIsTheLast() throws Exception {
        String last =
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + BODY.length() + "\r\n\r\n";
        isLetGoOfAtOnce(HttpRequestFramer.gathering(1 << 20, HttpLimits.defaults()), last + BODY);
    }
}
