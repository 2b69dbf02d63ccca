// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Messages of 64 different bytes, all in one direct buffer: a stream is the same 64 bytes again and again, and neighbouring
 * connections begin at different ones, so that a byte that is lost, doubled or another's is found. For one thread.
 */
final class Pattern {
    static final int MESSAGE_BYTES = 64;

    private static final int READ_BYTES = 64 * 1024;

    private final ByteBuffer sent = ByteBuffer.allocateDirect(READ_BYTES + 2 * MESSAGE_BYTES);
    private final ByteBuffer got = ByteBuffer.allocateDirect(READ_BYTES);

    Pattern() {
        for (int i = 0; i < sent.capacity(); i++) {
            sent.put(i, (byte) (i % MESSAGE_BYTES * 3 + 1));
        }
    }

    /** Sends so many messages at once. */
    void send(SocketChannel channel, int phase, int messages) throws IOException {
        int bytes = messages * MESSAGE_BYTES;
        sent.limit(phase + bytes).position(phase);
        if (channel.write(sent) < bytes) {
            throw new IOException("a socket took fewer than " + bytes + " bytes; the server doesn't read");
        }
    }

    /**
     * Reads what is there, and returns how many bytes.
     *
     * @param phase where the stream began
     * @param received bytes of it that came before
     */
    int receive(SocketChannel channel, int phase, long received) throws IOException {
        int bytes = channel.read(got.clear());
        if (bytes < 0) {
            throw new EOFException("the server has closed a connection");
        }
        int from = (int) ((phase + received) % MESSAGE_BYTES);
        sent.limit(from + bytes).position(from);
        if (sent.mismatch(got.flip()) >= 0) {
            throw new IOException("the server sent back other bytes than it got");
        }
        return bytes;
    }
}
