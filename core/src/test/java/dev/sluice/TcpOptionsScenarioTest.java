// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.TcpOptions.KeepAlive;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel is told about sockets: read back from them. */
class TcpOptionsScenarioTest {
    private static final TcpOptions ALL = TcpOptions.defaults()
            .withNoDelay(false)
            .withKeepAlive(KeepAlive.of(Duration.ofSeconds(61), Duration.ofSeconds(11), 7))
            .withReceiveBuffer(40_000)
            .withSendBuffer(50_000)
            .withTrafficClass(0x10);

    private static void assertAll(SocketChannel channel) throws IOException {
        assertEquals(false, channel.getOption(StandardSocketOptions.TCP_NODELAY));
        assertEquals(true, channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
        assertEquals(0x10, channel.getOption(StandardSocketOptions.IP_TOS));
        assertEquals(61, named(channel, "TCP_KEEPIDLE"));
        assertEquals(11, named(channel, "TCP_KEEPINTERVAL"));
        assertEquals(7, named(channel, "TCP_KEEPCOUNT"));
        assertSize(40_000, channel.getOption(StandardSocketOptions.SO_RCVBUF));
        assertSize(50_000, channel.getOption(StandardSocketOptions.SO_SNDBUF));
    }

    // Linux doubles what it is told, for its own bookkeeping.
    private static void assertSize(int told, int got) {
        assertTrue(got == told || got == 2 * told, () -> got + " bytes, told " + told);
    }

    private static Object named(SocketChannel channel, String name) throws IOException {
        for (SocketOption<?> option : channel.supportedOptions()) {
            if (option.name().equals(name)) {
                return channel.getOption(option);
            }
        }
        return assumeSupported(name);
    }

    private static Object assumeSupported(String name) {
        assumeTrue(false, name + " is not supported here");
        return null;
    }

    private static SocketChannel channelOf(Connection connection) {
        return ((SocketConnection) connection).channel;
    }

    private static SocketChannel accepted(TestServer test, Socket client) throws IOException {
        client.getOutputStream().write("x\n".getBytes());
        client.getInputStream().readNBytes(2);
        return channelOf(test.recorder.opened.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void acceptedSocketsHaveTheOptionsOfTheirEndpoint(String host) throws Exception {
        try (TestServer test = new TestServer(Endpoint.tcp(host, 0).withOptions(ALL), b -> b);
                Socket client = new Socket(InetAddress.getByName(host), test.server.port())) {
            assertAll(accepted(test, client));
        }
    }

    @Test
    void withoutOptionsOnlyDelayIsSwitchedOff() throws Exception {
        try (TestServer test = new TestServer(Endpoint.tcp("127.0.0.1", 0), b -> b);
                Socket client = new Socket("127.0.0.1", test.server.port())) {
            SocketChannel channel = accepted(test, client);
            assertEquals(true, channel.getOption(StandardSocketOptions.TCP_NODELAY));
            assertEquals(false, channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
            assertEquals(0, channel.getOption(StandardSocketOptions.IP_TOS));
            assertEquals(-1, channel.getOption(StandardSocketOptions.SO_LINGER));
        }
    }

    @Test
    void theReceiveBufferIsSetBeforeTheFirstPacketSoThatTheWindowFits() throws Exception {
        TcpOptions options = TcpOptions.defaults().withReceiveBuffer(5_000);
        try (TestServer test = new TestServer(Endpoint.tcp("127.0.0.1", 0).withOptions(options), b -> b)) {
            Listener listener = test.server.listeners().get(0);
            assertSize(5_000, listener.channel.getOption(StandardSocketOptions.SO_RCVBUF));
        }
    }

    @Test
    void connectorsGiveTheirSocketsOptionsToo() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Connector own = Connector.builder(Protocol.of(LineFramer::new, TestServer::echo))
                        .options(ALL)
                        .start()) {
            Connector shared = test.server.connector(Protocol.of(LineFramer::new, TestServer::echo), ALL);
            for (Connector connector : List.of(own, shared)) {
                Connection connection = connector.connect(test.server.address()).get(20, TimeUnit.SECONDS);
                assertAll(channelOf(connection));
                connection.close();
            }
        }
    }

    @Test
    void unixSocketsTakeTheBuffersAndPassOverTheRest(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("s");
        try (TestServer test = new TestServer(Endpoint.unix(path).withOptions(ALL), b -> b);
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            Await.until("it is accepted", () -> test.recorder.opened.size() == 1);
            SocketChannel channel = channelOf(test.recorder.opened.get(0));
            assertSize(50_000, channel.getOption(StandardSocketOptions.SO_SNDBUF));
        }
    }

    @Test
    void resetOnCloseResetsWhereAnEndInOrderWasDue() throws Exception {
        TcpOptions options = TcpOptions.defaults().withResetOnClose(true);
        try (TestServer test = new TestServer(Endpoint.tcp("127.0.0.1", 0).withOptions(options), b -> b);
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            client.endOutput();
            assertTrue(client.isEnded());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
        }
    }

    @Test
    void valuesOutOfRangeAreNamed() {
        TcpOptions options = TcpOptions.defaults();
        assertRefused("options.receiveBuffer: -1 is not within 0 to 1073741823", options.withReceiveBuffer(-1));
        assertRefused("options.sendBuffer: 1073741824 is not within 0 to 1073741823", options.withSendBuffer(1 << 30));
        assertRefused("options.trafficClass: 256 is not within 0 to 255", options.withTrafficClass(256));
        assertRefused(
                "options.keepAlive.probes: 128 is not within 0 to 127",
                options.withKeepAlive(KeepAlive.of(Duration.ZERO, Duration.ZERO, 128)));
        assertRefused(
                "options.keepAlive.idle: PT1.5S is not a whole number of seconds within PT0S to PT32767S",
                options.withKeepAlive(KeepAlive.of(Duration.ofMillis(1500), Duration.ZERO, 0)));
        assertRefused(
                "options.keepAlive.interval: PT9H6M8S is not a whole number of seconds within PT0S to PT32767S",
                options.withKeepAlive(KeepAlive.of(Duration.ZERO, Duration.ofSeconds(32_768), 0)));
        assertRefused(
                "options.keepAlive: off, and yet given times; use KeepAlive.of, or KeepAlive.OFF",
                options.withKeepAlive(new KeepAlive(false, Duration.ofSeconds(1), Duration.ZERO, 0)));
    }

    @Test
    void anOptionThatTheSystemDoesNotHaveIsRefusedByName() {
        Set<SocketOption<?>> supported = Set.of(
                StandardSocketOptions.TCP_NODELAY,
                StandardSocketOptions.SO_KEEPALIVE,
                StandardSocketOptions.SO_RCVBUF,
                StandardSocketOptions.SO_SNDBUF);
        assertUnsupported("IP_TOS", ALL, supported);
        assertUnsupported("TCP_KEEPIDLE", ALL.withTrafficClass(0), supported);
        assertUnsupported("SO_LINGER", TcpOptions.defaults().withResetOnClose(true), supported);
    }

    private static void assertUnsupported(String name, TcpOptions options, Set<SocketOption<?>> supported) {
        assertEquals(
                "options: " + name + " is not supported by this system's sockets; leave it at its default",
                assertThrows(IllegalArgumentException.class, () -> options.values(supported, true))
                        .getMessage());
    }

    private static void assertRefused(String message, TcpOptions options) {
        Protocol<?> protocol = Protocol.of(LineFramer::new, TestServer::echo);
        IllegalArgumentException ofServer = assertThrows(IllegalArgumentException.class, () -> Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0).withOptions(options), protocol)
                .start()
                .close());
        assertEquals(message, ofServer.getMessage());
        IllegalArgumentException ofConnector = assertThrows(
                IllegalArgumentException.class,
                () -> Connector.builder(protocol).options(options).start().close());
        assertEquals(message, ofConnector.getMessage());
    }
}
