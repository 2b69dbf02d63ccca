// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Connections that are held, the first of which echo. For one thread; nothing is allocated for a message. */
final class Crowd implements AutoCloseable {
    private static final int BATCH = 512; // fewer than any server's backlog
    private static final int SOURCES = 8; // an address has 28,000 ports
    private static final int PATIENCE_MILLIS = 20_000;

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final Pattern pattern = new Pattern();
    private final Consumer<SelectionKey> onReady = this::ready;
    private final List<Client> clients = new ArrayList<>();

    // Of the window that runs.
    private boolean sending;
    private long messages;
    private long underWay;

    Crowd(InetSocketAddress server) throws IOException {
        this.server = server;
    }

    /** Opens or resets connections until there are so many. */
    void hold(int number) throws IOException {
        while (clients.size() > number) {
            clients.remove(clients.size() - 1).channel().close();
        }
        selector.selectNow(); // a closed channel holds its descriptor until then
        while (clients.size() < number) {
            int from = clients.size();
            int to = Math.min(number, from + BATCH);
            for (int i = from; i < to; i++) {
                clients.add(open(i));
            }
            exchange(from, to, 1, Pattern.PERIOD_BYTES, 0);
        }
    }

    private Client open(int number) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_LINGER, 0); // ends with a reset, which leaves no port in TIME_WAIT
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress("127.0.0." + (2 + number % SOURCES), 0));
        channel.connect(server);
        channel.configureBlocking(false);
        Client client = new Client(channel, number);
        channel.register(selector, SelectionKey.OP_READ, client);
        return client;
    }

    /**
     * Keeps so many messages under way on each of the first connections for a time.
     *
     * @param messageBytes a multiple of {@link Pattern#PERIOD_BYTES}
     */
    Timed echo(int connections, int outstanding, int messageBytes, long nanos) throws IOException {
        long begun = System.nanoTime();
        exchange(0, connections, outstanding, messageBytes, begun + nanos);
        return new Timed(messages, System.nanoTime() - begun);
    }

    /** Sends one message after the other on the first connection for a time, and returns what half of them took at most. */
    long medianNanos(long nanos) throws IOException {
        LongStream.Builder times = LongStream.builder();
        long end = System.nanoTime() + nanos;
        long now;
        do {
            long begun = System.nanoTime();
            exchange(0, 1, 1, Pattern.PERIOD_BYTES, 0);
            now = System.nanoTime();
            times.add(now - begun);
        } while (now - end < 0);
        long[] sorted = times.build().sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void exchange(int from, int to, int outstanding, int messageBytes, long deadline) throws IOException {
        messages = 0;
        underWay = (long) (to - from) * outstanding;
        sending = deadline != 0;
        for (int i = from; i < to; i++) {
            clients.get(i).messageBytes(messageBytes);
            send(clients.get(i), outstanding);
        }
        while (underWay > 0) {
            if (selector.select(onReady, PATIENCE_MILLIS) == 0) {
                throw new IOException(underWay + " messages did not come back within " + PATIENCE_MILLIS + " ms");
            }
            sending = sending && System.nanoTime() - deadline < 0;
        }
    }

    // A socket that takes no more is written to when it does.
    private void send(Client client, int number) throws IOException {
        boolean waited = client.isSending();
        client.send(pattern, number);
        if (client.isSending() != waited) {
            wait(client);
        }
    }

    private void wait(Client client) {
        int interest = SelectionKey.OP_READ | (client.isSending() ? SelectionKey.OP_WRITE : 0);
        client.channel().keyFor(selector).interestOps(interest);
    }

    private void ready(SelectionKey key) {
        try {
            Client client = (Client) key.attachment();
            if (key.isWritable()) {
                client.sendOn(pattern);
                wait(client);
            }
            if (!key.isReadable()) {
                return;
            }
            int whole = client.receive(pattern);
            messages += whole;
            if (sending && whole > 0) {
                send(client, whole);
            } else {
                underWay -= whole;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        hold(0);
        selector.close();
    }
}
