// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Streams of the same 64 different bytes again and again, all in one direct buffer; neighbouring connections begin at
 * different ones, so that a byte that is lost, doubled or another's is found. For one thread.
 */
final class Pattern {
    static final int PERIOD_BYTES = 64;

    private static final int BUFFER_BYTES = 64 * 1024;

    private final ByteBuffer sent = ByteBuffer.allocateDirect(BUFFER_BYTES + PERIOD_BYTES);
    private final ByteBuffer got = ByteBuffer.allocateDirect(BUFFER_BYTES);

    Pattern() {
        for (int i = 0; i < sent.capacity(); i++) {
            sent.put(i, (byte) (i % PERIOD_BYTES * 3 + 1));
        }
    }

    /**
     * Sends up to so many bytes, and returns how many the socket took.
     *
     * @param position in the stream
     */
    long send(SocketChannel channel, long position, long bytes) throws IOException {
        long taken = 0;
        while (taken < bytes) {
            int from = (int) ((position + taken) % PERIOD_BYTES);
            int length = (int) Math.min(bytes - taken, BUFFER_BYTES);
            sent.limit(from + length).position(from);
            int n = channel.write(sent);
            taken += n;
            if (n < length) {
                break;
            }
        }
        return taken;
    }

    /**
     * Reads what is there, and returns how many bytes.
     *
     * @param position in the stream
     */
    int receive(SocketChannel channel, long position) throws IOException {
        int bytes = channel.read(got.clear());
        if (bytes < 0) {
            throw new EOFException("the server has closed a connection");
        }
        int from = (int) (position % PERIOD_BYTES);
        sent.limit(from + bytes).position(from);
        if (sent.mismatch(got.flip()) >= 0) {
            throw new IOException("the server sent back other bytes than it got");
        }
        return bytes;
    }
}
