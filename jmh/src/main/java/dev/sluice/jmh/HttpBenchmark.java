// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to read HTTP requests: nanoseconds per request, beside Netty and microhttp.
 *
 * <p><b>What is measured.</b> Parsing alone: the bytes are in a direct buffer already, no socket is read. On every side a
 * request is read as far as a server needs it: method, target, all fields indexed, the body found, and whether the
 * connection goes on. Before anything is measured, what the side has read is compared with what was sent.
 *
 * <p><b>The sides.</b> {@code SLUICE_STREAMING} and {@code NETTY_DECODER} hand out bodies in pieces;
 * {@code SLUICE_GATHERING}, {@code NETTY_AGGREGATOR} and {@code MICROHTTP} gather them. Netty's decoder is called through
 * its {@code decode(ctx, in, out)}, so its pipeline and its cumulation play no part; with the aggregator it can't be, and
 * is in an {@code EmbeddedChannel}. What microhttp reads it copies out of the direct buffer first, as its event loop does.
 * What is refused differs: by {@code docs/http.md} Sluice checks more than the others.
 *
 * <p><b>How the bytes arrive.</b> {@code WHOLE}: one request at a time, or 16 of a batch. {@code SEGMENTS}: up to 64 KiB
 * of requests, one behind the other, of which 1,448 bytes become visible at a time, as in {@link FramerBenchmark}.
 *
 * <p>There is one side to a JVM, so that none is compiled for what the others do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class HttpBenchmark {
    /** Requests of one invocation. */
    static final int REQUESTS = 64;

    private static final int SEGMENT_BYTES = 1448;
    private static final int READ_BYTES = 64 * 1024;

    /** Who reads. */
    public enum Side {
        /** Sluice, bodies in pieces. */
        SLUICE_STREAMING(HttpSide.Sluice::streaming),
        /** Netty's {@code HttpRequestDecoder}. */
        NETTY_DECODER(HttpSide.NettyDecoder::new),
        /** Sluice, bodies gathered. */
        SLUICE_GATHERING(HttpSide.Sluice::gathering),
        /** Netty's decoder and its {@code HttpObjectAggregator}. */
        NETTY_AGGREGATOR(HttpSide.NettyAggregator::new),
        /** microhttp's {@code RequestParser}. */
        MICROHTTP(HttpSide.Microhttp::new);

        private final Function<ByteBuffer, HttpSide> maker;

        Side(Function<ByteBuffer, HttpSide> maker) {
            this.maker = maker;
        }

        /** So many fields has a request in the end: the aggregator adds a Content-Length, or has it in place of Transfer-Encoding. */
        int fields(HttpInput input) {
            return input.fields + (this == NETTY_AGGREGATOR && input.body.isEmpty() ? 1 : 0);
        }
    }

    /** What is read. */
    @Param({"SMALL", "BROWSER", "SIXTY_FIELDS", "BATCH", "CHUNKED"})
    public HttpInput input;

    /** How the stream is shown. */
    @Param({"WHOLE", "SEGMENTS"})
    public FramerBenchmark.Arrival arrival;

    /** Who reads. */
    @Param({"SLUICE_STREAMING", "NETTY_DECODER", "SLUICE_GATHERING", "NETTY_AGGREGATOR", "MICROHTTP"})
    public Side side;

    private HttpSide reader;
    private int streamBytes;
    private int step;
    private int passes;

    /** Lays out the stream, and compares what is read with it. */
    @Setup
    public void layOut() throws Exception {
        byte[] request = input.bytes();
        int laidOut = Math.min(REQUESTS, Integer.highestOneBit(READ_BYTES / request.length));
        passes = REQUESTS / laidOut;
        streamBytes = laidOut * request.length;
        step = arrival == FramerBenchmark.Arrival.WHOLE ? input.atOnce * request.length : SEGMENT_BYTES;
        ByteBuffer stream = ByteBuffer.allocateDirect(streamBytes);
        while (stream.hasRemaining()) {
            stream.put(request);
        }
        reader = side.maker.apply(stream.flip());
        HttpSide.Seen seen = HttpSide.Seen.kept();
        read(seen);
        String each =
                input.method + " " + input.target().length() + " " + side.fields(input) + " keep-alive\n" + input.body;
        if (!seen.text().equals(each.repeat(laidOut))) {
            throw new IllegalStateException(side + " has not read what was sent");
        }
    }

    /** Gives Netty's buffers back. */
    @TearDown
    public void release() {
        reader.release();
    }

    /** Returns a sum over all that was looked at. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long requests() throws Exception {
        HttpSide.Seen seen = HttpSide.Seen.counted();
        for (int pass = 0; pass < passes; pass++) {
            read(seen);
        }
        return seen.sum();
    }

    private void read(HttpSide.Seen seen) throws Exception {
        for (int arrived = 0; arrived < streamBytes; ) {
            int from = arrived;
            arrived = Math.min(streamBytes, arrived + step);
            reader.show(from, arrived, seen);
        }
    }
}
