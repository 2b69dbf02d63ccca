// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Keeps a fixed number of messages under way on each of its connections: as soon as some have come back, as many are
 * sent again. One selector and one buffer, driven by the caller's thread.
 */
final class EchoClient implements AutoCloseable {
    private final Selector selector = Selector.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
    private final ByteBuffer out;
    private final int messageBytes;
    private final int outstanding;
    private int toSend;
    private int toCome;

    EchoClient(int port, int connections, int outstanding, int messageBytes) throws IOException {
        this.outstanding = outstanding;
        this.messageBytes = messageBytes;
        this.out = ByteBuffer.allocateDirect(outstanding * messageBytes);
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Flow());
        }
    }

    /** Sends so many messages in all and returns when every one has come back. */
    void exchange(int messages) throws IOException {
        toSend = messages;
        toCome = messages;
        for (SelectionKey key : selector.keys()) {
            send(key, outstanding);
        }
        while (toCome > 0) {
            selector.select(this::ready);
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    private void ready(SelectionKey key) {
        try {
            int n = ((SocketChannel) key.channel()).read(in.clear());
            if (n < 0) {
                throw new EOFException("the server has closed the connection");
            }
            Flow flow = (Flow) key.attachment();
            flow.bytes += n;
            int whole = flow.bytes / messageBytes;
            flow.bytes -= whole * messageBytes;
            toCome -= whole;
            send(key, whole);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(SelectionKey key, int messages) throws IOException {
        int n = Math.min(messages, toSend);
        if (n == 0) {
            return;
        }
        toSend -= n;
        ((SocketChannel) key.channel()).write(out.position(0).limit(n * messageBytes));
        if (out.hasRemaining()) {
            throw new IOException("a window of " + outstanding + " messages does not fit the socket's buffer");
        }
    }

    /** Bytes of a message that has come back in part. */
    private static final class Flow {
        int bytes;
    }
}
