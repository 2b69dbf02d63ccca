// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an idle connection of TLS holds on the heap: what a plain one does, what its engine would by itself after a handshake, and
 * next to nothing else. Clients are in the same process and count in all that is told, but for their engines, which are gone.
 */
class TlsHeapTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int WARM_UP = 50;
    private static final int CONNECTIONS = 1_000; // what is there once shall not count among them
    private static final int MOST_BYTES = 96;

    private static SSLContext clients;

    @BeforeAll
    static void makeKeys() throws Exception {
        clients = TlsKeys.ofLocalhost().contextOfOneKey();
        clients.getClientSessionContext().setSessionCacheSize(1); // nothing of clients is to be counted
    }

    private interface Making {
        Object one() throws Exception;
    }

    private final StringBuilder classes = new StringBuilder();

    /** The bytes that one of many holds. */
    private long each(String what, Making making) throws Exception {
        List<Object> all = new ArrayList<>(WARM_UP + CONNECTIONS);
        for (int i = 0; i < WARM_UP; i++) {
            all.add(making.one());
        }
        LiveObjects spare = LiveObjects.now(); // takes as much as the next one will
        LiveObjects before = LiveObjects.now();
        assertTrue(spare.isLike(before));
        spare = null;
        for (int i = 0; i < CONNECTIONS; i++) {
            all.add(making.one());
        }
        LiveObjects after = LiveObjects.now();
        assertEquals(WARM_UP + CONNECTIONS, all.size());
        long bytes = Math.round(after.since(before) / (double) CONNECTIONS);
        classes.append(what)
                .append(":\n")
                .append(after.perOne(before, CONNECTIONS))
                .append('\n');
        for (Object one : all) {
            if (one instanceof Socket socket) {
                socket.close();
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void anIdleOneHoldsItsEngineAndNextToNothingElse(String version) throws Exception {
        SSLContext context = TlsKeys.ofLocalhost().contextOfOneKey();
        long plain;
        long engine;
        long secure;
        Protocol<ByteBuffer> echo = Protocol.of(LineFramer::new, TestServer::echo); // notes nothing
        try (TestServer server = new TestServer(
                echo, builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), echo))) {
            plain = each("plain", () -> plain(server));
            engine = each("engine", () -> engine(context, version));
            secure = each("secure", () -> secure(server, version));
        }
        long own = secure - plain - engine;
        System.out.printf(
                "%s, bytes of heap: plain %,d, engine %,d, idle connection %,d; %,d are of neither%n",
                version, plain, engine, secure, own);
        assertTrue(own <= MOST_BYTES, () -> own + " bytes besides the engine's\n" + classes);
    }

    private static Socket connect(TestServer server, int listener) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(),
                        server.server.listeners().get(listener).port()),
                TIMEOUT_MILLIS);
        return socket;
    }

    private static Socket plain(TestServer server) throws IOException {
        Socket socket = connect(server, 0);
        socket.getOutputStream().write("x\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals(2, socket.getInputStream().readNBytes(2).length);
        return socket;
    }

    private static SSLEngine client(String version) {
        SSLEngine client = clients.createSSLEngine();
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        parameters.setServerNames(List.of(new SNIHostName("localhost")));
        client.setSSLParameters(parameters);
        return client;
    }

    private static Socket secure(TestServer server, String version) throws Exception {
        Socket socket = connect(server, 1);
        TlsPeer peer = new TlsPeer(socket, client(version)).handshake();
        peer.send(peer.seal("x\n"));
        assertEquals("x\n", peer.read(2));
        return socket;
    }

    private static SSLEngine engine(SSLContext context, String version) throws Exception {
        SSLEngine client = client(version);
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer toServer = ByteBuffer.allocate(40_000);
        ByteBuffer toClient = ByteBuffer.allocate(40_000);
        for (int turns = 0; turns < 20; turns++) {
            turn(client, toClient, toServer);
            turn(server, toServer, toClient);
        }
        return server;
    }

    // Reads all that has come, says what there is to say and a byte more, once the two have agreed.
    private static void turn(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(40_000);
        in.flip();
        for (boolean more = true; more; ) {
            int before = in.remaining() + out.position();
            engine.unwrap(in, plain);
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
            engine.wrap(ByteBuffer.wrap(new byte[1]), out);
            more = in.hasRemaining() && before != in.remaining() + out.position();
        }
        in.compact();
    }
}
