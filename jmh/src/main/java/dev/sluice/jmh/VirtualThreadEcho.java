// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Echo with blocking calls, each connection on a virtual thread of its own, with a buffer of 1 KiB: the fewest bytes that
 * hold what is sent to it at once.
 */
final class VirtualThreadEcho implements EchoServer, Runnable {
    private static final int BUFFER_BYTES = 1024;
    private static final int BACKLOG = 4096;

    private final ExecutorService threads = virtualThreads();
    private final ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getByName("127.0.0.1"));
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    VirtualThreadEcho() throws IOException {
        threads.execute(this);
    }

    // By its name, since the benchmarks are compiled for Java 17.
    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException(
                    "virtual threads need JDK 21, this is " + Runtime.version().feature(), e);
        }
    }

    @Override
    public int port() {
        return listener.getLocalPort();
    }

    @Override
    public void stop() throws InterruptedException {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException("a socket can't be closed", e);
        }
        threads.shutdown();
    }

    @Override
    public void run() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                threads.execute(() -> echo(socket));
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                throw new IllegalStateException("accept failed", e);
            }
        }
    }

    private void echo(Socket socket) {
        try (socket) {
            byte[] buffer = new byte[BUFFER_BYTES];
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            int bytes;
            while ((bytes = in.read(buffer)) >= 0) {
                out.write(buffer, 0, bytes);
            }
        } catch (IOException e) {
            // reset by the client, or this end is stopping
        } finally {
            open.remove(socket);
        }
    }
}
