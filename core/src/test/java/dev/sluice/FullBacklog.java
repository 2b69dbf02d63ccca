// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A listening socket that nobody accepts from, with as many connections in its backlog as it takes: others get no answer. */
final class FullBacklog implements AutoCloseable {
    private static final int MORE_THAN_IT_TAKES = 8; // Linux takes one more than the backlog, and forgets those behind

    private final ServerSocket listening;
    private final List<SocketChannel> waiting = new ArrayList<>();

    FullBacklog(InetSocketAddress at) throws IOException {
        listening = new ServerSocket(at.getPort(), 1, at.getAddress());
        for (int i = 0; i < MORE_THAN_IT_TAKES; i++) {
            SocketChannel client = SocketChannel.open();
            waiting.add(client);
            client.configureBlocking(false);
            client.connect(listening.getLocalSocketAddress());
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel client : waiting) {
            client.close();
        }
        listening.close();
    }
}
