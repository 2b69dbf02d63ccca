// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The tap passes on everything, also to those that read slowly, and ends with either side. */
final class TapTest {
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);

    @Test
    void everythingPassesHoweverMuchItIs() throws Exception {
        byte[] much = new byte[20 << 20];
        new Random(3).nextBytes(much);
        try (Server backend = Echo.server(ANY_PORT).start();
                Server tap = Tap.server(ANY_PORT, backend.address(), null, (connection, from, bytes) -> bytes)
                        .start();
                Socket client = new Socket("127.0.0.1", tap.port())) {
            client.setSoTimeout(30_000);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, much));
            assertArrayEquals(much, client.getInputStream().readNBytes(much.length));
            writing.join();
            client.shutdownOutput();
            assertEquals(-1, client.getInputStream().read());
            await(() -> backend.connections() == 0 && tap.connections() == 0, () -> "all end, but " + tap.explain());
        }
    }

    private static void write(Socket to, byte[] bytes) {
        try {
            to.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aBackendMaySpeakFirstAndEndFirst() throws Exception {
        try (ServerSocket backend = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Server tap = Tap.server(
                                ANY_PORT, backend.getLocalSocketAddress(), null, (connection, from, bytes) -> bytes)
                        .start();
                Socket client = new Socket("127.0.0.1", tap.port())) {
            client.setSoTimeout(30_000);
            try (Socket accepted = backend.accept()) {
                accepted.getOutputStream().write("220 ready\n".getBytes());
            }
            assertEquals("220 ready\n", new String(client.getInputStream().readAllBytes()));
        }
    }

    @Test
    void withoutABackendTheClientIsLetGoAndTheWatcherIsToldWhy() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        Tap.Watcher watcher = new Tap.Watcher() {
            @Override
            public ByteBuffer passing(long connection, Tap.From from, ByteBuffer bytes) {
                return bytes;
            }

            @Override
            public void failed(long connection, Throwable why) {
                told.complete(why.getMessage());
            }
        };
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = closed.getLocalPort();
        }
        try (Server tap = Tap.server(ANY_PORT, new InetSocketAddress("127.0.0.1", nobody), null, watcher)
                        .start();
                Socket client = new Socket("127.0.0.1", tap.port())) {
            client.setSoTimeout(30_000);
            int read;
            try {
                read = client.getInputStream().read();
            } catch (IOException e) { // reset
                read = -1;
            }
            assertEquals(-1, read);
            String why = told.get(30, TimeUnit.SECONDS);
            assertTrue(why.startsWith("cannot connect to 127.0.0.1:" + nobody), why);
            await(() -> tap.connections() == 0, () -> "it ends, but " + tap.explain());
        }
    }
}
