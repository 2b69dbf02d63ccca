// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Connections that live for one message: connect, echo, reset. For one thread. */
final class ShortConnections implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final Pattern pattern = new Pattern();

    // Of the window that runs.
    private long deadline;
    private long done;
    private int open;

    ShortConnections(InetSocketAddress server) throws IOException {
        this.server = server;
    }

    /** Keeps so many connections in some state of their lives for a time, and lets the last ones end. */
    Timed run(int atOnce, long nanos) throws IOException {
        long begun = System.nanoTime();
        deadline = begun + nanos;
        done = 0;
        for (int i = 0; i < atOnce; i++) {
            begin();
        }
        while (open > 0) {
            if (selector.select(this::ready, PATIENCE_MILLIS) == 0 && open > 0) {
                throw new IOException(open + " connections got no further within " + PATIENCE_MILLIS + " ms");
            }
        }
        Timed timed = new Timed(done, System.nanoTime() - begun);
        selector.selectNow(); // resets the last ones: a registered channel's descriptor is closed by the next selection
        return timed;
    }

    private void begin() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        open++;
        Client client = new Client(channel, open);
        boolean connected = channel.connect(server);
        channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, client);
        if (connected) {
            client.send(pattern, 1);
        }
    }

    private void ready(SelectionKey key) {
        try {
            Client client = (Client) key.attachment();
            if (key.isConnectable()) {
                client.channel().finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                client.send(pattern, 1);
            } else if (client.receive(pattern) > 0) {
                end(client);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void end(Client client) throws IOException {
        client.channel().close();
        open--;
        done++;
        if (System.nanoTime() - deadline < 0) {
            begin();
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
