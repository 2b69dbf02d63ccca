// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.ReaderChoice;
import dev.sluice.Topology;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The echo servers that are measured beside each other. */
final class Peers {
    private Peers() {}

    /**
     * Starts {@code sluice}, {@code sluice-http} (which answers requests), {@code nio}, {@code netty}, {@code netty-epoll} or {@code virtual-threads}, or Sluice as
     * {@code sluice/TOPOLOGY/READERS/CHOICE}, with the names of the methods and constants of {@link Topology} and
     * {@link ReaderChoice}; or a relay to an echo server's port on 127.0.0.1 as {@code relay/NAME/PORT}, of {@code sluice},
     * {@code nio}, {@code netty} and {@code netty-epoll}.
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

    private static EchoServer arranged(String name) throws IOException, InterruptedException {
        String[] parts = name.split("/");
        if (parts.length == 3 && parts[0].equals("relay")) {
            return relay(parts[1], new InetSocketAddress("127.0.0.1", Integer.parseInt(parts[2])));
        }
        if (parts.length != 4 || !parts[0].equals("sluice")) {
            throw new IllegalArgumentException(
                    "server: " + name
                            + " is not sluice, sluice-http, sluice/TOPOLOGY/READERS/CHOICE, nio, netty, netty-epoll, virtual-threads or relay/NAME/PORT");
        }
        return new SluiceEcho(topology(parts[1], Integer.parseInt(parts[2])), ReaderChoice.valueOf(parts[3]));
    }

    private static EchoServer relay(String name, InetSocketAddress backend) throws IOException, InterruptedException {
        return switch (name) {
            case "sluice" -> new SluiceRelay(backend);
            case "nio" -> new NioRelay(backend);
            case "netty" -> new NettyRelay(backend);
            default -> throw new IllegalArgumentException("relay: there is no " + name);
        };
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
