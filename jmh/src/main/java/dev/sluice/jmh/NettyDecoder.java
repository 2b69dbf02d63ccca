// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.util.AbstractList;

/** A decoder of Netty's without its pipeline. */
interface NettyDecoder {
    /** Looked at only when a frame is refused, which none is. */
    ChannelHandlerContext UNUSED = null;

    /** Returns the next frame, to be released, or null. */
    ByteBuf next(ByteBuf in) throws Exception;

    /** Lines that end with LF or CR LF. */
    final class Lines extends LineBasedFrameDecoder implements NettyDecoder {
        Lines(int maxFrameBytes) {
            super(maxFrameBytes, true, true);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }

    /** Frames with a big-endian length in front. */
    final class Lengths extends LengthFieldBasedFrameDecoder implements NettyDecoder {
        Lengths(int maxFrameBytes, int width) {
            super(maxFrameBytes, 0, width, 0, width, true);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }

    /** Frames with a delimiter behind them. */
    final class Delimited extends DelimiterBasedFrameDecoder implements NettyDecoder {
        Delimited(int maxFrameBytes, byte[] delimiter) {
            super(maxFrameBytes, Unpooled.wrappedBuffer(delimiter));
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }

    /** Frames of one length. */
    final class Fixed extends FixedLengthFrameDecoder implements NettyDecoder {
        Fixed(int frameBytes) {
            super(frameBytes);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            return (ByteBuf) decode(UNUSED, in);
        }
    }

    /** Frames with a varint in front. It hands its frame over in a list, which here is one place and costs nothing. */
    final class Varints extends ProtobufVarint32FrameDecoder implements NettyDecoder {
        private final Place place = new Place();

        Varints(int maxFrameBytes) {
            super(maxFrameBytes);
        }

        @Override
        public ByteBuf next(ByteBuf in) throws Exception {
            place.frame = null;
            decode(UNUSED, in, place);
            return place.frame;
        }
    }

    /** A list of at most one frame. */
    final class Place extends AbstractList<Object> {
        private ByteBuf frame;

        @Override
        public boolean add(Object added) {
            frame = (ByteBuf) added;
            return true;
        }

        @Override
        public Object get(int index) {
            return frame;
        }

        @Override
        public int size() {
            return frame == null ? 0 : 1;
        }
    }
}
