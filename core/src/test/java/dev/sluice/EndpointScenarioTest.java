// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a server listens: families of addresses, several at once, the inherited socket, and what can't be had. */
class EndpointScenarioTest {
    private static final Protocol<ByteBuffer> LINES = Protocol.of(LineFramer::new, TestServer::echo);

    private static Protocol<ByteBuffer> answering(String answer) {
        return Protocol.of(LineFramer::new, (line, reply) -> reply.send(TestServer.bytes(answer)));
    }

    private static String ask(SocketAddress address, int answer) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            channel.write(TestServer.bytes("?\n"));
            ByteBuffer got = ByteBuffer.allocate(answer);
            while (got.hasRemaining() && channel.read(got) >= 0) {}
            return TestServer.text(got.flip());
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket ignored = new ServerSocket(0, 1, java.net.InetAddress.getByName("::1"))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void oneServerListensOnIpv4Ipv6AndUnixEachWithItsProtocol(@TempDir Path folder) throws Exception {
        assumeTrue(hasIpv6(), "there is no IPv6 here");
        Path path = folder.resolve("s");
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.listen(Endpoint.tcp("127.0.0.1", 0), answering("four"))
                        .listen(Endpoint.tcp("::1", 0), answering("six"))
                        .listen(Endpoint.unix(path), answering("unix"))
                        .topology(Topology.acceptorAndReaders(2)))) {
            List<Listener> listeners = test.server.listeners();
            assertEquals("?\n", ask(listeners.get(0).localAddress(), 2));
            assertEquals("four", ask(listeners.get(1).localAddress(), 4));
            assertEquals("six", ask(listeners.get(2).localAddress(), 3));
            assertEquals("unix", ask(listeners.get(3).localAddress(), 4));
            assertEquals(path.toString(), listeners.get(3).toString());
            test.reasons(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://*:0", "tcp://[::]:0"})
    void everyAddressTakesBothFamilies(String address) throws Exception {
        assumeTrue(hasIpv6(), "there is no IPv6 here");
        List<SocketAddress> clients = new CopyOnWriteArrayList<>();
        Protocol<ByteBuffer> noting = Protocol.of(LineFramer::new, (line, reply) -> {
            clients.add(reply.connection().remoteAddress());
            TestServer.echo(line, reply);
        });
        try (Server server =
                Server.builder().listen(Endpoint.parse(address), noting).start()) {
            assertEquals("?\n", ask(new InetSocketAddress("::1", server.port()), 2));
            assertEquals("?\n", ask(new InetSocketAddress("127.0.0.1", server.port()), 2));
        }
        assertTrue(
                ((InetSocketAddress) clients.get(1)).getAddress() instanceof Inet4Address,
                () -> "an IPv4 client is seen with its IPv4 address, " + clients);
    }

    @Test
    void theUnspecifiedIpv4AddressTakesNoIpv6() throws Exception {
        assumeTrue(hasIpv6(), "there is no IPv6 here");
        try (TestServer test = new TestServer(Endpoint.tcp("0.0.0.0", 0), b -> b)) {
            assertEquals(
                    "0.0.0.0:" + test.server.port(),
                    test.server.listeners().get(0).toString());
            assertEquals("?\n", ask(new InetSocketAddress("127.0.0.1", test.server.port()), 2));
            assertThrows(ConnectException.class, () -> ask(new InetSocketAddress("::1", test.server.port()), 2));
            test.reasons(1);
        }
    }

    @Test
    void severalLoopsShareEveryAddressByReusePort() throws Exception {
        try (TestServer test = new TestServer(Endpoint.tcp(0), b -> b.topology(Topology.reusePort(2)))) {
            int port = test.server.port();
            assertEquals(2, test.server.listeners().size());
            assertEquals(port, test.server.listeners().get(1).port());
            assertEquals("?\n", ask(new InetSocketAddress("127.0.0.1", port), 2));
            test.reasons(1);
        }
    }

    // ---- the inherited socket

    @Test
    void listensOnTheSocketThatTheProcessWasStartedWith() throws Exception {
        ServerSocketChannel given = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        int port = ((InetSocketAddress) given.getLocalAddress()).getPort();
        Environment environment = Environment.system().withSelectorProvider(new GivenProvider(given));
        Server server = Server.builder()
                .environment(environment)
                .topology(Topology.sharedListener(2))
                .listen(Endpoint.inherited(), LINES)
                .start();
        try (server) {
            assertEquals(port, server.port());
            assertEquals("127.0.0.1:" + port, server.listeners().get(0).toString());
            assertEquals("?\n", ask(server.address(), 2));
        }
        assertFalse(given.isOpen());
        assertEquals(
                "cannot listen on inherited: it was closed, by the server of this process that listened on it before",
                refusal(environment, Endpoint.inherited()));
    }

    @Test
    void theInheritedSocketStaysOpenWhenAnotherEndpointCannotBeListenedOn() throws Exception {
        try (ServerSocketChannel given = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                ServerSocketChannel taken = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            int port = ((InetSocketAddress) taken.getLocalAddress()).getPort();
            Server.Builder builder = Server.builder()
                    .environment(Environment.system().withSelectorProvider(new GivenProvider(given)))
                    .listen(Endpoint.inherited(), LINES)
                    .listen(Endpoint.tcp("127.0.0.1", port), LINES);
            assertThrows(BindException.class, () -> builder.start().close());
            assertTrue(given.isOpen(), "closing it takes standard error away, and with it the message");
        }
    }

    @Test
    void anInheritedUnixSocketIsListenedOnAndItsFileIsLeftToItsOwner(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        ServerSocketChannel given =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        try (Server server = Server.builder()
                .environment(Environment.system().withSelectorProvider(new GivenProvider(given)))
                .listen(Endpoint.inherited(), LINES)
                .start()) {
            assertEquals(-1, server.port());
            assertEquals("?\n", ask(address, 2));
        }
        assertTrue(Files.exists(address.getPath()));
    }

    @Test
    void whatIsInheritedButDoesNotListenIsRefused() throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                SocketChannel connected = SocketChannel.open(listening.getLocalAddress());
                ServerSocketChannel unbound = ServerSocketChannel.open();
                DatagramChannel datagrams = DatagramChannel.open()) {
            assertInheritedRefused(
                    "descriptor 0 is no socket; start this process with one (systemd: StandardInput=socket"
                            + " in the service, beside a socket unit)",
                    null);
            assertInheritedRefused(
                    "descriptor 0 is a connected socket, not one that listens; have the listening one"
                            + " passed (systemd: Accept=no; inetd: wait)",
                    connected);
            assertInheritedRefused(
                    "descriptor 0 is a datagram socket; a stream socket that listens is needed", datagrams);
            assertTrue(connected.isOpen(), "closing it would take standard error away");
            assertTrue(unbound.isOpen());
        }
    }

    private static void assertInheritedRefused(String why, java.nio.channels.Channel channel) {
        Environment environment = Environment.system().withSelectorProvider(new GivenProvider(channel));
        assertEquals("cannot listen on inherited: " + why, refusal(environment, Endpoint.inherited()));
    }

    @Test
    void whatContradictsTheInheritedSocketIsRefused() {
        assertEquals(
                "endpoint.backlog of inherited: 5 cannot be set, for the socket listens already; set it where that is"
                        + " opened",
                illegal(Server.builder().listen(Endpoint.inherited().withBacklog(5), LINES)));
        assertEquals(
                "endpoint.address: inherited cannot be used with Topology.reusePort, which needs TCP; use"
                        + " acceptorAndReaders",
                illegal(Server.builder().topology(Topology.reusePort(2)).listen(Endpoint.inherited(), LINES)));
        assertEquals(
                "endpoint.address: inherited is given twice",
                illegal(Server.builder().listen(Endpoint.inherited(), LINES).listen(Endpoint.inherited(), LINES)));
    }

    // ---- what can't be had

    @Test
    void anAddressThatIsGivenTwiceIsRefused() {
        assertEquals(
                "endpoint.address: 127.0.0.1:7000 is given twice",
                illegal(Server.builder()
                        .listen(Endpoint.tcp("127.0.0.1", 7000), LINES)
                        .listen(Endpoint.tcp("127.0.0.1", 7000).withBacklog(1), LINES)));
    }

    @Test
    void permissionsOfATcpAddressAreRefused() {
        assertEquals(
                "endpoint.permissions of 127.0.0.1:0: only the file of a Unix domain socket has permissions",
                illegal(Server.builder()
                        .listen(Endpoint.tcp("127.0.0.1", 0).withPermissions(java.util.Set.of()), LINES)));
    }

    @Test
    void anAddressThatIsNotThisMachinesIsOneLine() {
        String message = refusal(Environment.system(), Endpoint.tcp("192.0.2.1", 0)); // RFC 5737: nobody's
        assertEquals(
                "cannot listen on 192.0.2.1:0: Cannot assign requested address; it is none of this machine's (ip address"
                        + " shows them)",
                message);
    }

    @Test
    void aPortInUseIsOneLineThatSaysWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertEquals(
                    "cannot listen on 127.0.0.1:" + port + ": Address already in use; stop what has port " + port
                            + " (ss -ltnp shows it), or take another",
                    refusal(Environment.system(), Endpoint.tcp("127.0.0.1", port)));
        }
    }

    @Test
    void advicesFitTheFailure(@TempDir Path folder) throws Exception {
        assertEquals(
                "cannot listen on 127.0.0.1:80: Permission denied; port 80 is for privileged processes: take one from"
                        + " 1024 on, or grant CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start",
                BindTrouble.explained(Endpoint.tcp("127.0.0.1", 80), new java.net.SocketException("Permission denied"))
                        .getMessage());
        Path path = folder.resolve("s");
        String denied = "cannot listen on " + path + ": this user may not make files in " + folder
                + "; change its permissions, or choose another path";
        assertEquals(
                denied,
                BindTrouble.explained(Endpoint.unix(path), new java.net.SocketException("Permission denied"))
                        .getMessage());
        assertEquals(
                denied,
                BindTrouble.explained(Endpoint.unix(path), new java.nio.file.AccessDeniedException(path.toString()))
                        .getMessage());
        Path anothers = Files.createFile(folder.resolve("another's"));
        assertEquals(
                "cannot listen on " + anothers
                        + ": this user may not find out whether somebody listens on it; remove it, or"
                        + " choose another path",
                BindTrouble.explained(Endpoint.unix(anothers), new java.net.SocketException("Permission denied"))
                        .getMessage());
        assertEquals(
                "cannot listen on 127.0.0.1:80: etwas Unbekanntes",
                BindTrouble.explained(Endpoint.tcp("127.0.0.1", 80), new IOException("etwas Unbekanntes"))
                        .getMessage());
    }

    @Test
    void nothingIsLeftHalfOpenWhenOneOfSeveralAddressesCannotBeHad(@TempDir Path folder) throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "this system doesn't show a process's descriptors");
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            Server.Builder builder = Server.builder()
                    .listen(Endpoint.tcp("127.0.0.1", 0), LINES)
                    .listen(Endpoint.unix(folder.resolve("s")), LINES)
                    .listen(
                            Endpoint.unix(folder.resolve("p"))
                                    .withPermissions(
                                            java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")),
                            LINES)
                    .listen(Endpoint.tcp("127.0.0.1", taken.getLocalPort()), LINES);
            assertThrows(BindException.class, builder::start); // loads what is loaded once
            List<String> before = sockets(descriptors);
            for (int i = 0; i < 20; i++) {
                assertThrows(BindException.class, builder::start);
            }
            assertEquals(before, sockets(descriptors));
            try (var files = Files.list(folder)) {
                assertEquals(0, files.count(), "files of sockets that were closed");
            }
        }
    }

    /** The sockets, selectors and pipes that this process has open. Others come and go with the JVM's own doings. */
    private static List<String> sockets(Path descriptors) throws IOException {
        List<String> targets = new ArrayList<>();
        try (var links = Files.list(descriptors)) {
            for (Path link : links.toList()) {
                String target = target(link);
                if (target.contains(":")) {
                    targets.add(target.replaceAll(":.*", ""));
                }
            }
        }
        targets.sort(null);
        return targets;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    @Test
    void aBacklogAboveWhatTheKernelGrantsIsWarnedOfOnce(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("somaxconn"), "128\n");
        List<Endpoint> endpoints = List.of(
                Endpoint.tcp("127.0.0.1", 1).withBacklog(128),
                Endpoint.tcp("127.0.0.1", 2).withBacklog(129),
                Endpoint.tcp("127.0.0.1", 3).withBacklog(1000),
                Endpoint.inherited());
        assertEquals(
                Optional.of(
                        "the kernel cuts the backlog of 127.0.0.1:3 from 1000 to net.core.somaxconn, 128; raise that"
                                + " with sysctl -w net.core.somaxconn=1000, or set a smaller one withBacklog"),
                KernelBacklog.in(file).warning(endpoints));
        assertEquals(Optional.empty(), KernelBacklog.in(file).warning(endpoints.subList(0, 1)));
        assertEquals(Optional.empty(), KernelBacklog.in(file).warning(List.of(Endpoint.tcp("127.0.0.1", 1))));
        assertEquals(Optional.empty(), KernelBacklog.in(folder.resolve("none")).warning(endpoints));
    }

    private static String refusal(Environment environment, Endpoint endpoint) {
        String message = assertThrows(BindException.class, () -> Server.builder()
                        .environment(environment)
                        .listen(endpoint, LINES)
                        .start()
                        .close())
                .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private static String illegal(Server.Builder builder) {
        return assertThrows(
                        IllegalArgumentException.class, () -> builder.start().close())
                .getMessage();
    }
}
