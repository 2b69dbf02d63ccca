// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.frame.FrameException;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpPart;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpRequestFramer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.microhttp.Request;

/** One of those who read requests in {@link HttpBenchmark}. Each looks at the same of what it has read. */
interface HttpSide {
    int MAX_FRAME_BYTES = 1 << 20;

    /** The bytes of the stream between these two have arrived; the first of them is 0 when the stream begins again. */
    void show(int from, int to, Seen seen) throws Exception;

    /** Gives back what it holds. */
    default void release() {}

    /** Sluice, either way of reading bodies. */
    final class Sluice implements HttpSide {
        private final HttpRequestFramer framer;
        private final ByteBuffer in;

        private Sluice(HttpRequestFramer framer, ByteBuffer stream) {
            this.framer = framer;
            this.in = stream;
        }

        static Sluice streaming(ByteBuffer stream) {
            return new Sluice(HttpRequestFramer.streaming(MAX_FRAME_BYTES, HttpLimits.defaults()), stream);
        }

        static Sluice gathering(ByteBuffer stream) {
            return new Sluice(HttpRequestFramer.gathering(MAX_FRAME_BYTES, HttpLimits.defaults()), stream);
        }

        @Override
        public void show(int from, int to, Seen seen) throws FrameException {
            in.limit(to);
            if (from == 0) {
                in.position(0);
            }
            HttpPart part;
            while (in.hasRemaining() && (part = framer.next(in)) != null) {
                if (part instanceof HttpRequest request) {
                    seen.head(
                            request.method(),
                            request.targetBytes().remaining(),
                            request.fields().count(),
                            request.isKeepAlive());
                    body(request.body(), seen);
                } else if (part instanceof HttpContent content) {
                    body(content.bytes(), seen);
                }
            }
        }

        private static void body(ByteBuffer bytes, Seen seen) {
            seen.body(bytes.remaining());
            if (seen.keepsBodies()) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                seen.keep(copy);
            }
        }
    }

    /** Netty's decoder without its pipeline, called as the pipeline does. Bodies come in pieces. */
    final class NettyDecoder extends HttpRequestDecoder implements HttpSide {
        /** The decoder doesn't look at it. */
        private static final ChannelHandlerContext UNUSED = null;

        private final ByteBuf in;
        private final List<Object> out = new ArrayList<>();

        NettyDecoder(ByteBuffer stream) {
            in = netty(stream);
        }

        @Override
        public void show(int from, int to, Seen seen) throws Exception {
            if (from == 0) {
                in.setIndex(0, 0);
            }
            in.writerIndex(to);
            int before = -1;
            while (in.isReadable() && before != in.readableBytes()) {
                before = in.readableBytes();
                decode(UNUSED, in, out);
                for (int i = 0, count = out.size(); i < count; i++) {
                    look(out.get(i), seen);
                }
                out.clear();
            }
        }

        @Override
        public void release() {
            in.release();
        }

        static void look(Object part, Seen seen) {
            if (part instanceof io.netty.handler.codec.http.HttpRequest request) {
                seen.head(
                        request.method().name(),
                        request.uri().length(),
                        request.headers().size(),
                        HttpUtil.isKeepAlive(request));
            }
            if (part instanceof io.netty.handler.codec.http.HttpContent content) {
                seen.body(content.content().readableBytes());
                if (seen.keepsBodies()) {
                    seen.keep(ByteBufUtil.getBytes(content.content()));
                }
            }
            ReferenceCountUtil.release(part);
        }

        static ByteBuf netty(ByteBuffer stream) {
            return PooledByteBufAllocator.DEFAULT
                    .directBuffer(stream.capacity())
                    .writeBytes(stream.duplicate());
        }
    }

    /** Netty's decoder and its aggregator of bodies, in the thinnest pipeline there is. */
    final class NettyAggregator implements HttpSide {
        private final ByteBuf in;
        private final EmbeddedChannel channel =
                new EmbeddedChannel(new HttpRequestDecoder(), new HttpObjectAggregator(MAX_FRAME_BYTES));

        NettyAggregator(ByteBuffer stream) {
            in = NettyDecoder.netty(stream);
        }

        @Override
        public void show(int from, int to, Seen seen) {
            channel.writeInbound(in.retainedSlice(from, to - from));
            FullHttpRequest request;
            while ((request = channel.readInbound()) != null) {
                NettyDecoder.look(request, seen);
            }
        }

        @Override
        public void release() {
            channel.finishAndReleaseAll();
            in.release();
        }
    }

    /** The parser of microhttp, which gathers bodies, called as its event loop does. */
    final class Microhttp implements HttpSide {
        private final ByteBuffer in;
        private final MicrohttpParser parser = new MicrohttpParser();

        Microhttp(ByteBuffer stream) {
            in = stream;
        }

        @Override
        public void show(int from, int to, Seen seen) {
            parser.add(in.limit(to).position(from));
            Request request;
            while ((request = parser.next()) != null) {
                boolean keepAlive = !request.version().equalsIgnoreCase("HTTP/1.0")
                        || request.hasHeader("Connection", "Keep-Alive");
                seen.head(
                        request.method(),
                        request.uri().length(),
                        request.headers().size(),
                        keepAlive);
                seen.body(request.body() == null ? 0 : request.body().length);
                if (seen.keepsBodies() && request.body() != null) {
                    seen.keep(request.body());
                }
            }
        }
    }

    /** What one of them has read. */
    final class Seen {
        private final StringBuilder log;
        private long sum;

        private Seen(StringBuilder log) {
            this.log = log;
        }

        /** Counts, and keeps nothing. */
        static Seen counted() {
            return new Seen(null);
        }

        /** Keeps all that is seen, for a comparison. */
        static Seen kept() {
            return new Seen(new StringBuilder());
        }

        void head(String method, int targetBytes, int fields, boolean keepAlive) {
            sum += method.length() + targetBytes + fields + (keepAlive ? 1 : 0);
            if (log != null) {
                log.append(method).append(' ').append(targetBytes).append(' ').append(fields);
                log.append(keepAlive ? " keep-alive\n" : " close\n");
            }
        }

        void body(int bytes) {
            sum += bytes;
        }

        boolean keepsBodies() {
            return log != null;
        }

        void keep(byte[] body) {
            for (byte b : body) {
                log.append((char) b);
            }
        }

        long sum() {
            return sum;
        }

        String text() {
            return log.toString();
        }
    }
}
