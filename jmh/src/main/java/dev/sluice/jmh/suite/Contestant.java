// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import java.io.IOException;
import java.util.Arrays;

/** A server's process and that of its clients, both idle unless they are asked. For one thread. */
final class Contestant implements AutoCloseable {
    private final String name;
    private final Child server;
    private final Child load;

    Contestant(String name, Child server, Child load) {
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

    /** Echoes on the first connections, with so many messages under way on each. */
    Window echo(int connections, int outstanding, int millis) throws IOException, InterruptedException {
        return window("echo " + connections + " " + outstanding + " " + millis);
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

    /** Bytes on the server's heap that are in use. */
    long heapBytes() throws IOException, InterruptedException {
        return Long.parseLong(server.ask("heap"));
    }

    /** Fewest and most connections that one Reader of Sluice's holds. */
    long[] spread() throws IOException, InterruptedException {
        return numbers(server.ask("spread"));
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
