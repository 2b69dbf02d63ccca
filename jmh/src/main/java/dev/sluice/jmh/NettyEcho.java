// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Echo on one of Netty's transports with its defaults, on one event loop that also accepts. */
final class NettyEcho implements EchoServer {
    private final EventLoopGroup group;
    private final Channel listener;

    private NettyEcho(IoHandlerFactory loop, Class<? extends ServerChannel> channel) throws InterruptedException {
        group = new MultiThreadIoEventLoopGroup(1, loop);
        listener = new ServerBootstrap()
                .group(group)
                .channel(channel)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Echo())
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    /** On {@code java.nio}. */
    static NettyEcho nio() throws InterruptedException {
        return new NettyEcho(NioIoHandler.newFactory(), NioServerSocketChannel.class);
    }

    /**
     * On Netty's own binding to epoll.
     *
     * @throws UnsupportedOperationException if it can't be loaded here
     */
    static NettyEcho epoll() throws InterruptedException {
        if (!Epoll.isAvailable()) {
            throw new UnsupportedOperationException("Netty's epoll can't be loaded: "
                    + Epoll.unavailabilityCause().getMessage());
        }
        return new NettyEcho(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    }

    @Override
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void stop() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    // Writes without a flush for each message, and flushes once for each read: Netty's own advice.
    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close(); // reset by the client
        }
    }
}
