// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** One end of a connection, and how far it is in its stream. */
final class Client {
    private final SocketChannel channel;
    private final int phase;
    private int messageBytes = Pattern.PERIOD_BYTES;
    private long received; // since the message size was set, as the next three
    private long sent;
    private long toSend;

    Client(SocketChannel channel, int number) {
        this.channel = channel;
        this.phase = number % Pattern.PERIOD_BYTES;
    }

    SocketChannel channel() {
        return channel;
    }

    /** From now on messages are so long, a multiple of {@link Pattern#PERIOD_BYTES}; none is under way. */
    void messageBytes(int bytes) {
        messageBytes = bytes;
        received = 0;
        sent = 0;
        toSend = 0;
    }

    /** Sends so many messages more, as far as the socket takes them. */
    void send(Pattern pattern, int messages) throws IOException {
        toSend += (long) messages * messageBytes;
        sendOn(pattern);
    }

    /** Sends what the socket has not taken yet. */
    void sendOn(Pattern pattern) throws IOException {
        long n = pattern.send(channel, phase + sent, toSend);
        sent += n;
        toSend -= n;
    }

    boolean isSending() {
        return toSend > 0;
    }

    /** Reads what is there, and returns how many messages it completed. */
    int receive(Pattern pattern) throws IOException {
        long before = received / messageBytes;
        received += pattern.receive(channel, phase + received);
        return (int) (received / messageBytes - before);
    }
}
