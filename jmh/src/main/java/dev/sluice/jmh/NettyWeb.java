// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@link WebPages} by Netty's codec with its defaults, on one event loop that also accepts: plain, or by TLS 1.3 as the JDK has it. */
final class NettyWeb implements EchoServer {
    private final EventLoopGroup group;
    private final Channel listener;

    /** Plain. */
    NettyWeb() throws InterruptedException {
        this("127.0.0.1", null);
    }

    /** By TLS, on all addresses. */
    NettyWeb(Certificates certificates) throws IOException, InterruptedException {
        this("0.0.0.0", tls(certificates));
    }

    private NettyWeb(String address, SslContext tls) throws InterruptedException {
        Pages pages = new Pages();
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        if (tls != null) {
                            client.pipeline().addLast(tls.newHandler(client.alloc()));
                        }
                        client.pipeline().addLast(new HttpServerCodec(), pages);
                    }
                })
                .bind(address, 0)
                .sync()
                .channel();
    }

    private static SslContext tls(Certificates certificates) throws IOException {
        return SslContextBuilder.forServer(
                        certificates.certificate().toFile(), certificates.key().toFile())
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3")
                .ciphers(List.of("TLS_AES_256_GCM_SHA384")) // as the others; its own choice is AES-128
                .build();
    }

    @Override
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void stop() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    @Sharable
    private static final class Pages extends ChannelInboundHandlerAdapter {
        private final ByteBuf small = direct(WebPages.small());
        private final ByteBuf large = direct(WebPages.large());

        private static ByteBuf direct(byte[] bytes) {
            return Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                if (message instanceof HttpRequest request) {
                    answer(ctx, request);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void answer(ChannelHandlerContext ctx, HttpRequest request) {
            ByteBuf body = (request.uri().equals(WebPages.LARGE) ? large : small).duplicate();
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            if (HttpUtil.isKeepAlive(request)) {
                ctx.write(response);
            } else {
                HttpUtil.setKeepAlive(response, false);
                ctx.write(response).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
