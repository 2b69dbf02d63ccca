// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.ReaderChoice;
import dev.sluice.Topology;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The echo servers that are measured beside each other. */
final class Peers {
    private Peers() {}

    /**
     * Starts {@code sluice}, {@code sluice-http} (which answers requests), {@code nio}, {@code netty}, {@code netty-epoll} or {@code virtual-threads}, or Sluice as
     * {@code sluice/TOPOLOGY/READERS/CHOICE}, with the names of the methods and constants of {@link Topology} and
     * {@link ReaderChoice}.
     *
     * @throws UnsupportedOperationException if this JDK or machine can't have it
     */
    static EchoServer start(String name) throws Exception {
        return switch (name) {
            case "sluice" -> new SluiceEcho();
            case "sluice-http" -> SluiceEcho.http();
            case "nio" -> new NioEcho();
            case "netty" -> NettyEcho.nio();
            case "netty-epoll" -> NettyEcho.epoll();
            case "virtual-threads" -> new VirtualThreadEcho();
            default -> arranged(name);
        };
    }

    private static EchoServer arranged(String name) throws IOException {
        String[] parts = name.split("/");
        if (parts.length != 4 || !parts[0].equals("sluice")) {
            throw new IllegalArgumentException(
                    "server: " + name
                            + " is not sluice, sluice-http, sluice/TOPOLOGY/READERS/CHOICE, nio, netty, netty-epoll or virtual-threads");
        }
        return new SluiceEcho(topology(parts[1], Integer.parseInt(parts[2])), ReaderChoice.valueOf(parts[3]));
    }

    private static Topology topology(String name, int readers) {
        return switch (name) {
            case "singleThread" -> Topology.singleThread();
            case "acceptorAndReaders" -> Topology.acceptorAndReaders(readers);
            case "sharedListener" -> Topology.sharedListener(readers);
            case "reusePort" -> Topology.reusePort(readers);
            case "workers" -> Topology.workers(readers, workers(readers));
            default -> throw new IllegalArgumentException("topology: there is no " + name);
        };
    }

    // Daemons, so that nothing is left behind that keeps the process alive.
    private static ExecutorService workers(int threads) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
    }
}
