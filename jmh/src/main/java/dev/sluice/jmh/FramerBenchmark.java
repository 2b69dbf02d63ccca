// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LengthFieldFramer;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.nio.ByteBuffer;
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
 * What it costs to cut a stream into frames: nanoseconds per frame, beside the decoders of Netty that do the same.
 * {@code frameBytes * 1e9 / score} is bytes per second.
 *
 * <p><b>What is measured.</b> Framing alone: the bytes are in a direct buffer already, no socket is read and nothing is
 * copied. Netty's decoders are called through their {@code decode(ctx, in)}, so its pipeline, its list of results and its
 * cumulation play no part; its buffers are pooled and direct, and the slice that it returns is released, as its users
 * must. Both sides hand out views, and only their length is looked at.
 *
 * <p><b>How the bytes arrive.</b> {@code WHOLE}: as many frames as fit 64 KiB, and at least one, are there at once, as
 * after one large read. {@code SEGMENTS}: the same bytes become visible 1,448 at a time, the payload of one Ethernet
 * segment, and after each the framer is called until it has nothing more; this shows what is looked at twice. The same
 * stretch of memory is read again and again, as a Reader does with its one buffer, so it stays in the cache up to
 * 64 KiB.
 *
 * <p>The raw framer has no peer and no frames: in {@code SEGMENTS} its score is for {@code frameBytes} bytes in however
 * many parts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class FramerBenchmark {
    /** Frames of one invocation: enough that the smallest fill several segments. */
    static final int FRAMES = 256;

    private static final int SEGMENT_BYTES = 1448;
    private static final int READ_BYTES = 64 * 1024;
    private static final int MAX_FRAME_BYTES = 2 << 20;
    private static final int HEADER_BYTES = 4;

    /** How the stream is shown to the framer. */
    public enum Arrival {
        /** As after one large read. */
        WHOLE,
        /** 1,448 bytes at a time. */
        SEGMENTS
    }

    /** Bytes of a frame on the wire, its header or line ending included. */
    @Param({"16", "256", "4096", "65536", "1048576"})
    public int frameBytes;

    /** How the stream is shown to the framer. */
    @Param({"WHOLE", "SEGMENTS"})
    public Arrival arrival;

    private final Framer<ByteBuffer> lineFramer = new LineFramer(MAX_FRAME_BYTES);
    private final Framer<ByteBuffer> lengthFramer = new LengthFieldFramer(MAX_FRAME_BYTES, LengthField.bytes(4));
    private final NettyLines nettyLines = new NettyLines();
    private final NettyLengths nettyLengths = new NettyLengths();
    private Framer<ByteBuffer> rawFramer;
    private ByteBuffer lines;
    private ByteBuffer lengths;
    private ByteBuf nettyLinesIn;
    private ByteBuf nettyLengthsIn;
    private int passes;
    private int step;

    /** Lays out the streams. */
    @Setup
    public void layOut() {
        int atOnce = Math.min(FRAMES, Math.max(1, READ_BYTES / frameBytes));
        passes = FRAMES / atOnce;
        step = arrival == Arrival.WHOLE ? atOnce * frameBytes : SEGMENT_BYTES;
        lines = stream(atOnce, false);
        lengths = stream(atOnce, true);
        nettyLinesIn = PooledByteBufAllocator.DEFAULT.directBuffer(lines.capacity());
        nettyLinesIn.writeBytes(lines.duplicate());
        nettyLengthsIn = PooledByteBufAllocator.DEFAULT.directBuffer(lengths.capacity());
        nettyLengthsIn.writeBytes(lengths.duplicate());
        rawFramer = new RawFramer(frameBytes);
    }

    /** Gives Netty's buffers back. */
    @TearDown
    public void release() {
        nettyLinesIn.release();
        nettyLengthsIn.release();
    }

    /** Sluice, lines. Returns the bytes of their contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lineSluice() throws FrameException {
        return cut(lineFramer, lines);
    }

    /** Netty, lines. Returns the bytes of their contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lineNetty() throws Exception {
        return cut(nettyLines, nettyLinesIn);
    }

    /** Sluice, four bytes of length. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthSluice() throws FrameException {
        return cut(lengthFramer, lengths);
    }

    /** Netty, four bytes of length. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthNetty() throws Exception {
        return cut(nettyLengths, nettyLengthsIn);
    }

    /** Sluice, the stream as it comes. Returns its bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long rawSluice() throws FrameException {
        return cut(rawFramer, lines);
    }

    private long cut(Framer<ByteBuffer> framer, ByteBuffer in) throws FrameException {
        long contents = 0;
        int end = in.capacity();
        for (int pass = 0; pass < passes; pass++) {
            in.clear();
            for (int arrived = 0; arrived < end; ) {
                arrived = Math.min(end, arrived + step);
                in.limit(arrived);
                ByteBuffer frame;
                while (in.hasRemaining() && (frame = framer.next(in)) != null) {
                    contents += frame.remaining();
                }
            }
        }
        return contents;
    }

    private long cut(NettyDecoder decoder, ByteBuf in) throws Exception {
        long contents = 0;
        int end = in.capacity();
        for (int pass = 0; pass < passes; pass++) {
            in.setIndex(0, 0);
            for (int arrived = 0; arrived < end; ) {
                arrived = Math.min(end, arrived + step);
                in.writerIndex(arrived);
                ByteBuf frame;
                while (in.isReadable() && (frame = decoder.next(in)) != null) {
                    contents += frame.readableBytes();
                    frame.release();
                }
            }
        }
        return contents;
    }

    private ByteBuffer stream(int frames, boolean withLength) {
        ByteBuffer out = ByteBuffer.allocateDirect(frames * frameBytes);
        for (int i = 0; i < frames; i++) {
            int end = out.position() + frameBytes;
            if (withLength) {
                out.putInt(frameBytes - HEADER_BYTES);
            }
            while (out.position() < end) {
                out.put((byte) ('a' + out.position() % 26));
            }
            if (!withLength) {
                out.put(end - 1, (byte) '\n');
            }
        }
        return out.flip();
    }

    /** A decoder of Netty's without its pipeline. */
    private interface NettyDecoder {
        ByteBuf next(ByteBuf in) throws Exception;
    }

    private static final class NettyLines extends LineBasedFrameDecoder implements NettyDecoder {
        private static final ChannelHandlerContext UNUSED = null; // only looked at when a frame is refused

        NettyLines() {
            super(MAX_FRAME_BYTES, true, true);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }

    private static final class NettyLengths extends LengthFieldBasedFrameDecoder implements NettyDecoder {
        private static final ChannelHandlerContext UNUSED = null; // only looked at when a frame is refused

        NettyLengths() {
            super(MAX_FRAME_BYTES, 0, HEADER_BYTES, 0, HEADER_BYTES, true);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }
}
