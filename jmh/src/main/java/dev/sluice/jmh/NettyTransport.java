// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** Which of Netty's transports. */
record NettyTransport(IoHandlerFactory loop, Class<? extends ServerChannel> listener, Class<? extends Channel> socket) {

    /** On {@code java.nio}. */
    static NettyTransport nio() {
        return new NettyTransport(NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class);
    }

    /**
     * Netty's own binding to epoll.
     *
     * @throws UnsupportedOperationException if it can't be loaded here
     */
    static NettyTransport epoll() {
        if (!Epoll.isAvailable()) {
            throw new UnsupportedOperationException("Netty's epoll can't be loaded: "
                    + Epoll.unavailabilityCause().getMessage());
        }
        return new NettyTransport(
                EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class);
    }

    EventLoopGroup oneLoop() {
        return new MultiThreadIoEventLoopGroup(1, loop);
    }
}
