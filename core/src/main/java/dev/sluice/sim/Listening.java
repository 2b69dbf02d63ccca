// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/** A listening socket of the simulated kernel: connections are completed here until somebody accepts them. */
final class Listening {
    final InetSocketAddress local;
    int receiveBytes; // of the connections that it will complete
    private final Network network;
    private final int backlog;
    private final ArrayDeque<Tcp> queue = new ArrayDeque<>();
    private final ArrayDeque<Tcp> halfOpen = new ArrayDeque<>();
    private Owner owner;
    private boolean closed;

    Listening(Network network, InetSocketAddress local, int backlog) {
        this.network = network;
        this.local = local;
        this.backlog = backlog;
        this.receiveBytes = network.bufferBytes;
    }

    void owner(Owner newOwner) {
        owner = newOwner;
    }

    /** As in Linux, one more than the backlog fits in. */
    boolean isFull() {
        return queue.size() + halfOpen.size() > backlog;
    }

    /** The second of three packets was sent for this connection. */
    void begin(Tcp server) {
        server.handshake = this;
        halfOpen.add(server);
    }

    /** The third was received. */
    void completed(Tcp server) {
        halfOpen.remove(server);
        if (closed) {
            return;
        }
        queue.add(server);
        owner.changed();
    }

    /** The client gave up before that. */
    void abandoned(Tcp server) {
        halfOpen.remove(server);
    }

    /** A connection, or null if there is none. */
    Tcp accept() {
        Tcp server = queue.poll();
        if (server != null) {
            owner.changed();
        }
        return server;
    }

    boolean hasWaiting() {
        return !queue.isEmpty();
    }

    int backlog() {
        return backlog;
    }

    /** Resets what nobody has accepted. */
    void close() {
        closed = true;
        owner = () -> {};
        network.ports.release(this);
        for (Tcp server : halfOpen) {
            server.handshake = null;
            server.close(true);
        }
        for (Tcp server : queue) {
            server.close(true);
        }
        halfOpen.clear();
        queue.clear();
    }
}
