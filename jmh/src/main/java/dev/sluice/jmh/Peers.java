// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.ReaderChoice;
import dev.sluice.Topology;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The servers that are measured beside each other. */
final class Peers {
    private Peers() {}

    /**
     * Starts {@code sluice}, {@code sluice-http} (which answers requests), {@code nio}, {@code netty},
     * {@code netty-epoll} or {@code virtual-threads}, or Sluice as {@code sluice/TOPOLOGY/READERS/CHOICE}, with the
     * names of the methods and constants of {@link Topology} and {@link ReaderChoice}; or a relay to an echo server's
     * port on 127.0.0.1 as {@code relay/NAME/PORT}, of {@code sluice}, {@code nio} and {@code netty}. {@code sluice}
     * and {@code netty} are also servers of {@link WebPages} as {@code web/NAME}, and by TLS as
     * {@code tls/NAME/DIRECTORY} with {@link Certificates}; and proxies in front of one as {@code proxy/NAME/PORT}.
     * Sluice is one in front of a backend by TLS as {@code to-tls/resumed/PORT/DIRECTORY} and
     * {@code to-tls/full/PORT/DIRECTORY}.
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
        String[] parts = name.split("/", name.startsWith("tls/") ? 3 : 4); // a directory has more of them
        switch (parts[0] + "/" + parts.length) {
            case "relay/3":
                return relay(parts[1], loopback(parts[2]));
            case "web/2":
                return parts[1].equals("netty") ? new NettyWeb() : new SluiceWeb();
            case "tls/3":
                Certificates certificates = new Certificates(Path.of(parts[2]));
                return parts[1].equals("netty") ? new NettyWeb(certificates) : new SluiceWeb(certificates);
            case "proxy/3":
                return parts[1].equals("netty")
                        ? new NettyProxy(loopback(parts[2]))
                        : SluiceProxy.plain(loopback(parts[2]));
            case "to-tls/4":
                return SluiceProxy.tls(
                        Integer.parseInt(parts[2]), new Certificates(Path.of(parts[3])), parts[1].equals("resumed"));
            default:
                return sluice(name, parts);
        }
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
    }

    private static EchoServer sluice(String name, String[] parts) throws IOException {
        if (parts.length != 4 || !parts[0].equals("sluice")) {
            throw new IllegalArgumentException(
                    "server: " + name
                            + " is not sluice, sluice-http, sluice/TOPOLOGY/READERS/CHOICE, nio, netty, netty-epoll, virtual-threads, relay/NAME/PORT, web/NAME, tls/NAME/DIRECTORY, proxy/NAME/PORT or to-tls/WAY/PORT/DIRECTORY");
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
