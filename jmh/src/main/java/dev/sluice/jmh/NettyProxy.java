// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A reverse proxy by Netty's codecs with their defaults, on one event loop that also accepts and connects. Connections to the
 * backend are kept, and shared by all clients; bodies are passed on as they come, with back pressure both ways; fields about a
 * connection are dropped, and the client's address is added, as {@link SluiceProxy} does. It has no limits, no deadlines, no
 * second attempt, no interim responses, no switch of protocols, and tells nothing.
 */
final class NettyProxy implements EchoServer {
    private static final List<CharSequence> OF_A_CONNECTION = List.of(
            HttpHeaderNames.CONNECTION,
            "proxy-connection",
            HttpHeaderNames.PROXY_AUTHENTICATE,
            HttpHeaderNames.PROXY_AUTHORIZATION,
            HttpHeaderNames.TE,
            HttpHeaderNames.UPGRADE,
            "keep-alive");

    private final EventLoopGroup group;
    private final Channel listener;
    private final Bootstrap toBackend;
    private final ArrayDeque<Channel> idle = new ArrayDeque<>(); // event loop

    NettyProxy(InetSocketAddress backend) throws InterruptedException {
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        toBackend = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(backend)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel upstream) {
                        upstream.pipeline().addLast(new HttpClientCodec(), new Upstream());
                    }
                });
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(new HttpServerCodec(), new Client());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    @Override
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void stop() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private static void removeHops(HttpHeaders headers) {
        String named = headers.get(HttpHeaderNames.CONNECTION);
        if (named != null && !HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(named)) {
            for (String name : named.split(",")) {
                String stripped = name.strip();
                if (!HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(stripped)
                        && !HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(stripped)) {
                    headers.remove(stripped);
                }
            }
        }
        OF_A_CONNECTION.forEach(headers::remove);
    }

    /** A client's side, which has a connection to the backend from a request's first byte to its response's last one. */
    private final class Client extends ChannelInboundHandlerAdapter {
        private final ArrayDeque<Object> waiting = new ArrayDeque<>(); // parts of requests that can't be passed on yet
        private ChannelHandlerContext context;
        private Channel upstream; // null while there is none
        private boolean isConnecting;
        private boolean isSent; // all of the request; what comes now is of the next one
        private boolean keepsAlive;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object part) {
            if (upstream == null && !isConnecting && waiting.isEmpty()) {
                begin(part);
            } else if (upstream == null || isSent) {
                waiting.add(part);
                ctx.channel().config().setAutoRead(false);
            } else {
                pass(part);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (upstream != null) {
                upstream.flush();
                if (!upstream.isWritable()) {
                    ctx.channel().config().setAutoRead(false);
                }
            }
        }

        private void begin(Object part) {
            if (!(part instanceof HttpRequest request)) {
                ReferenceCountUtil.release(part); // of one that was refused
                return;
            }
            keepsAlive = HttpUtil.isKeepAlive(request);
            removeHops(request.headers());
            request.headers()
                    .set(
                            "X-Forwarded-For",
                            ((InetSocketAddress) context.channel().remoteAddress())
                                    .getAddress()
                                    .getHostAddress());
            request.headers().set("X-Forwarded-Proto", "http");
            request.headers().set("Via", "1.1 netty");
            request.setProtocolVersion(HttpVersion.HTTP_1_1);
            Channel kept;
            while ((kept = idle.pollLast()) != null) {
                if (kept.isActive()) {
                    has(kept);
                    pass(request);
                    return;
                }
            }
            isConnecting = true;
            waiting.add(request);
            context.channel().config().setAutoRead(false);
            toBackend.connect().addListener((ChannelFutureListener) connected -> {
                isConnecting = false;
                if (!context.channel().isActive()) {
                    connected.channel().close();
                } else if (connected.isSuccess()) {
                    has(connected.channel());
                    passWaiting();
                } else {
                    refuse();
                }
            });
        }

        private void has(Channel channel) {
            upstream = channel;
            isSent = false;
            channel.pipeline().get(Upstream.class).client = this;
        }

        private void pass(Object part) {
            isSent = part instanceof LastHttpContent;
            upstream.write(part);
        }

        private void passWaiting() {
            while (!waiting.isEmpty() && !isSent) {
                pass(waiting.poll());
            }
            upstream.flush();
            context.channel().config().setAutoRead(true);
        }

        private void refuse() {
            FullHttpResponse response =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
            HttpUtil.setContentLength(response, 0);
            HttpUtil.setKeepAlive(response, false);
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        void answered() {
            upstream = null;
            if (!keepsAlive) {
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            Object next = waiting.poll();
            if (next != null) {
                begin(next);
                if (upstream != null) {
                    passWaiting();
                }
            } else {
                context.channel().config().setAutoRead(true);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (upstream != null) {
                upstream.config().setAutoRead(ctx.channel().isWritable());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            waiting.forEach(ReferenceCountUtil::release);
            waiting.clear();
            if (upstream != null) {
                upstream.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** The backend's side, which goes back among the idle ones when a response has ended. */
    private final class Upstream extends ChannelInboundHandlerAdapter {
        private Client client; // null while it is idle
        private boolean keepsAlive;
        private boolean hasEnded; // of the response

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object part) {
            if (client == null) {
                ReferenceCountUtil.release(part);
                ctx.close(); // nobody has asked
                return;
            }
            if (part instanceof HttpResponse response) {
                keepsAlive = HttpUtil.isKeepAlive(response);
                removeHops(response.headers());
                response.headers().set("Via", "1.1 netty");
                if (!client.keepsAlive) {
                    HttpUtil.setKeepAlive(response, false);
                }
            }
            hasEnded = part instanceof LastHttpContent;
            client.context.write(part);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (client == null) {
                return;
            }
            client.context.flush();
            if (hasEnded) {
                Client answered = client;
                client = null;
                hasEnded = false;
                ctx.channel().config().setAutoRead(true);
                if (keepsAlive && answered.isSent) {
                    idle.addLast(ctx.channel());
                } else {
                    ctx.close();
                }
                answered.answered();
            } else if (!client.context.channel().isWritable()) {
                ctx.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (client != null && ctx.channel().isWritable()) {
                client.context.channel().config().setAutoRead(true);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            idle.remove(ctx.channel());
            if (client != null) {
                client.context.close(); // in the middle of a response, or before it
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
