// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The floor of a layer 4 proxy: a relay in the fewest lines of {@code java.nio} that are still right. One selector, one
 * direct buffer, one small object for each connection. What a socket doesn't take is kept, and the other side is read no
 * more until it has taken it; an end goes through one direction at a time; a reset ends both with a reset. It has no limits,
 * no deadlines, and reports nothing. With an echo server behind, it is one.
 */
final class NioRelay implements EchoServer, Runnable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InetSocketAddress backend;
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final Thread thread = new Thread(this, "nio-relay");
    private volatile boolean stopping;

    NioRelay(InetSocketAddress backend) throws IOException {
        this.backend = backend;
        listener.bind(new InetSocketAddress("127.0.0.1", 0), 4096);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        thread.start();
    }

    /** One of the two connections; the key's attachment. */
    private static final class Side {
        final SocketChannel channel;
        SelectionKey key;
        Side other;
        ByteBuffer rest; // what the socket has not taken, or null
        boolean hasEnded; // nothing more will come from it

        Side(SocketChannel channel) throws IOException {
            this.channel = channel;
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }

        void interest() {
            boolean reads = !hasEnded && other.rest == null;
            key.interestOps((reads ? SelectionKey.OP_READ : 0) | (rest == null ? 0 : SelectionKey.OP_WRITE));
        }
    }

    @Override
    public int port() {
        return listener.socket().getLocalPort();
    }

    @Override
    public void stop() throws InterruptedException {
        stopping = true;
        selector.wakeup();
        thread.join();
    }

    @Override
    public void run() {
        try (selector;
                listener) {
            while (!stopping) {
                selector.select(this::ready);
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void ready(SelectionKey key) {
        Side side = (Side) key.attachment();
        if (side == null) {
            acceptAll();
            return;
        }
        if (!key.isValid()) {
            return; // the other side was ready in the same selection, and has ended both
        }
        try {
            if (key.isConnectable()) {
                connected(side);
                return;
            }
            if (key.isWritable()) {
                writeRest(side);
            }
            if (key.isValid() && key.isReadable()) {
                pass(side);
            }
        } catch (IOException e) {
            reset(side);
            reset(side.other);
        }
    }

    private void acceptAll() {
        try {
            SocketChannel channel;
            while ((channel = listener.accept()) != null) {
                connect(channel);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // out of descriptors: then this relay ends, others must not
        }
    }

    private void connect(SocketChannel accepted) throws IOException {
        Side client = new Side(accepted);
        Side upstream = new Side(SocketChannel.open());
        client.other = upstream;
        upstream.other = client;
        client.key = accepted.register(selector, 0, client);
        boolean isConnected = upstream.channel.connect(backend);
        upstream.key = upstream.channel.register(selector, SelectionKey.OP_CONNECT, upstream);
        if (isConnected) {
            connected(upstream);
        }
    }

    private static void connected(Side upstream) throws IOException {
        upstream.channel.finishConnect();
        upstream.interest();
        upstream.other.interest();
    }

    private void pass(Side from) throws IOException {
        Side to = from.other;
        if (from.channel.read(buffer.clear()) < 0) {
            ended(from, to);
            return;
        }
        to.channel.write(buffer.flip());
        if (buffer.hasRemaining()) {
            to.rest = ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip();
            to.interest();
            from.interest();
        }
    }

    private static void ended(Side from, Side to) throws IOException {
        from.hasEnded = true;
        from.interest();
        to.channel.shutdownOutput(); // nothing is left for it, or this side would not have been read
        if (to.hasEnded) {
            from.channel.close();
            to.channel.close();
        }
    }

    private static void writeRest(Side side) throws IOException {
        side.channel.write(side.rest);
        if (!side.rest.hasRemaining()) {
            side.rest = null;
            side.interest();
            side.other.interest();
        }
    }

    private static void reset(Side side) {
        try {
            if (side.channel.isOpen()) {
                side.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                side.channel.close();
            }
        } catch (IOException e) {
            // Nobody to tell, and nothing left to do.
        }
    }
}
