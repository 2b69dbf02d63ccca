// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** One provider under observation, and the transcript of what it did. Closes whatever was opened here. */
final class Lab implements AutoCloseable {
    private static final int SMALL_BUFFER = 32 * 1024;
    private static final long SETTLED_NANOS = 150_000_000; // for a busy kernel to carry what it has
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    final SelectorProvider provider;
    final List<String> transcript = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    Lab(SelectorProvider provider) {
        this.provider = provider;
    }

    /** A connected client, and what the server accepted; neither blocks. */
    record Pair(SocketChannel client, SocketChannel server) {}

    /** What is done in a case. */
    interface Body {
        void run(Lab lab) throws Exception;
    }

    void note(String what, Object value) {
        transcript.add(what + ": " + value);
    }

    /** Notes what comes of it: a value, or an exception with its message. */
    void attempt(String what, Callable<?> action) {
        try {
            Object value = action.call();
            boolean itself = value instanceof SelectableChannel || value instanceof Selector;
            note(what, itself || value instanceof SelectionKey ? "done" : value);
        } catch (Exception e) {
            note(what, e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    // ---- making things

    SocketChannel socket() throws IOException {
        SocketChannel channel = keep(provider.openSocketChannel());
        channel.configureBlocking(false);
        return channel;
    }

    ServerSocketChannel serverSocket() throws IOException {
        ServerSocketChannel channel = keep(provider.openServerSocketChannel());
        channel.configureBlocking(false);
        return channel;
    }

    ServerSocketChannel listen(int backlog) throws IOException {
        return serverSocket().bind(any("127.0.0.1"), backlog);
    }

    /** Two ends whose buffers have a size of their own, which the kernel would else make larger by and by. */
    Pair pairWithSmallBuffers() throws IOException {
        ServerSocketChannel listener = serverSocket();
        listener.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
        listener.bind(any("127.0.0.1"));
        SocketChannel client = socket();
        client.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER);
        return pair(listener, client);
    }

    ServerSocketChannel listen() throws IOException {
        return listen(50);
    }

    Selector selector() throws IOException {
        return keep(provider.openSelector());
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    Pair pair() throws IOException {
        return pair(listen());
    }

    Pair pair(ServerSocketChannel listener) throws IOException {
        return pair(listener, socket());
    }

    Pair pair(ServerSocketChannel listener, SocketChannel client) throws IOException {
        client.connect(listener.getLocalAddress());
        return finish(listener, client);
    }

    Pair finish(ServerSocketChannel listener, SocketChannel client) throws IOException {
        await(client, SelectionKey.OP_CONNECT);
        client.finishConnect();
        return new Pair(client, accept(listener));
    }

    SocketChannel accept(ServerSocketChannel listener) throws IOException {
        await(listener, SelectionKey.OP_ACCEPT);
        SocketChannel server = keep(listener.accept());
        server.configureBlocking(false);
        return server;
    }

    /** A port on which nobody listens. */
    InetSocketAddress nobody() throws IOException {
        ServerSocketChannel listener = listen();
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        listener.close();
        return address;
    }

    static InetSocketAddress any(String host) {
        return new InetSocketAddress(host, 0);
    }

    static int port(ServerSocketChannel listener) throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    // ---- waiting, on a selector of its own

    /** Waits until the channel is ready, and fails if it isn't in a very long time. */
    void await(SelectableChannel channel, int ops) throws IOException {
        if (!isReadyWithin(channel, ops, DEADLINE_NANOS)) {
            throw new AssertionError(channel + " was not ready for " + ops + " in 20 s");
        }
    }

    /** Whether the channel gets ready within a few moments. */
    boolean isReady(SelectableChannel channel, int ops) throws IOException {
        return isReadyWithin(channel, ops, 30_000_000);
    }

    private boolean isReadyWithin(SelectableChannel channel, int ops, long nanos) throws IOException {
        try (Selector waiting = provider.openSelector()) {
            SelectionKey key = channel.register(waiting, ops);
            boolean[] ready = {false};
            long end = System.nanoTime() + nanos;
            do {
                waiting.select(k -> ready[0] |= k == key, Math.min(100, nanos / 1_000_000));
            } while (!ready[0] && nanos > 1_000_000_000 && System.nanoTime() - end < 0);
            return ready[0];
        }
    }

    // ---- bytes

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Waits for input and reads once; notes what came. */
    void read(String what, SocketChannel channel) throws IOException {
        await(channel, SelectionKey.OP_READ);
        readNow(what, channel);
    }

    void readNow(String what, SocketChannel channel) {
        attempt(what, () -> {
            ByteBuffer into = ByteBuffer.allocate(1000);
            int n = channel.read(into);
            return n + " '" + new String(into.array(), 0, Math.max(0, n), StandardCharsets.ISO_8859_1) + "'";
        });
    }

    void write(String what, SocketChannel channel, String text) {
        attempt(what, () -> channel.write(bytes(text)));
    }

    /** Writes until nothing more is taken; returns how much was. */
    long fill(SocketChannel channel) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(64 * 1024);
        long total = 0;
        do {
            for (int n = channel.write(chunk); n > 0; n = channel.write(chunk.clear())) {
                total += n;
            }
        } while (isReadyWithin(channel, SelectionKey.OP_WRITE, SETTLED_NANOS));
        return total;
    }

    /** Reads so many bytes, waiting for them. */
    void drain(SocketChannel channel, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(64 * 1024);
        for (long left = bytes; left > 0; ) {
            await(channel, SelectionKey.OP_READ);
            left -= channel.read(chunk.clear());
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
    }
}
