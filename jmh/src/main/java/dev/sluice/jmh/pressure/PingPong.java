// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that behaves: it sends a line, reads it back, and only then sends the next. For one thread. */
final class PingPong implements AutoCloseable {
    private static final byte[] REQUEST = "hello\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_TRIPS = 1 << 20;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    PingPong(InetSocketAddress server) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(server, TIMEOUT_MILLIS);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** Makes round trips for that time, and returns how long each took in microseconds, the shortest first. */
    double[] micros(long nanos) throws IOException {
        double[] micros = new double[MOST_TRIPS];
        int trips = 0;
        long begin = System.nanoTime();
        for (long sent = begin; sent - begin < nanos && trips < MOST_TRIPS; trips++) {
            out.write(REQUEST);
            if (in.readNBytes(REQUEST.length).length < REQUEST.length) {
                throw new IOException("the client that behaves was hung up on");
            }
            long now = System.nanoTime();
            micros[trips] = (now - sent) / 1e3;
            sent = now;
        }
        double[] sorted = Arrays.copyOf(micros, trips);
        Arrays.sort(sorted);
        return sorted;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
