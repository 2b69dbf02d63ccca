// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.Deadlines;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Environment;
import dev.sluice.Reconnector;
import dev.sluice.Server;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.outbound.BackOff;
import dev.sluice.outbound.NameCache;
import dev.sluice.outbound.Resolver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What docs/connecting.md shows. */
class ConnectingTest {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final DuplexProtocol<ByteBuffer> protocol = DuplexProtocol.of(
            LineFramer::new,
            (line, connection) -> heard.add(StandardCharsets.UTF_8.decode(line).toString()));

    private static Server echo() throws IOException {
        return Echo.server(Endpoint.tcp("127.0.0.1", 0)).start();
    }

    private static int port(Server server) {
        return ((InetSocketAddress) server.address()).getPort();
    }

    @Test
    void connectsToAName() throws Exception {
        try (Server server = echo()) {
            int port = port(server);
            // snippet: connect
            try (Connector connector = Connector.builder(protocol)
                    .deadlines(Deadlines.defaults().withConnect(Duration.ofSeconds(3)))
                    .start()) {
                Connection connection = connector
                        .connect(InetSocketAddress.createUnresolved("localhost", port))
                        .get();
                connection.send(StandardCharsets.UTF_8.encode("hello"), LineEncoder.LF);
                assertEquals("hello", heard.poll(20, TimeUnit.SECONDS));
            }
            // end snippet
        }
    }

    @Test
    void saysWhatKindOfFailureItWas() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (Connector connector = Connector.builder(protocol).start()) {
            CompletableFuture<Connection> refused = connector.connect(new InetSocketAddress("127.0.0.1", port));
            ExecutionException e = assertThrows(ExecutionException.class, () -> refused.get(20, TimeUnit.SECONDS));
            assertEquals("nobody listens there", kind((IOException) e.getCause()));
        }
    }

    private static String kind(IOException failure) {
        // snippet: kinds
        Throwable cause = failure.getCause();
        if (cause instanceof SocketTimeoutException) {
            return "no answer in time";
        } else if (cause instanceof ConnectException) {
            return "nobody listens there";
        } else if (cause instanceof UnknownHostException) {
            return "there is no such host";
        }
        return failure.getMessage();
        // end snippet
    }

    @Test
    void asksAResolverOfOnesOwn() throws Exception {
        try (Server server = echo()) {
            List<InetAddress> members =
                    List.of(InetAddress.getByName("127.0.0.77"), InetAddress.getByName("127.0.0.1"));
            // snippet: resolver
            Resolver registry = host -> CompletableFuture.completedFuture(members);
            NameCache names = NameCache.of(registry, System::nanoTime)
                    .withAges(Duration.ofSeconds(5), Duration.ofSeconds(1))
                    .withBounds(100, 10);
            Environment environment = Environment.system().withResolver(names);
            // end snippet
            try (Connector connector =
                    Connector.builder(protocol).environment(environment).start()) {
                Connection connection = connector
                        .connect(InetSocketAddress.createUnresolved("db", port(server)))
                        .get(20, TimeUnit.SECONDS);
                assertEquals(server.address(), connection.remoteAddress());
                assertEquals(1, names.names());
            }
        }
    }

    @Test
    void keepsAConnection() throws Exception {
        BlockingQueue<Reconnector.Status> told = new LinkedBlockingQueue<>();
        try (Server server = echo();
                Connector connector = Connector.builder(protocol).start()) {
            InetSocketAddress address = (InetSocketAddress) server.address();
            // snippet: keep
            BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(30), new SplittableRandom());
            Reconnector link = connector.keep(address, backOff, status -> {
                switch (status.state()) {
                    case CONNECTED -> status.connection().send(StandardCharsets.UTF_8.encode("hello"), LineEncoder.LF);
                    case WAITING -> told.add(status); // failures, delay, and why: a failure or a reason
                    default -> {}
                }
            });
            // end snippet
            assertEquals("hello", heard.poll(20, TimeUnit.SECONDS));
            link.status().connection().abort();
            assertEquals("hello", heard.poll(20, TimeUnit.SECONDS));
            assertInstanceOf(
                    CloseReason.Aborted.class, told.poll(20, TimeUnit.SECONDS).reason());
            link.close();
            assertTrue(told.isEmpty());
        }
    }
}
