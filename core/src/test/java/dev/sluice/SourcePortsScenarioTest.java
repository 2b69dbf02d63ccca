// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.outbound.SourceAddresses.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections from ports of one's own choice, over loopback. Each test has an address of its own there. */
class SourcePortsScenarioTest {
    private final String host = ownHost();
    private final SourceAddresses two = SourceAddresses.parse(host + ":20000-20001");

    private static String ownHost() {
        SplittableRandom random = new SplittableRandom();
        return "127." + (1 + random.nextInt(254)) + "." + random.nextInt(255) + "." + (1 + random.nextInt(254));
    }

    private static class Silence implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {}
    }

    private static Connector connector(SourceAddresses sources) throws IOException {
        return Connector.builder(new Silence()).sources(sources).start();
    }

    private static Connection connect(Connector connector, InetSocketAddress to) throws Exception {
        try {
            return connector.connect(to).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (IOException) e.getCause();
        }
    }

    private static InetSocketAddress address(TestServer server) {
        return (InetSocketAddress) server.server.address();
    }

    private static void awaitUsage(SourceAddresses sources, InetSocketAddress to, int held, int resting, int refused) {
        Await.until(
                () -> held + " held, " + resting + " in quarantine, " + refused + " refused, of " + sources.usage(to),
                () -> sources.usage(to).equals(new Usage(sources.usage(to).ports(), held, resting, refused)));
    }

    @Test
    void theSamePortsServeEachDestinationAtOnce() throws Exception {
        try (TestServer one = new TestServer(TestServer::echo);
                TestServer other = new TestServer(TestServer::echo);
                Connector connector = connector(two)) {
            Set<InetSocketAddress> ports = new HashSet<>();
            for (TestServer server : new TestServer[] {one, other}) {
                ports.add(
                        (InetSocketAddress) connect(connector, address(server)).localAddress());
                ports.add(
                        (InetSocketAddress) connect(connector, address(server)).localAddress());
                assertEquals(Set.of(new InetSocketAddress(host, 20000), new InetSocketAddress(host, 20001)), ports);
            }
            PortsExhausted e = assertThrows(PortsExhausted.class, () -> connect(connector, address(one)));
            assertEquals(new Usage(2, 2, 0, 0), e.usage());
            assertEquals(address(one), e.destination());
            assertEquals(4, connector.connections());
        }
    }

    @Test
    void aServersConnectorTakesThemToo() throws Exception {
        try (TestServer backend = new TestServer(TestServer::echo);
                TestServer test = new TestServer(TestServer::echo)) {
            Connector connector = test.server.connector(new Silence(), TcpOptions.defaults(), two);
            Connection connection = connect(connector, address(backend));
            assertEquals(host, ((InetSocketAddress) connection.localAddress()).getHostString());
        }
    }

    @Test
    void whoClosesFirstHasItsPortInQuarantine() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector = connector(two)) {
            InetSocketAddress to = address(server);
            connect(connector, to).close();
            awaitUsage(two, to, 0, 1, 0);
            connect(connector, to);
            Await.until("the server knows of the second", () -> server.recorder.opened.size() == 2);
            server.recorder.opened.get(1).close();
            awaitUsage(two, to, 0, 1, 0);
            connect(connector, to).abort();
            awaitUsage(two, to, 0, 1, 0);
            connect(connector, to);
            Await.until("the server knows of the fourth", () -> server.recorder.opened.size() == 4);
            server.recorder.opened.get(3).abort();
            awaitUsage(two, to, 0, 1, 0);
        }
    }

    /** There was no connection that the kernel could keep. */
    @Test
    void whoHasGotNoAnswerHasNot() throws Exception {
        try (FullBacklog full = new FullBacklog(new InetSocketAddress("127.0.0.1", 0));
                Connector connector = Connector.builder(new Silence())
                        .sources(two)
                        .deadlines(Deadlines.defaults().withConnect(Duration.ofMillis(50)))
                        .start()) {
            assertThrows(IOException.class, () -> connect(connector, full.address()));
            awaitUsage(two, full.address(), 0, 0, 0);
        }
    }

    @Test
    void soHasWhoEndsItsHalfFirst() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector = connector(two)) {
            connect(connector, address(server)).endOutput();
            awaitUsage(two, address(server), 0, 1, 0);
        }
    }

    @Test
    void whoEndsItsHalfSecondHasNot() throws Exception {
        Silence answersAnEnd = new Silence() {
            @Override
            public void inputEnded(Connection connection) {
                connection.endOutput();
            }
        };
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector =
                        Connector.builder(answersAnEnd).sources(two).start()) {
            connect(connector, address(server));
            Await.until("the server knows of it", () -> server.recorder.opened.size() == 1);
            server.recorder.opened.get(0).close();
            awaitUsage(two, address(server), 0, 0, 0);
        }
    }

    @Test
    void whereEachCloseResetsNothingIsInQuarantine() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(new Silence())
                        .options(TcpOptions.defaults().withResetOnClose(true))
                        .sources(two)
                        .start()) {
            connect(connector, address(server)).close();
            awaitUsage(two, address(server), 0, 0, 0);
            assertEquals(1, two.destinations());
        }
    }

    @Test
    void theEndOfTheConnectorGivesAllBack() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo)) {
            try (Connector connector = connector(two)) {
                connect(connector, address(server));
                connect(connector, address(server));
            }
            assertEquals(0, two.usage(address(server)).held());
        }
    }

    @Test
    void aPortThatSomebodyHasIsPassedOver() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                ServerSocket taken = new ServerSocket(20000, 1, InetAddress.getByName(host));
                Connector connector = connector(two)) {
            InetSocketAddress to = address(server);
            assertEquals(
                    new InetSocketAddress(host, 20001), connect(connector, to).localAddress());
            PortsExhausted e = assertThrows(PortsExhausted.class, () -> connect(connector, to));
            assertEquals(new Usage(2, 1, 0, 1), e.usage());
            assertTrue(e.getMessage().contains(host + ":20000: Address already in use"), e::toString);
            assertEquals(1, connector.connections(), "whoever got no port holds no permit");
        }
    }

    @Test
    void aConnectionThatSomebodyHasIsPassedOver() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                Socket other = new Socket();
                Connector connector = connector(two)) {
            InetSocketAddress to = address(server);
            other.setReuseAddress(true);
            other.bind(new InetSocketAddress(host, 20001));
            other.connect(to);
            assertEquals(
                    new InetSocketAddress(host, 20000), connect(connector, to).localAddress());
            PortsExhausted e = assertThrows(PortsExhausted.class, () -> connect(connector, to));
            assertTrue(e.getMessage().contains(host + ":20001: Cannot assign requested address"), e::toString);
        }
    }

    @Test
    void anAddressThatIsNotOursIsPassedOverWithAllItsPorts() throws Exception {
        SourceAddresses sources = SourceAddresses.parse("192.0.2.7:1024-65535," + host + ":20000-20000");
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector = connector(sources)) {
            InetSocketAddress to = address(server);
            assertEquals(
                    new InetSocketAddress(host, 20000), connect(connector, to).localAddress());
            PortsExhausted e = assertThrows(PortsExhausted.class, () -> connect(connector, to));
            assertEquals(new Usage(64_513, 1, 0, 64_512), e.usage());
            assertTrue(e.getMessage().contains(": Cannot assign requested address"), e::toString);
        }
    }

    @Test
    void aConnectThatFailsGivesItsPortBack() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            nobody = new InetSocketAddress(host, free.getLocalPort());
        }
        try (Connector connector = connector(two)) {
            for (int i = 0; i < 5; i++) {
                IOException e = assertThrows(IOException.class, () -> connect(connector, nobody));
                assertTrue(e.getMessage().endsWith("Connection refused"), e::toString);
            }
            awaitUsage(two, nobody, 0, 0, 0);
            IOException e = assertThrows(
                    IOException.class, () -> connect(connector, InetSocketAddress.createUnresolved("host.invalid", 1)));
            assertTrue(e.getMessage().contains("there is no such host"), e::toString);
            assertThrows(IOException.class, () -> connect(connector, new InetSocketAddress("0.0.0.0", 1)));
            assertEquals(0, connector.connections());
        }
    }

    @Test
    void aHostByNameIsReachedFromThemToo() throws Exception {
        try (TestServer server = new TestServer(TestServer::echo);
                Connector connector = connector(two)) {
            InetSocketAddress to = address(server);
            InetSocketAddress name = InetSocketAddress.createUnresolved("127.0.0.1", to.getPort());
            assertEquals(host, ((InetSocketAddress) connect(connector, name).localAddress()).getHostString());
            connect(connector, name);
            PortsExhausted e = assertThrows(PortsExhausted.class, () -> connect(connector, name));
            assertEquals(to, e.destination());
        }
    }

    @Test
    void aLocalAddressBesideThemIsRefused() throws Exception {
        try (Connector connector = connector(two)) {
            InetSocketAddress any = new InetSocketAddress(host, 0);
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> connector.connect(any, new InetSocketAddress(host, 1), null));
            assertEquals("local: must be null, for the connector has source addresses", e.getMessage());
        }
    }

    @Test
    void withoutThemAPortThatIsNamedServesSeveralDestinationsAsWell() throws Exception {
        try (TestServer one = new TestServer(TestServer::echo);
                TestServer other = new TestServer(TestServer::echo);
                Connector connector = Connector.builder(new Silence()).start()) {
            InetSocketAddress local = new InetSocketAddress(host, 20000);
            connector.connect(local, address(one), null).get(20, TimeUnit.SECONDS);
            connector.connect(local, address(other), null).get(20, TimeUnit.SECONDS);
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> connector.connect(local, address(one), null).get(20, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, e.getCause());
        }
    }
}
