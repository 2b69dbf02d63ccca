// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The client side of the same machinery. */
class ConnectorScenarioTest {

    /** A client that notes what it gets. */
    private static class Lines implements DuplexProtocol<ByteBuffer> {
        final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        final BlockingQueue<CloseReason> reasons = new LinkedBlockingQueue<>();

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            connection.send(bytes("hello from " + connection.attachment()), LineEncoder.LF);
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {
            received.add(text(frame));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }

        String next() throws InterruptedException {
            return received.poll(20, TimeUnit.SECONDS);
        }

        CloseReason reason() throws InterruptedException {
            return reasons.poll(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void connectsSendsReceivesAndCloses() throws Exception {
        Lines lines = new Lines();
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(lines).start()) {
            Connection connection =
                    connector.connect(null, test.server.address(), "me").get(20, TimeUnit.SECONDS);
            assertEquals("hello from me", lines.next());
            connection.send(bytes("more"), LineEncoder.LF);
            assertEquals("more", lines.next());
            assertEquals(1, connector.connections());
            connection.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, lines.reason().kind());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
        }
    }

    @Test
    void bindsToTheLocalAddressItWasGiven() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(new Lines()).readers(2).start()) {
            SocketAddress local = new InetSocketAddress("127.0.0.9", 0);
            Connection connection =
                    connector.connect(local, test.server.address(), null).get(20, TimeUnit.SECONDS);
            assertEquals(
                    "127.0.0.9",
                    ((InetSocketAddress) connection.localAddress()).getAddress().getHostAddress());
        }
    }

    @Test
    void aRefusedConnectSaysWhere() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Lines lines = new Lines();
        try (Connector connector = Connector.builder(lines).start()) {
            CompletableFuture<Connection> attempt = connector.connect(new InetSocketAddress("127.0.0.1", port));
            ExecutionException e = assertThrows(ExecutionException.class, () -> attempt.get(20, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, e.getCause());
            assertTrue(e.getCause().getMessage().contains("127.0.0.1:" + port), e::toString);
            Await.until("its permit is given back", () -> connector.connections() == 0);
            assertTrue(lines.reasons.isEmpty(), "what never opened doesn't close");
        }
    }

    @Test
    void anUnknownHostIsSaidToBeOne() throws Exception {
        try (Connector connector = Connector.builder(new Lines()).start()) {
            CompletableFuture<Connection> attempt =
                    connector.connect(InetSocketAddress.createUnresolved("host.invalid", 7000));
            ExecutionException e = assertThrows(ExecutionException.class, () -> attempt.get(20, TimeUnit.SECONDS));
            assertTrue(e.getCause().getMessage().contains("host.invalid:7000: there is no such host"), e::toString);
            assertInstanceOf(UnknownHostException.class, e.getCause().getCause());
            Await.until("its permit is given back", () -> connector.connections() == 0);
        }
    }

    @Test
    void aNameIsLookedUpOffTheLoop() throws Exception {
        Lines lines = new Lines();
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(lines).start()) {
            int port = ((InetSocketAddress) test.server.address()).getPort();
            connector
                    .connect(null, InetSocketAddress.createUnresolved("localhost", port), "me")
                    .get(20, TimeUnit.SECONDS);
            assertEquals("hello from me", lines.next());
        }
    }

    @Test
    void theFirstOfSeveralAddressesThatAnswersIsTaken() throws Exception {
        Lines lines = new Lines();
        InetAddress closed = InetAddress.getByName("127.0.0.77"); // nobody listens there
        InetAddress six = InetAddress.getByName("::1"); // nor there, if there is such a thing
        InetAddress good = InetAddress.getByName("127.0.0.1");
        Environment environment = Environment.system()
                .withResolver(host -> CompletableFuture.completedFuture(List.of(six, closed, six, good)));
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector =
                        Connector.builder(lines).environment(environment).start()) {
            int port = ((InetSocketAddress) test.server.address()).getPort();
            Connection connection = connector
                    .connect(null, InetSocketAddress.createUnresolved("db.example", port), "me")
                    .get(20, TimeUnit.SECONDS);
            assertEquals(test.server.address(), connection.remoteAddress());
            assertEquals("hello from me", lines.next());
            Await.until("the permits of the others are given back", () -> connector.connections() == 1);
        }
    }

    @Test
    void anIpv6AddressIsConnectedToByItsNameAndByItsText() throws Exception {
        assumeTrue(hasIpv6(), "this machine has no ::1");
        Lines lines = new Lines();
        InetAddress six = InetAddress.getByName("::1");
        Environment environment = Environment.system()
                .withResolver(
                        host -> CompletableFuture.completedFuture(List.of(six, InetAddress.getLoopbackAddress())));
        try (Server server = Server.builder()
                        .listen(Endpoint.tcp("::1", 0), Protocol.of(LineFramer::new, (line, reply) -> {}))
                        .start();
                Connector connector =
                        Connector.builder(lines).environment(environment).start()) {
            int port = ((InetSocketAddress) server.address()).getPort();
            for (String host : List.of("db.example", "::1")) {
                Connection connection = connector
                        .connect(InetSocketAddress.createUnresolved(host, port))
                        .get(20, TimeUnit.SECONDS);
                assertEquals(new InetSocketAddress(six, port), connection.remoteAddress());
            }
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return any.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void anAddressThatDoesNotAnswerGetsARival() throws Exception {
        Lines lines = new Lines();
        InetAddress silent = InetAddress.getByName("127.0.0.77");
        InetAddress good = InetAddress.getByName("127.0.0.1");
        Environment environment =
                Environment.system().withResolver(host -> CompletableFuture.completedFuture(List.of(silent, good)));
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector =
                        Connector.builder(lines).environment(environment).start()) {
            int port = ((InetSocketAddress) test.server.address()).getPort();
            try (FullBacklog full = new FullBacklog(new InetSocketAddress(silent, port))) {
                Connection connection = connector
                        .connect(null, InetSocketAddress.createUnresolved("db.example", port), "me")
                        .get(20, TimeUnit.SECONDS);
                assertEquals(test.server.address(), connection.remoteAddress());
                assertEquals("hello from me", lines.next());
                Await.until("the other is closed", () -> connector.connections() == 1);
            }
        }
    }

    @Test
    void aConnectionThatNobodyWaitsForAnyMoreIsClosed() throws Exception {
        CompletableFuture<CompletableFuture<Connection>> attempt = new CompletableFuture<>();
        Lines lines = new Lines() {
            @Override
            public void opened(Connection connection) {
                attempt.join().cancel(false);
            }
        };
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(lines).start()) {
            attempt.complete(connector.connect(test.server.address()));
            assertEquals(CloseReason.Kind.CLOSED_HERE, lines.reason().kind());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
            Await.until("its permit is given back", () -> connector.connections() == 0);
        }
    }

    @Test
    void moreConnectionsThanTheLimitAreRefused() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(new Lines())
                        .limits(Limits.defaults().withConnections(2))
                        .start()) {
            connector.connect(test.server.address()).get(20, TimeUnit.SECONDS);
            connector.connect(test.server.address()).get(20, TimeUnit.SECONDS);
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> connector.connect(test.server.address()).get());
            assertTrue(e.getCause().getMessage().contains("limits.connections of 2"), e::toString);
        }
    }

    @Test
    void aServersConnectorSharesItsReadersAndItsLimit() throws Exception {
        Lines lines = new Lines();
        try (TestServer backend = new TestServer(TestServer::echo);
                TestServer test = new TestServer(TestServer::echo)) {
            Connector connector = test.server.connector(lines);
            Connection connection = connector.connect(backend.server.address()).get(20, TimeUnit.SECONDS);
            assertSame(test.server.readers().get(0), connection.reader());
            assertEquals(1, test.server.connections());
            connector.close();
            assertTrue(connection.isOpen(), "the server owns the readers");
        }
        assertEquals(CloseReason.Kind.STOPPED, lines.reason().kind());
    }

    @Test
    void stoppingEndsConnectsThatAreUnderWay() throws Exception {
        // A backlog of one that nobody accepts from: further connects get no answer.
        try (ServerSocket full = new ServerSocket(0, 1)) {
            Connector connector = Connector.builder(new Lines()).start();
            List<CompletableFuture<Connection>> attempts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                attempts.add(connector.connect(new InetSocketAddress("127.0.0.1", full.getLocalPort())));
            }
            connector.close();
            for (CompletableFuture<Connection> attempt : attempts) {
                assertTrue(attempt.isDone());
            }
            CompletableFuture<Connection> late = connector.connect(full.getLocalSocketAddress());
            assertTrue(late.isCompletedExceptionally());
            assertEquals(0, connector.connections());
        }
    }

    @Test
    void thatWeStopSaysNothingAboutWhomItWasToConnectTo() throws Exception {
        CompletableFuture<Reply> asked = new CompletableFuture<>();
        Upstream upstream = Upstream.builder("u")
                .backends(List.of(Backend.of("b", new InetSocketAddress("127.0.0.1", 1))))
                .build();
        try (TestServer test = new TestServer((line, reply) -> asked.complete(reply.defer()));
                Client client = test.client()) {
            client.send("x\n");
            Reply reply = asked.get(20, TimeUnit.SECONDS);
            Connector connector = test.server.connector(new Lines());
            test.server.beginDrain(Duration.ofSeconds(20));
            Await.until("it drains", () -> test.server.readers().get(0).isDraining());
            for (SocketAddress to : List.of(
                    new InetSocketAddress("127.0.0.1", 1), InetSocketAddress.createUnresolved("127.0.0.1", 1))) {
                CompletableFuture<Connection> connect = connector.connect(to);
                Throwable why = assertThrows(ExecutionException.class, () -> connect.get(20, TimeUnit.SECONDS))
                        .getCause();
                assertTrue(why.getMessage().endsWith(" is stopping"), why::toString);
                ((Lease) upstream.pick(0)).connectFailed(why);
            }
            assertEquals(0, upstream.status().get(0).failed());
            reply.send(bytes("y\n"));
        }
    }

    @Test
    void aConnectThatIsCancelledIsGivenUpAtOnce() throws Exception {
        try (FullBacklog full = new FullBacklog(new InetSocketAddress("127.0.0.1", 0));
                Connector connector = Connector.builder(DuplexProtocol.of(LineFramer::new, (line, connection) -> {}))
                        .start()) {
            CompletableFuture<Connection> connect = connector.connect(full.address());
            Reader reader = connector.readers().get(0);
            Await.until("it is being connected", () -> reader.connections() == 1);
            connect.cancel(false);
            Await.until("it is given up, long before its deadline", () -> connector.connections() == 0);
        }
    }

    @Test
    void aConnectWithoutAnAnswerIsGivenUpAtItsDeadline() throws Exception {
        try (FullBacklog full = new FullBacklog(new InetSocketAddress("127.0.0.1", 0));
                Connector connector = Connector.builder(new Lines())
                        .deadlines(Deadlines.defaults().withConnect(Duration.ofMillis(200)))
                        .start()) {
            CompletableFuture<Connection> attempt = connector.connect(full.address());
            ExecutionException e = assertThrows(ExecutionException.class, () -> attempt.get(20, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, e.getCause());
            assertInstanceOf(SocketTimeoutException.class, e.getCause().getCause());
            assertEquals(
                    "cannot connect to 127.0.0.1:" + full.address().getPort()
                            + ": no answer within deadlines.connect of PT0.2S",
                    e.getCause().getMessage());
            Await.until("its permit is given back", () -> connector.connections() == 0);
            assertEquals(1, connector.readers().get(0).closed(CloseReason.Kind.DEADLINE_PASSED));
        }
    }

    @Test
    void aThousandConnectionsBothWays() throws Exception {
        Lines lines = new Lines();
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(Topology.acceptorAndReaders(2)));
                Connector connector = Connector.builder(lines).readers(2).start()) {
            List<CompletableFuture<Connection>> attempts = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                attempts.add(connector.connect(null, test.server.address(), i));
            }
            List<String> expected = new ArrayList<>();
            List<String> received = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                attempts.get(i).get(20, TimeUnit.SECONDS);
                expected.add("hello from " + i);
                received.add(lines.next());
            }
            expected.sort(null);
            received.sort(null);
            assertEquals(expected, received);
        }
    }
}
