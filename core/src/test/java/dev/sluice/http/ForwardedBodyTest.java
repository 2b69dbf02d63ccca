// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Connection;
import dev.sluice.frame.FrameException;
import dev.sluice.upstream.Upstream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ForwardedBodyTest {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    private final HttpBackends backends = HttpBackends.builder(
                    Upstream.builder("test").build())
            .heldBytes(10)
            .heldBytesOfAll(10)
            .build();
    private final StringBuilder sent = new StringBuilder();
    private int writable = Integer.MAX_VALUE; // how often the backend says that it is
    private boolean open = true;
    private final Connection backend = (Connection)
            Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Connection.class}, this::call);

    private Object call(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "send" ->
                sent.append(StandardCharsets.ISO_8859_1.decode(((ByteBuffer) arguments[0]).duplicate())) != null;
            case "isWritable" -> writable-- > 0;
            case "isOpen" -> open;
            default -> throw new AssertionError(method);
        };
    }

    private ForwardedBody body(String framing) throws FrameException {
        String head = "POST / HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n";
        HttpRequestFramer framer = HttpRequestFramer.streaming(1 << 20, HttpLimits.defaults());
        return ForwardedBody.of((HttpRequest) framer.next(bytes(head)), backends);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static HttpContent part(String text, boolean last) {
        return new HttpContent().of(bytes(text), last, null);
    }

    private static String head(ForwardedBody body) {
        return StandardCharsets.ISO_8859_1
                .decode(body.endHead(new HeadWriter(64)))
                .toString();
    }

    private String sent() {
        String all = sent.toString();
        sent.setLength(0);
        return all;
    }

    @Test
    void thereIsNoneOfARequestWithoutOne() throws Exception {
        assertNull(body("A: b"));
        assertNull(body("Content-Length: 0"));
    }

    @Test
    void oneThatIsWholeGoesWithItsLengthHoweverItCame() throws Exception {
        ForwardedBody body = body("Transfer-Encoding: chunked");
        body.hold(part("abc", false));
        assertFalse(body.isWhole());
        body.hold(part("", true));
        assertTrue(body.isWhole());
        assertEquals("Content-Length: 3\r\n\r\n", head(body));
        body.begin();
        assertFalse(body.isSent());
        assertFalse(body.sendHeld(backend), "nothing comes behind it");
        assertEquals("abc", sent());
        assertTrue(body.isSent());
    }

    @Test
    void eachAttemptBeginsWithTheFirstByte() throws Exception {
        ForwardedBody body = body("Content-Length: 20000");
        body.hold(part("x".repeat(20_000), true));
        body.begin();
        writable = 1;
        assertFalse(body.sendHeld(backend));
        assertEquals(16 * 1024, sent().length(), "a piece each time that it is writable");
        assertFalse(body.isSent());
        body.begin();
        writable = Integer.MAX_VALUE;
        body.sendHeld(backend);
        assertEquals(20_000, sent().length());
        assertTrue(body.isSent());
        assertFalse(body.isLost());
    }

    @Test
    void aConnectionThatHasEndedGetsNoMorePieces() throws Exception {
        ForwardedBody body = body("Content-Length: 20001");
        body.hold(part("x".repeat(20_000), false));
        body.begin();
        open = false;
        assertFalse(body.sendHeld(backend));
        assertEquals(16 * 1024, sent().length());
    }

    @Test
    void whatIsPassedOnIsLost() throws Exception {
        ForwardedBody body = body("Content-Length: 6");
        body.hold(part("abc", false));
        assertEquals("Content-Length: 6\r\n\r\n", head(body));
        body.begin();
        assertFalse(body.isLost());
        assertTrue(body.sendHeld(backend), "and more may come");
        assertTrue(body.isLost());
        body.pass(part("d", false), backend);
        assertFalse(body.isSent());
        body.pass(part("ef", true), backend);
        assertEquals("abcdef", sent());
        assertTrue(body.isSent());
    }

    @Test
    void ofUnknownLengthItGoesInChunks() throws Exception {
        ForwardedBody body = body("Transfer-Encoding: chunked");
        body.hold(part("0123456789ab", false));
        assertEquals(CHUNKED, head(body));
        body.begin();
        assertTrue(body.sendHeld(backend));
        assertEquals("c\r\n0123456789ab\r\n", sent());
        body.pass(part("x", false), backend);
        body.pass(part("", true), backend);
        assertEquals("1\r\nx\r\n0\r\n\r\n", sent());
    }

    @Test
    void theLastChunkFollowsWhatWasHeld() throws Exception {
        ForwardedBody body = body("Transfer-Encoding: chunked");
        assertEquals(CHUNKED, head(body));
        body.hold(part("abc", true));
        body.begin();
        assertFalse(body.sendHeld(backend));
        assertEquals("3\r\nabc\r\n0\r\n\r\n", sent());
        assertTrue(body.isSent());
    }

    @Test
    void whatIsHeldCountsUntilItIsLetGo() throws Exception {
        ForwardedBody body = body("Content-Length: 20");
        body.hold(part("0123456789", false));
        assertFalse(body.isFull());
        body.hold(part("x", false));
        assertTrue(body.isFull());
        assertTrue(backends.isHeldFull());
        assertTrue(body("Content-Length: 1").isFull(), "which is all that may be held");
        body.begin();
        assertTrue(backends.isHeldFull());
        body.sendHeld(backend);
        assertFalse(backends.isHeldFull());
        body.letGo();
        backends.held(11);
        assertTrue(backends.isHeldFull(), "it was taken off once");
    }

    @Test
    void theHeadMaySayThatItIsTooLong() throws Exception {
        assertFalse(body("Content-Length: 10").isTooLong());
        assertTrue(body("Content-Length: 11").isTooLong());
        assertFalse(body("Transfer-Encoding: chunked").isTooLong());
    }

    @Test
    void nothingComesBeforeTheRestOfWhatIsHeld() throws Exception {
        ForwardedBody body = body("Content-Length: 6");
        body.hold(part("abc", false));
        body.begin();
        assertThrows(AssertionError.class, () -> body.hold(part("def", true)));
    }
}
