// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.frame.Delimiter;
import dev.sluice.frame.FixedLengthEncoder;
import dev.sluice.frame.FixedLengthFramer;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.frame.VarintLengthEncoder;
import dev.sluice.frame.VarintLengthFramer;
import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyFields;
import dev.sluice.http.HttpRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The library allocates nothing per request: counted by the JVM, over a network that allocates nothing either. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 200;
    private static final int READS = 10_000;
    // What a request allocates shows in every round; what the JVM allocates once, when it compiles, in some.
    private static final int ROUNDS = 50;

    private final StubNetwork network = new StubNetwork();
    private long logged; // bytes

    @Test
    void aRawRequestAllocatesNothing() throws IOException {
        assertAllocatesNothing(Protocol.of(RawFramer::new, (bytes, reply) -> reply.send(bytes)), line("hello"));
    }

    @Test
    void aLineAllocatesNothing() throws IOException {
        assertAllocatesNothing(lines(), line("hello"));
    }

    @Test
    void severalLinesInOneReadAllocateNothing() throws IOException {
        assertAllocatesNothing(lines(), line("one\ntwo\nthree\nfour"));
    }

    @Test
    void aLineSplitOverTwoReadsAllocatesNothing() throws IOException {
        assertAllocatesNothing(lines(), TestServer.bytes("end\nmiddle\nbegin"));
    }

    @Test
    void aFrameWithALengthFieldAllocatesNothing() throws IOException {
        LengthField format = LengthField.bytes(4);
        var encoder = format.encoder();
        assertAllocatesNothing(
                Protocol.of(format.framing(), (frame, reply) -> reply.send(frame, encoder)),
                TestServer.bytes("\0\0\0\5hello"));
    }

    @Test
    void aFrameWithAVarintAllocatesNothing() throws IOException {
        var encoder = new VarintLengthEncoder();
        assertAllocatesNothing(
                Protocol.of(VarintLengthFramer::new, (frame, reply) -> reply.send(frame, encoder)),
                TestServer.bytes("\5hello"));
    }

    @Test
    void aFrameWithADelimiterSplitOverTwoReadsAllocatesNothing() throws IOException {
        Delimiter bars = Delimiter.text("||");
        var encoder = bars.encoder();
        assertAllocatesNothing(
                Protocol.of(bars.framing(), (frame, reply) -> reply.send(frame, encoder)), TestServer.bytes("|begin|"));
    }

    @Test
    void aFrameOfFixedLengthAllocatesNothing() throws IOException {
        var encoder = new FixedLengthEncoder(5);
        assertAllocatesNothing(
                Protocol.of(max -> new FixedLengthFramer(max, 5), (frame, reply) -> reply.send(frame, encoder)),
                TestServer.bytes("hello"));
    }

    @Test
    void aFrameWithALengthFieldSplitOverTwoReadsAllocatesNothing() throws IOException {
        LengthField format = LengthField.bytes(1);
        var encoder = format.encoder();
        assertAllocatesNothing(
                Protocol.of(format.framing(), (frame, reply) -> reply.send(frame, encoder)),
                TestServer.bytes("\5he"),
                TestServer.bytes("llo\5he"));
    }

    private static void plaintext(HttpRequest request, HttpReply reply) {
        if (request.targetIs("/plaintext") && request.fields().has("host")) {
            reply.fields(FIELDS).send("text/plain", "Hello, World!");
        }
    }

    @Test
    void anHttpRequestAllocatesNothing() throws IOException {
        HttpProtocol protocol = HttpProtocol.gathering(AllocationTest::plaintext);
        assertAllocatesNothing(protocol, http("GET /plaintext", ""), PLAIN);
    }

    @Test
    void anHttpRequestWithoutABodyAllocatesNothingWhereBodiesAreStreamed() throws IOException {
        HttpProtocol protocol = HttpProtocol.streaming((request, reply) -> {
            plaintext(request, reply);
            return null;
        });
        assertAllocatesNothing(protocol, http("GET /plaintext", ""), PLAIN);
    }

    @Test
    void anHttpRequestSplitOverTwoReadsAllocatesNothing() throws IOException {
        String request = TestServer.text(http("GET /plaintext", ""));
        String turned = request.substring(25) + request.substring(0, 25);
        assertAllocatesNothing(
                HttpProtocol.gathering(AllocationTest::plaintext),
                TestServer.bytes(request.substring(0, 25)),
                TestServer.bytes(turned),
                PLAIN);
    }

    @Test
    void anHttpRequestThatIsLoggedAllocatesNothing() throws IOException {
        HttpProtocol protocol = HttpProtocol.gathering(AllocationTest::plaintext)
                .withClock(() -> 784_111_777_000L)
                .withAccessLog(HttpAccessLog.combined(line -> logged += line.remaining()));
        assertAllocatesNothing(
                protocol, http("GET /plaintext", "Referer: http://h/\r\nUser-Agent: \"test\"\r\n"), PLAIN);
        assertTrue(logged > 0);
    }

    @Test
    void anHttpRequestWithABodyThatIsSentBackAllocatesNothing() throws IOException {
        HttpHandler handler = (request, reply) -> reply.send("text/plain", request.body());
        ByteBuffer post = http("POST /echo", "Content-Length: 5\r\n", "hello");
        assertAllocatesNothing(
                HttpProtocol.gathering(handler), post, HttpServer.ok("hello").length());
    }

    @Test
    void anHttpReplyWithFieldsOfItsOwnAllocatesNothing() throws IOException {
        HttpHandler handler =
                (request, reply) -> reply.status(404).field("X-Why", "none").send("text/plain", "\u00e9");
        int length = HttpServer.reply("404 Not Found", "Content-Type: text/plain", "X-Why: none", "Content-Length: 2")
                .length();
        assertAllocatesNothing(HttpProtocol.gathering(handler), http("GET /", ""), length + 2);
    }

    private static final HttpReplyFields FIELDS = HttpReplyFields.of("Server", "sluice");
    private static final int PLAIN =
            HttpServer.reply("200 OK", "Content-Type: text/plain", "Server: sluice", "Content-Length: 13")
                            .length()
                    + 13;

    private static ByteBuffer http(String methodAndTarget, String field) {
        return http(methodAndTarget, field, "");
    }

    private static ByteBuffer http(String methodAndTarget, String field, String body) {
        return TestServer.bytes(methodAndTarget + " HTTP/1.1\r\nHost: h\r\n" + field + "\r\n" + body);
    }

    private static RequestProtocol<ByteBuffer> lines() {
        return Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
    }

    private static ByteBuffer line(String text) {
        return TestServer.bytes(text + "\n");
    }

    private void assertAllocatesNothing(Protocol<?> protocol, ByteBuffer bytes) throws IOException {
        assertAllocatesNothing(protocol, bytes, bytes);
    }

    private void assertAllocatesNothing(Protocol<?> protocol, ByteBuffer bytes, int replyBytes) throws IOException {
        assertAllocatesNothing(protocol, bytes, bytes, replyBytes);
    }

    private void assertAllocatesNothing(Protocol<?> protocol, ByteBuffer prelude, ByteBuffer bytes) throws IOException {
        assertAllocatesNothing(protocol, prelude, bytes, bytes.remaining());
    }

    /** The prelude is read once before, so that what follows begins in the middle of a frame. */
    private void assertAllocatesNothing(Protocol<?> protocol, ByteBuffer prelude, ByteBuffer bytes, int replyBytes)
            throws IOException {
        Server server = Server.builder()
                .environment(network.environment())
                .topology(Topology.singleThread())
                .listen(Endpoint.tcp("127.0.0.1", 1), protocol)
                .start();
        StubNetwork.Channel channel = network.connect();
        network.step();
        channel.feed(prelude, 1);
        run(channel);
        channel.feed(bytes, WARM_UP);
        run(channel);
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && fewest > 0; round++) {
            channel.feed(bytes, READS);
            long writtenBefore = channel.written;
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(channel);
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertEquals((long) READS * replyBytes, channel.written - writtenBefore);
        }
        assertEquals(0, fewest, "bytes allocated by " + READS + " reads");
        assertEquals(1, server.connections());
    }

    private void run(StubNetwork.Channel channel) throws IOException {
        while (!channel.isDone()) {
            network.step();
        }
    }
}
