// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** One end of a connection, and how far it is in its stream. */
final class Client {
    private final SocketChannel channel;
    private final int phase;
    private long received;

    Client(SocketChannel channel, int number) {
        this.channel = channel;
        this.phase = number % Pattern.MESSAGE_BYTES;
    }

    SocketChannel channel() {
        return channel;
    }

    void send(Pattern pattern, int messages) throws IOException {
        pattern.send(channel, phase, messages);
    }

    /** Reads what is there, and returns how many messages it completed. */
    int receive(Pattern pattern) throws IOException {
        long before = received / Pattern.MESSAGE_BYTES;
        received += pattern.receive(channel, phase, received);
        return (int) (received / Pattern.MESSAGE_BYTES - before);
    }
}
