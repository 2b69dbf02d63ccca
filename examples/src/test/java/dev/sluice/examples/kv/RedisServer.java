// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.examples.Await;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A real Redis on a free port, and whether Redis' programs are installed. */
final class RedisServer implements AutoCloseable {
    private final Process process;
    final int port;

    private RedisServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Skips the test, and says so, if a program isn't there. */
    static void assumeInstalled(String program) {
        boolean installed = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> new File(directory, program).canExecute());
        assumeTrue(installed, program + " is not installed");
    }

    static RedisServer start() throws IOException {
        assumeInstalled("redis-server");
        int port = freePort();
        Process process = new ProcessBuilder(
                        "redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        RedisServer server = new RedisServer(process, port);
        try {
            Await.await(server::listens, () -> "redis-server on port " + port);
        } catch (AssertionError e) {
            server.close();
            throw e;
        }
        return server;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean listens() {
        if (!process.isAlive()) {
            throw new AssertionError("redis-server ended with " + process.exitValue());
        }
        try (RespClient client = new RespClient(port)) {
            client.send("PING~").expect("+PONG~");
            return true;
        } catch (IOException | AssertionError e) {
            return false; // not yet
        }
    }

    // Somebody else may take it before the server does, which is unlikely: the kernel gives ports out in turn.
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
