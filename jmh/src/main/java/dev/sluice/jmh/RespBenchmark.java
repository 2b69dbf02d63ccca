// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.resp.RespRequest;
import dev.sluice.resp.RespRequestFramer;
import dev.sluice.resp.RespValue;
import dev.sluice.resp.RespValueFramer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
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
 * What it costs to cut a stream into RESP requests: nanoseconds per request, {@code SET key value} with a value of so many
 * bytes, beside Netty's {@code RedisDecoder} and the two aggregators that make whole requests of its messages.
 *
 * <p><b>What is measured.</b> The bytes are in a direct buffer already, no socket is read. Of each request the lengths of
 * the arguments are looked at, on both sides. Netty's decoder has no entrance but its pipeline, so that is an
 * {@code EmbeddedChannel}, which is as thin as a pipeline gets; what it hands out is released, as its users must. The
 * stream arrives whole, 64 KiB at a time, or in segments of 1,448 bytes, as in {@link FramerBenchmark}.
 *
 * <p>{@code valueSluice} reads the same bytes as a client reads replies, into objects: what a client of ours costs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class RespBenchmark {
    /** Requests of one invocation. */
    static final int REQUESTS = 256;

    private static final int SEGMENT_BYTES = 1448;
    private static final int READ_BYTES = 64 * 1024;
    private static final int MAX_FRAME_BYTES = 2 << 20;

    /** Bytes of the value. */
    @Param({"3", "256", "4096"})
    public int valueBytes;

    /** How the stream is shown. */
    @Param({"WHOLE", "SEGMENTS"})
    public FramerBenchmark.Arrival arrival;

    private final Framer<RespRequest> requestFramer = new RespRequestFramer(MAX_FRAME_BYTES);
    private final Framer<RespValue> valueFramer = new RespValueFramer(MAX_FRAME_BYTES);
    private ByteBuffer stream;
    private ByteBuf nettyStream;
    private EmbeddedChannel netty;
    private int step;

    /** Lays out the stream. */
    @Setup
    public void layOut() {
        byte[] request = ("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000012345\r\n$" + valueBytes + "\r\n"
                        + "x".repeat(valueBytes) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        stream = ByteBuffer.allocateDirect(request.length * REQUESTS);
        for (int i = 0; i < REQUESTS; i++) {
            stream.put(request);
        }
        nettyStream = PooledByteBufAllocator.DEFAULT.directBuffer(stream.capacity());
        nettyStream.writeBytes(stream.flip().duplicate());
        step = arrival == FramerBenchmark.Arrival.WHOLE ? READ_BYTES : SEGMENT_BYTES;
        netty = new EmbeddedChannel(
                new RedisDecoder(), new RedisBulkStringAggregator(), new RedisArrayAggregator(1024, 32));
    }

    /** Gives Netty's buffers back. */
    @TearDown
    public void release() {
        netty.finishAndReleaseAll();
        nettyStream.release();
    }

    /** Sluice, requests. Returns the bytes of all arguments. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long requestSluice() throws FrameException {
        long bytes = 0;
        ByteBuffer in = stream.clear();
        for (int arrived = 0; arrived < in.capacity(); ) {
            arrived = Math.min(in.capacity(), arrived + step);
            in.limit(arrived);
            RespRequest request;
            while (in.hasRemaining() && (request = requestFramer.next(in)) != null) {
                for (int i = 0, count = request.count(); i < count; i++) {
                    bytes += request.length(i);
                }
            }
        }
        return bytes;
    }

    /** Sluice, the same as values. Returns the bytes of all elements. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long valueSluice() throws FrameException {
        long bytes = 0;
        ByteBuffer in = stream.clear();
        for (int arrived = 0; arrived < in.capacity(); ) {
            arrived = Math.min(in.capacity(), arrived + step);
            in.limit(arrived);
            RespValue value;
            while (in.hasRemaining() && (value = valueFramer.next(in)) != null) {
                for (RespValue element : ((RespValue.Array) value).elements()) {
                    bytes += ((RespValue.Bulk) element).bytes().remaining();
                }
            }
        }
        return bytes;
    }

    /** Netty. Returns the bytes of all arguments. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long requestNetty() {
        long bytes = 0;
        int end = stream.capacity();
        for (int arrived = 0; arrived < end; ) {
            int from = arrived;
            arrived = Math.min(end, arrived + step);
            netty.writeInbound(nettyStream.retainedSlice(from, arrived - from));
            ArrayRedisMessage request;
            while ((request = netty.readInbound()) != null) {
                for (RedisMessage argument : request.children()) {
                    bytes += ((FullBulkStringRedisMessage) argument).content().readableBytes();
                }
                ReferenceCountUtil.release(request);
            }
        }
        return bytes;
    }
}
