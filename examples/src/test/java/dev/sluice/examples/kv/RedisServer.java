// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.examples.Await;
import dev.sluice.examples.programs.Program;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A real Redis on a free port, and where Redis' programs are. */
public final class RedisServer implements AutoCloseable {
    private final Process process;

    /** Where it listens, on 127.0.0.1. */
    public final int port;

    private RedisServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Skips the test, and says so, if a program isn't there. */
    public static String installed(String program) {
        return Program.installed(program, program.equals("redis-server") ? program : "redis-tools");
    }

    /** Starts one that keeps nothing on disk. */
    public static RedisServer start() throws IOException {
        String program = installed("redis-server");
        int port = Program.freePort();
        Process process = new ProcessBuilder(
                        program, "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
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
}
