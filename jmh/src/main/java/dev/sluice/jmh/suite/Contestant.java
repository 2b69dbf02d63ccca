// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Measured;
import java.io.IOException;
import java.util.Arrays;

/** A server's process and that of its clients, both idle unless they are asked. For one thread. */
final class Contestant implements AutoCloseable {
    static final int SMALL = 64; // bytes of a message, unless its length is said

    private final String name;
    private final Measured server;
    private final Child load;

    Contestant(String name, Measured server, Child load) {
        this.name = name;
        this.server = server;
        this.load = load;
    }

    String name() {
        return name;
    }

    /** Opens or ends connections until there are so many. */
    void hold(int connections) throws IOException, InterruptedException {
        load.ask("hold " + connections);
    }

    /** Echoes on the first connections, with so many messages of 64 bytes under way on each. */
    Window echo(int connections, int outstanding, int millis) throws IOException, InterruptedException {
        return echo(connections, outstanding, SMALL, millis);
    }

    /** The same with messages of another length, a multiple of 64. */
    Window echo(int connections, int outstanding, int bytes, int millis) throws IOException, InterruptedException {
        return window("echo " + connections + " " + outstanding + " " + bytes + " " + millis);
    }

    /** Echoes one message of 64 bytes after the other on one connection, and returns how long half of them took at most. */
    double medianMicros(int millis) throws IOException, InterruptedException {
        return Long.parseLong(load.ask("median " + millis)) / 1e3;
    }

    /** Opens connections, each for one message. */
    Window connect(int atOnce, int millis) throws IOException, InterruptedException {
        return window("connect " + atOnce + " " + millis);
    }

    private Window window(String command) throws IOException, InterruptedException {
        long machineBefore = Surroundings.busyNanos();
        long serverBefore = server.cpuNanos();
        long loadBefore = load.cpuNanos();
        long[] itemsAndNanos = numbers(load.ask(command));
        return new Window(
                itemsAndNanos[0],
                itemsAndNanos[1],
                server.cpuNanos() - serverBefore,
                load.cpuNanos() - loadBefore,
                Surroundings.busyNanos() - machineBefore);
    }

    /** Bytes that the server holds, as {@link Measured#heldBytes}. */
    long heldBytes() throws IOException, InterruptedException {
        return server.heldBytes();
    }

    /** Fewest and most connections that one Reader holds, of a server that {@link dev.sluice.jmh.Serve} runs. */
    long[] spread() throws IOException, InterruptedException {
        return numbers(((Child) server).ask("spread"));
    }

    private static long[] numbers(String line) {
        return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() throws IOException {
        try (server) {
            load.close();
        }
    }
}
