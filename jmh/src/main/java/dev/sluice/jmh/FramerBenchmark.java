// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.frame.Delimiter;
import dev.sluice.frame.DelimiterFramer;
import dev.sluice.frame.FixedLengthFramer;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LengthFieldFramer;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.frame.VarintLengthFramer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 * <p>Netty's decoder for delimiters looks at an unfinished frame from its beginning again each time: in {@code SEGMENTS}
 * a frame of 1 MiB takes it a fifth of a second, so leave that size out for it.
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
    private static final String DELIMITER = "||";

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

    private final Format line = new Format(new LineFramer(MAX_FRAME_BYTES), new NettyDecoder.Lines(MAX_FRAME_BYTES));
    private final Format length = new Format(
            new LengthFieldFramer(MAX_FRAME_BYTES, LengthField.bytes(HEADER_BYTES)),
            new NettyDecoder.Lengths(MAX_FRAME_BYTES, HEADER_BYTES));
    private final Format delimiter = new Format(
            new DelimiterFramer(MAX_FRAME_BYTES, Delimiter.text(DELIMITER)),
            new NettyDecoder.Delimited(MAX_FRAME_BYTES, bytes(DELIMITER)));
    private final Format varint =
            new Format(new VarintLengthFramer(MAX_FRAME_BYTES), new NettyDecoder.Varints(MAX_FRAME_BYTES));
    private Format fixed;
    private Framer<ByteBuffer> rawFramer;
    private int passes;
    private int step;

    /** Lays out the streams. */
    @Setup
    public void layOut() {
        int atOnce = Math.min(FRAMES, Math.max(1, READ_BYTES / frameBytes));
        passes = FRAMES / atOnce;
        step = arrival == Arrival.WHOLE ? atOnce * frameBytes : SEGMENT_BYTES;
        fixed = new Format(new FixedLengthFramer(MAX_FRAME_BYTES, frameBytes), new NettyDecoder.Fixed(frameBytes));
        rawFramer = new RawFramer(frameBytes);
        line.layOut(atOnce, frame(new byte[0], bytes("\n")));
        length.layOut(
                atOnce,
                frame(
                        ByteBuffer.allocate(HEADER_BYTES)
                                .putInt(frameBytes - HEADER_BYTES)
                                .array(),
                        new byte[0]));
        delimiter.layOut(atOnce, frame(new byte[0], bytes(DELIMITER)));
        varint.layOut(atOnce, frame(varint(frameBytes), new byte[0]));
        fixed.layOut(atOnce, frame(new byte[0], new byte[0]));
    }

    /** Gives Netty's buffers back. */
    @TearDown
    public void release() {
        for (Format format : new Format[] {line, length, delimiter, varint, fixed}) {
            format.nettyIn.release();
        }
    }

    /** Sluice, lines. Returns the bytes of their contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lineSluice() throws FrameException {
        return cut(line.framer, line.in);
    }

    /** Netty, lines. Returns the bytes of their contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lineNetty() throws Exception {
        return cut(line.netty, line.nettyIn);
    }

    /** Sluice, four bytes of length. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthSluice() throws FrameException {
        return cut(length.framer, length.in);
    }

    /** Netty, four bytes of length. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthNetty() throws Exception {
        return cut(length.netty, length.nettyIn);
    }

    /** Sluice, two bytes behind each frame. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long delimiterSluice() throws FrameException {
        return cut(delimiter.framer, delimiter.in);
    }

    /** Netty, two bytes behind each frame. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long delimiterNetty() throws Exception {
        return cut(delimiter.netty, delimiter.nettyIn);
    }

    /** Sluice, frames of one length. Returns their bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long fixedSluice() throws FrameException {
        return cut(fixed.framer, fixed.in);
    }

    /** Netty, frames of one length. Returns their bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long fixedNetty() throws Exception {
        return cut(fixed.netty, fixed.nettyIn);
    }

    /** Sluice, a varint in front. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long varintSluice() throws FrameException {
        return cut(varint.framer, varint.in);
    }

    /** Netty, a varint in front. Returns the bytes of the contents. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long varintNetty() throws Exception {
        return cut(varint.netty, varint.nettyIn);
    }

    /** Sluice, the stream as it comes. Returns its bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long rawSluice() throws FrameException {
        return cut(rawFramer, fixed.in);
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

    /** One frame of the benchmark's length, letters between these. */
    private byte[] frame(byte[] front, byte[] behind) {
        byte[] frame = Arrays.copyOf(front, frameBytes);
        for (int i = front.length; i < frameBytes; i++) {
            frame[i] = (byte) ('a' + i % 26);
        }
        System.arraycopy(behind, 0, frame, frameBytes - behind.length, behind.length);
        return frame;
    }

    /** The varint of a frame that has so many bytes with it. */
    static byte[] varint(int frameBytes) {
        int width = 1;
        while (frameBytes - width >= 1 << 7 * width) {
            width++;
        }
        byte[] varint = new byte[width];
        for (int i = 0; i < width; i++) {
            int more = i < width - 1 ? 0x80 : 0;
            varint[i] = (byte) ((frameBytes - width) >>> 7 * i & 0x7F | more);
        }
        return varint;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A framer, the decoder of Netty's that does the same, and the same stream for both. */
    private static final class Format {
        private final Framer<ByteBuffer> framer;
        private final NettyDecoder netty;
        private ByteBuffer in;
        private ByteBuf nettyIn;

        Format(Framer<ByteBuffer> framer, NettyDecoder netty) {
            this.framer = framer;
            this.netty = netty;
        }

        private void layOut(int frames, byte[] frame) {
            in = ByteBuffer.allocateDirect(frames * frame.length);
            for (int i = 0; i < frames; i++) {
                in.put(frame);
            }
            nettyIn = PooledByteBufAllocator.DEFAULT.directBuffer(in.capacity());
            nettyIn.writeBytes(in.flip().duplicate());
        }
    }
}
