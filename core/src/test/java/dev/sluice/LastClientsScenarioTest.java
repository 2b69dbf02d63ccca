// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who connects at the moment at which a server begins to stop. */
class LastClientsScenarioTest {
    private static final int CLIENTS = 10;
    private static final Deadlines DEADLINES = Deadlines.defaults().withLinger(Duration.ofMillis(100));

    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<SocketChannel> clients = new ArrayList<>();

    /** Echoes lines, and stands still at the first. */
    private final Protocol<ByteBuffer> lines = Protocol.of(LineFramer::new, (line, reply) -> {
        blocked.countDown();
        if (!release.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("never released");
        }
        TestServer.echo(line, reply);
    });

    @AfterEach
    void closeClients() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    /** A server whose loop stands still, and clients that the kernel has connected and who have asked. */
    private Server crowded(Endpoint endpoint, Limits limits) throws Exception {
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .deadlines(DEADLINES)
                .limits(limits)
                .listen(endpoint, lines)
                .start();
        ask(server.address());
        blocked.await();
        for (int i = 0; i < CLIENTS; i++) {
            ask(server.address());
        }
        return server;
    }

    private void ask(SocketAddress address) throws IOException {
        SocketChannel client = SocketChannel.open(address);
        clients.add(client);
        client.write(TestServer.bytes("?\n"));
    }

    private int answered() throws IOException {
        int answered = 0;
        for (SocketChannel client : clients) {
            ByteBuffer reply = ByteBuffer.allocate(3);
            try {
                while (client.read(reply) > 0) {}
            } catch (IOException e) {
                // reset: it was left in the queue
            }
            answered += reply.position() == 2 ? 1 : 0;
        }
        return answered;
    }

    private static void ends(CompletableFuture<DrainReport> drained) throws Exception {
        drained.get(20, TimeUnit.SECONDS);
    }

    @Test
    void whatTheKernelHasQueuedIsServedBeforeTheListenerCloses() throws Exception {
        Server server = crowded(Endpoint.tcp("127.0.0.1", 0), Limits.defaults().withAcceptsPerPass(1));
        CompletableFuture<DrainReport> drained = server.beginDrain(TestServer.GRACE);
        release.countDown();
        ends(drained);
        assertEquals(1 + CLIENTS, answered());
    }

    @Test
    void theFileOfAUnixSocketGoesFirstSoThatNobodyIsQueuedInVain(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("s");
        Server server = crowded(Endpoint.unix(path), Limits.defaults().withAcceptsPerPass(1));
        CompletableFuture<DrainReport> drained = server.beginDrain(TestServer.GRACE);
        release.countDown();
        ends(drained);
        assertEquals(1 + CLIENTS, answered());
        assertFalse(Files.exists(path));
    }

    @Test
    void theLimitOfConnectionsHoldsForTheLastOnesToo() throws Exception {
        Server server = crowded(
                Endpoint.tcp("127.0.0.1", 0),
                Limits.defaults().withAcceptsPerPass(1).withConnections(4));
        CompletableFuture<DrainReport> drained = server.beginDrain(TestServer.GRACE);
        release.countDown();
        ends(drained);
        assertEquals(4, answered());
    }

    @Test
    void theQueueOfAnInheritedSocketIsLeftToTheNextServer() throws Exception {
        try (ServerSocketChannel given = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            Server server = Server.builder()
                    .environment(Environment.system().withSelectorProvider(new GivenProvider(given)))
                    .topology(Topology.singleThread())
                    .deadlines(DEADLINES)
                    .limits(Limits.defaults().withConnections(1))
                    .listen(Endpoint.inherited(), lines)
                    .start();
            ask(given.getLocalAddress());
            blocked.await();
            ask(given.getLocalAddress());
            CompletableFuture<DrainReport> drained = server.beginDrain(TestServer.GRACE);
            release.countDown();
            ends(drained);
            assertEquals(1, server.acceptors().get(0).accepted());
            assertEquals(1, answered());
        }
    }

    @Test
    void whoHasJustConnectedIsGivenTimeToAsk() throws Exception {
        release.countDown();
        AtomicLong clock = new AtomicLong();
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .deadlines(DEADLINES)
                .environment(Environment.system().withNanoClock(clock::get))
                .listen(Endpoint.tcp("127.0.0.1", 0), lines)
                .start();
        clients.add(SocketChannel.open(server.address()));
        Await.until("it is accepted", () -> server.connections() == 1);
        CompletableFuture<DrainReport> drained = server.beginDrain(TestServer.GRACE);
        Await.until(
                "the listener is closed",
                () -> !server.listeners().get(0).channel.isOpen());
        clients.get(0).write(TestServer.bytes("?\n"));
        ByteBuffer reply = ByteBuffer.allocate(2);
        while (reply.hasRemaining()) {
            assertTrue(clients.get(0).read(reply) > 0, "the connection ended before it was answered");
        }
        clock.addAndGet(1_000_000_000); // and now it is old enough to be told
        assertEquals(-1, clients.get(0).read(reply.clear()));
        clients.get(0).close();
        ends(drained);
    }

    @Test
    void whoSaysNothingIsNotWaitedForLong() throws Exception {
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .deadlines(DEADLINES)
                .listen(Endpoint.tcp("127.0.0.1", 0), lines)
                .start();
        clients.add(SocketChannel.open(server.address()));
        Await.until("it is accepted", () -> server.connections() == 1);
        DrainReport report = server.stop(Duration.ofDays(1));
        assertEquals(0, report.forced());
        assertEquals(0, answered());
    }
}
