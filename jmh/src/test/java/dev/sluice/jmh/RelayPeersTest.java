// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay that drops something is no peer to be measured beside. */
class RelayPeersTest {
    private static final int PIECES = 256;
    private static final int PIECE_BYTES = 64 << 10;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final Executor THREADS = task -> new Thread(task, "relay-peers-test").start();

    private ServerSocket backend;
    private EchoServer relay;

    private interface Task {
        int run() throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        backend = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        backend.setSoTimeout(PATIENCE_MILLIS);
    }

    @AfterEach
    void stop() throws Exception {
        backend.close();
        relay.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "nio", "netty"})
    void moreThanFitsIntoBuffersComesBackWholeBehindTheEndOfTheClientsStream(String name) throws Exception {
        start(name);
        CompletableFuture<Integer> echoed = async(this::echo);
        try (Socket client = connect()) {
            CompletableFuture<Integer> sent = async(() -> send(client));
            assertEquals(PIECES * PIECE_BYTES, count(client.getInputStream()));
            assertEquals(PIECES, sent.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
        }
        assertEquals(PIECES * PIECE_BYTES, echoed.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "nio", "netty"})
    void aClientsResetArrivesAsAReset(String name) throws Exception {
        start(name);
        try (Socket client = connect();
                Socket accepted = accept()) {
            roundTrip(client, accepted);
            reset(client);
            assertThrows(SocketException.class, () -> accepted.getInputStream().read());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "nio", "netty"})
    void aBackendsResetArrivesAsAReset(String name) throws Exception {
        start(name);
        try (Socket client = connect();
                Socket accepted = accept()) {
            roundTrip(client, accepted);
            reset(accepted);
            assertThrows(SocketException.class, () -> client.getInputStream().read());
        }
    }

    private void start(String name) throws Exception {
        relay = Peers.start("relay/" + name + "/" + backend.getLocalPort());
    }

    private Socket connect() throws IOException {
        return patient(new Socket(InetAddress.getLoopbackAddress(), relay.port()));
    }

    private Socket accept() throws IOException {
        return patient(backend.accept());
    }

    private static Socket patient(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** Sends back what comes, and ends when it has ended. */
    private int echo() throws IOException {
        try (Socket accepted = accept()) {
            return (int) accepted.getInputStream().transferTo(accepted.getOutputStream());
        }
    }

    /** Sends pieces that differ, and ends its stream. */
    private static int send(Socket client) throws IOException {
        OutputStream out = client.getOutputStream();
        byte[] piece = new byte[PIECE_BYTES];
        for (int i = 0; i < PIECES; i++) {
            for (int at = 0; at < PIECE_BYTES; at++) {
                piece[at] = at(i * PIECE_BYTES + at);
            }
            out.write(piece);
        }
        client.shutdownOutput();
        return PIECES;
    }

    private static int count(InputStream in) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        int count = 0;
        int n;
        while ((n = in.read(piece)) >= 0) {
            for (int i = 0; i < n; i++) {
                if (piece[i] != at(count + i)) {
                    throw new IOException("byte " + (count + i) + " is another");
                }
            }
            count += n;
        }
        return count;
    }

    private static byte at(int position) {
        return (byte) (position * 31 + position / 251);
    }

    private static void roundTrip(Socket client, Socket accepted) throws IOException {
        client.getOutputStream().write(1);
        assertEquals(1, accepted.getInputStream().read());
        accepted.getOutputStream().write(2);
        assertEquals(2, client.getInputStream().read());
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static CompletableFuture<Integer> async(Task task) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        THREADS.execute(() -> {
            try {
                future.complete(task.run());
            } catch (Exception e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }
}
