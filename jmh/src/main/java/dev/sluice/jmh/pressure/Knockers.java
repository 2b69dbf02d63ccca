// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** Clients that connect, say a line, and await it back; each is served, refused in words, reset, or waits. For one thread. */
final class Knockers implements AutoCloseable {
    private static final byte[] LINE = "x\n".getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(64);
    private final ArrayDeque<SelectionKey> held = new ArrayDeque<>();
    private int answers;
    private int refused;
    private int lost;

    Knockers(int port) throws IOException {
        server = new InetSocketAddress("127.0.0.1", port);
    }

    /** Lets that many more begin to connect. */
    void knock(int number) throws IOException {
        for (int i = 0; i < number; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_CONNECT);
            channel.connect(server);
        }
    }

    /** Serves all that has come, for at most so long. */
    void step(long millis) throws IOException {
        selector.select(this::ready, millis);
    }

    /** Goes on for so long. */
    void run(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            step(left);
        }
    }

    private void ready(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable() && channel.finishConnect()) {
                key.interestOps(SelectionKey.OP_READ);
                channel.write(ByteBuffer.wrap(LINE));
            } else if (key.isReadable()) {
                read(key, channel);
            }
        } catch (IOException e) {
            lose(key);
        }
    }

    private void read(SelectionKey key, SocketChannel channel) throws IOException {
        if (channel.read(in.clear()) < 0) {
            lose(key);
        } else if (in.get(0) == 'f') {
            refused++;
            channel.close();
        } else {
            answers++;
            if (key.attachment() == null) {
                key.attach(held);
                held.add(key);
            }
        }
    }

    private void lose(SelectionKey key) {
        lost++;
        held.remove(key);
        close(key);
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Lets each that was served say a line once more; returns how many there are. */
    int ask() throws IOException {
        for (SelectionKey key : held) {
            ((SocketChannel) key.channel()).write(ByteBuffer.wrap(LINE));
        }
        return held.size();
    }

    /** Lets that many that were served hang up, those first that were served first. */
    void hangUp(int number) throws IOException {
        for (int i = 0; i < number; i++) {
            close(held.remove());
        }
        selector.selectNow(this::ready); // only now their descriptors are closed
    }

    int held() {
        return held.size();
    }

    /** Lines that came back so far. */
    int answers() {
        return answers;
    }

    int refused() {
        return refused;
    }

    int lost() {
        return lost;
    }

    @Override
    public void close() throws IOException {
        selector.keys().forEach(Knockers::close);
        selector.close();
    }
}
