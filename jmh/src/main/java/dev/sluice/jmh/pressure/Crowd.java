// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Peers that send requests for large replies, a thousand times a second in turn, and never read. Who is ended comes again. */
final class Crowd implements AutoCloseable {
    private static final byte[] REQUESTS = "L\n".repeat(40).getBytes(StandardCharsets.US_ASCII);
    private static final int RECEIVE_BUFFER = 4096;
    private static final long PAUSE_NANOS = 10_000_000;
    private static final int PER_PAUSE = 10;

    private final InetSocketAddress server;
    private final SocketChannel[] peers;
    private final CountDownLatch pressing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::press, "crowd");
    private volatile boolean stopped;
    private volatile long opened;
    private volatile Throwable failure;

    Crowd(InetSocketAddress server, int number) {
        this.server = server;
        this.peers = new SocketChannel[number];
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until each has come and has sent its requests. */
    void awaitPressing() throws InterruptedException, IOException {
        if (!pressing.await(5, TimeUnit.MINUTES) || failure != null) {
            throw new IOException("the crowd did not come: " + failure, failure);
        }
    }

    /** How many connections were opened. */
    long opened() {
        return opened;
    }

    private void press() {
        try {
            for (int i = 0; i < peers.length; i++) {
                sendAgain(i);
            }
            pressing.countDown();
            for (int i = 0; !stopped; i = (i + 1) % peers.length) {
                sendAgain(i);
                if (i % PER_PAUSE == 0) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            failure = e;
            pressing.countDown();
        }
    }

    private void sendAgain(int i) throws IOException {
        SocketChannel peer = peers[i];
        try {
            if (peer != null) {
                peer.write(ByteBuffer.wrap(REQUESTS)); // takes nothing if the server doesn't read any more
                return;
            }
        } catch (IOException e) {
            peer.close(); // it was ended, and comes again
        }
        peers[i] = open();
        peers[i].write(ByteBuffer.wrap(REQUESTS));
    }

    private SocketChannel open() throws IOException {
        SocketChannel peer = SocketChannel.open();
        peer.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        peer.setOption(StandardSocketOptions.SO_LINGER, 0); // no port waits for what comes late
        peer.connect(server);
        peer.configureBlocking(false);
        opened++; // written by this thread only
        return peer;
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SocketChannel peer : peers) {
            if (peer != null) {
                peer.close();
            }
        }
    }
}
