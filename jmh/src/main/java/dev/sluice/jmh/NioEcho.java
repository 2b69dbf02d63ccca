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
 * The floor: echo in the fewest lines of {@code java.nio} that are still right. One selector, one direct buffer, no
 * object per connection; only what the socket would not take is kept, as the key's attachment, until it does. It has no
 * limits, no deadlines, no order of closing, and reports nothing: what a server needs on top of this is what a library
 * may cost.
 */
final class NioEcho implements EchoServer, Runnable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final Thread thread = new Thread(this, "nio-echo");
    private volatile boolean stopping;

    NioEcho() throws IOException {
        listener.bind(new InetSocketAddress("127.0.0.1", 0), 4096);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        thread.start();
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
        try {
            if (key.isAcceptable()) {
                acceptAll();
            } else if (key.isWritable()) {
                writeRest(key);
            } else {
                echo(key);
            }
        } catch (IOException e) {
            closeQuietly(key);
        }
    }

    private void acceptAll() throws IOException {
        SocketChannel channel;
        while ((channel = listener.accept()) != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        if (channel.read(buffer.clear()) < 0) {
            channel.close();
            return;
        }
        channel.write(buffer.flip());
        if (buffer.hasRemaining()) {
            key.attach(ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip());
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    private static void writeRest(SelectionKey key) throws IOException {
        ByteBuffer rest = (ByteBuffer) key.attachment();
        ((SocketChannel) key.channel()).write(rest);
        if (!rest.hasRemaining()) {
            key.attach(null);
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private static void closeQuietly(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            // Nobody to tell, and nothing left to do.
        }
    }
}
