// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections of ours that go over to TLS when the server has agreed to it, and servers that are no {@link RequestProtocol}. */
class StartTlsClientScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<CloseReason> reasons = new LinkedBlockingQueue<>();

    /** Asks for TLS at once, and goes over when "go ahead" comes. */
    private class Asking implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            assertTrue(connection.mayStartTls());
            assertNull(connection.tlsInfo());
            connection.send(bytes("STARTTLS\n"));
        }

        @Override
        public void received(ByteBuffer line, Connection connection) throws Exception {
            heard.add(text(line));
            if (text(line).equals("go ahead")) {
                connection.startTls();
                connection.send(bytes("in secret\n"));
            }
        }

        @Override
        public void secured(Connection connection) {
            assertNotNull(connection.tlsInfo());
            heard.add("secured");
            connection.send(bytes("behind that\n"));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }
    }

    /** Goes over when asked, and echoes all else. */
    private static final class Agreeing implements DuplexProtocol<ByteBuffer> {
        private final List<CloseReason> reasons = new CopyOnWriteArrayList<>();

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            if (text(line).equals("STARTTLS")) {
                connection.send(bytes("go ahead\n"));
                connection.startTls();
            } else {
                connection.send(line, LineEncoder.LF);
            }
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }
    }

    private static ClientTls trusting() throws IOException {
        return TlsKeys.ofLocalhost().client().build();
    }

    private Connector connector(ClientTls tls) throws IOException {
        return Connector.builder(new Asking())
                .startTls(tls)
                .deadlines(Deadlines.defaults().withHandshake(Duration.ofSeconds(1)))
                .start();
    }

    private static InetSocketAddress localhost(int port) {
        return InetSocketAddress.createUnresolved("localhost", port);
    }

    private String next() throws InterruptedException {
        String next = heard.poll(20, TimeUnit.SECONDS);
        assertNotNull(next, "nothing has come");
        return next;
    }

    private CloseReason reason() throws InterruptedException {
        CloseReason reason = reasons.poll(20, TimeUnit.SECONDS);
        assertNotNull(reason, "it has not ended");
        return reason;
    }

    @Test
    void bothSidesGoOver() throws Exception {
        Agreeing agreeing = new Agreeing();
        Endpoint endpoint =
                Endpoint.tcp("127.0.0.1", 0).withStartTls(TlsKeys.ofLocalhost().server());
        try (Server server = Server.builder()
                        .topology(Topology.singleThread())
                        .listen(endpoint, agreeing)
                        .start();
                Connector connector = connector(trusting())) {
            Connection connection = connector.connect(localhost(server.port())).get(20, TimeUnit.SECONDS);
            assertEquals("go ahead", next());
            assertEquals("secured", next());
            assertEquals("in secret", next());
            assertEquals("behind that", next());
            connection.close();
            assertInstanceOf(CloseReason.ClosedHere.class, reason());
            Await.until("the server knows", () -> agreeing.reasons.size() == 1);
            assertInstanceOf(CloseReason.PeerClosed.class, agreeing.reasons.get(0));
        }
    }

    @Test
    void aServersReadersServeSuchConnectionsToo() throws Exception {
        Endpoint endpoint =
                Endpoint.tcp("127.0.0.1", 0).withStartTls(TlsKeys.ofLocalhost().server());
        try (Server server = Server.builder()
                .topology(Topology.singleThread())
                .listen(endpoint, new Agreeing())
                .start()) {
            Connector connector = server.connectorWithStartTls(new Asking(), trusting());
            connector.connect(localhost(server.port())).get(20, TimeUnit.SECONDS);
            assertEquals("go ahead", next());
            assertEquals("secured", next());
            assertEquals("in secret", next());
        }
        assertInstanceOf(CloseReason.class, reason());
    }

    @Test
    void aServerThatIsNotTrustedGetsNothing() throws Exception {
        Agreeing agreeing = new Agreeing();
        Endpoint endpoint =
                Endpoint.tcp("127.0.0.1", 0).withStartTls(TlsKeys.ofLocalhost().server());
        try (Server server = Server.builder()
                        .topology(Topology.singleThread())
                        .listen(endpoint, agreeing)
                        .start();
                Connector connector = connector(ClientTls.builder().build())) {
            connector.connect(localhost(server.port())).get(20, TimeUnit.SECONDS);
            assertInstanceOf(CloseReason.TlsFailed.class, reason());
            assertEquals(List.of("go ahead"), List.copyOf(heard));
            Await.until("the server knows", () -> agreeing.reasons.size() == 1);
            assertInstanceOf(CloseReason.TlsFailed.class, agreeing.reasons.get(0));
        }
    }

    private static Socket accept(ServerSocket listener) throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.getInputStream().readNBytes("STARTTLS\n".length());
        return socket;
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(TIMEOUT_MILLIS);
        return listener;
    }

    /** Somebody between adds words of his own to the server's: they are never taken for what came by TLS. */
    @Test
    void whatCameBehindTheServersWordsEndsIt() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting())) {
            connector.connect(localhost(listener.getLocalPort())).get(20, TimeUnit.SECONDS);
            try (Socket socket = accept(listener)) {
                socket.getOutputStream().write("go ahead\ninjected\n".getBytes(StandardCharsets.US_ASCII));
                assertInstanceOf(CloseReason.TlsFailed.class, reason());
                byte[] all = socket.getInputStream().readAllBytes();
                assertEquals(7, all.length, "an alert, and nothing of what was to be secret");
            }
            assertEquals(List.of("go ahead"), List.copyOf(heard));
        }
    }

    @Test
    void aServerThatSaysNothingInTheHandshakeIsNotWaitedForForEver() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting())) {
            connector.connect(localhost(listener.getLocalPort())).get(20, TimeUnit.SECONDS);
            try (Socket socket = accept(listener)) {
                socket.getOutputStream().write("go ahead\n".getBytes(StandardCharsets.US_ASCII));
                CloseReason.DeadlinePassed passed = assertInstanceOf(CloseReason.DeadlinePassed.class, reason());
                assertEquals(CloseReason.Deadline.HANDSHAKE, passed.deadline());
            }
        }
    }

    @Test
    void aConnectorWithoutItSaysSo() throws Exception {
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        DuplexProtocol<ByteBuffer> protocol = new Asking() {
            @Override
            public void opened(Connection connection) {
                said.add(assertThrows(IllegalStateException.class, connection::startTls)
                        .getMessage());
            }
        };
        try (ServerSocket listener = listen();
                Connector connector = Connector.builder(protocol).start()) {
            Connection connection =
                    connector.connect(localhost(listener.getLocalPort())).get(20, TimeUnit.SECONDS);
            assertEquals("neither its endpoint nor its connector has startTls", said.poll(20, TimeUnit.SECONDS));
            connection.close();
        }
    }

    @Test
    void onAnotherThreadItMayNot() throws Exception {
        try (ServerSocket listener = listen();
                Connector connector = connector(trusting())) {
            Connection connection =
                    connector.connect(localhost(listener.getLocalPort())).get(20, TimeUnit.SECONDS);
            assertThrows(IllegalStateException.class, connection::startTls);
            connection.abort();
        }
    }

    @Test
    void nobodyThereIsToldAsEver() throws Exception {
        int port;
        try (ServerSocket listener = listen()) {
            port = listener.getLocalPort();
        }
        try (Connector connector = connector(trusting())) {
            assertThrows(
                    ExecutionException.class,
                    () -> connector.connect(localhost(port)).get(20, TimeUnit.SECONDS));
            Await.until("all is given back", () -> connector.connections() == 0);
        }
    }
}
