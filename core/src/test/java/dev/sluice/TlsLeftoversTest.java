// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import java.io.File;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a server of TLS still holds when its clients have gone: nothing, wherever they left off and whatever names they asked for.
 * {@code -Dsluice.handshakes=10000} and {@code -Dsluice.names=100000} are the full numbers.
 */
class TlsLeftoversTest {
    private static final int HANDSHAKES = Integer.getInteger("sluice.handshakes", 1_000);
    private static final int NAMES = Integer.getInteger("sluice.names", 1_000);
    private static final int WARM_UP = 200;
    private static final int MOST_BYTES =
            200_000; // of classes, compiled code and the like: 2 or 20 for each of the full numbers
    private static final int CHANGE_CIPHER_SPEC_BYTES = 6;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static SSLContext clients;

    /** Where a client leaves off. */
    private enum Step {
        CONNECTED,
        PART_OF_HELLO,
        ANSWER_UNREAD,
        ANSWER_READ,
        PART_OF_FINISHED,
        GARBAGE_FOR_FINISHED,
        SECURED
    }

    @BeforeAll
    static void makeKeys() throws Exception {
        clients = TlsKeys.ofLocalhost().contextOfOneKey();
        clients.getClientSessionContext().setSessionCacheSize(1); // or they would be what is left
    }

    /** What is held at one moment. */
    private record Held(long descriptors, long direct, LiveObjects heap) {
        static Held now() throws Exception {
            long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
            return new Held(openFiles(), direct, LiveObjects.now());
        }

        void requireNoMore(Held now, int clients) {
            assertTrue(now.descriptors <= descriptors, () -> now.descriptors + " descriptors, not " + descriptors);
            assertTrue(now.direct <= direct, () -> now.direct + " bytes of direct memory, not " + direct);
            long bytes = now.heap.since(heap);
            System.out.printf("%,d clients have left %,d bytes of heap%n", clients, bytes);
            assertTrue(
                    bytes < MOST_BYTES,
                    () -> bytes + " bytes of heap; for each client:\n" + now.heap.perOne(heap, clients));
        }
    }

    private static long openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    private interface Visit {
        void make(int number) throws Exception;
    }

    private static void leavesNothing(TestServer server, int clients, Visit visit) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            visit.make(i);
        }
        noneIsLeft(server);
        Held spare = Held.now(); // takes as much as the next one will
        Held before = Held.now();
        assertTrue(spare.heap.isLike(before.heap));
        spare = null;
        for (int i = 0; i < clients; i++) {
            visit.make(WARM_UP + i);
        }
        noneIsLeft(server);
        Await.until(
                () -> openFiles() + " files are open, not " + before.descriptors,
                () -> openFiles() <= before.descriptors);
        before.requireNoMore(Held.now(), clients);
        assertEquals(0, server.server.closed().get(CloseReason.Kind.HANDLER_FAILED));
    }

    private static void noneIsLeft(TestServer server) {
        Await.until("all have ended", () -> server.server.connections() == 0);
        assertEquals(0, server.server.readers().get(0).lentBuffers());
    }

    private static TestServer server() throws IOException {
        Protocol<ByteBuffer> echo = Protocol.of(LineFramer::new, TestServer::echo); // notes nothing
        return new TestServer(
                echo, builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), echo));
    }

    private static Socket connect(TestServer server) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        int port = server.server.listeners().get(1).port();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return socket;
    }

    private static SSLEngine engine(int number, String name) {
        SSLEngine engine = clients.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {number % 2 == 0 ? "TLSv1.3" : "TLSv1.2"});
        parameters.setServerNames(List.of(new SNIHostName(name)));
        engine.setSSLParameters(parameters);
        return engine;
    }

    @Test
    void handshakesThatAreAbortedAnywhere() throws Exception {
        Random random = new Random(7);
        Step[] steps = Step.values();
        try (TestServer server = server()) {
            leavesNothing(server, HANDSHAKES, number -> {
                boolean byReset = number / 2 % 2 == 0;
                try (Socket socket = connect(server)) {
                    abort(new TlsPeer(socket, engine(number, "localhost")), steps[number % steps.length], random);
                    socket.setSoLinger(byReset, 0);
                }
            });
        }
    }

    private static void abort(TlsPeer peer, Step step, Random random) throws IOException {
        if (step == Step.CONNECTED) {
            return;
        }
        peer.engine.beginHandshake();
        byte[] hello = peer.flight();
        if (step == Step.PART_OF_HELLO) {
            peer.send(Arrays.copyOf(hello, 1 + random.nextInt(hello.length - 1)));
            return;
        }
        peer.send(hello);
        if (step == Step.ANSWER_UNREAD) {
            return;
        }
        byte[] last = peer.nextFlight();
        if (last.length == CHANGE_CIPHER_SPEC_BYTES) { // of TLS 1.3, for those in between (RFC 8446, appendix D.4)
            last = peer.send(last).nextFlight();
        }
        switch (step) {
            case PART_OF_FINISHED -> peer.send(Arrays.copyOf(last, 1 + random.nextInt(last.length - 1)));
            case GARBAGE_FOR_FINISHED -> {
                for (int i = last.length - 20; i < last.length; i++) {
                    last[i] = (byte) random.nextInt();
                }
                peer.send(last);
            }
            case SECURED -> peer.send(last).goOn();
            default -> {}
        }
    }

    @Test
    void namesThatNobodyHasAskedForBefore() throws Exception {
        try (TestServer server = server()) {
            leavesNothing(server, NAMES, number -> {
                try (Socket socket = connect(server)) {
                    TlsPeer peer = new TlsPeer(socket, engine(number, "n" + number + ".example")).handshake();
                    if (number % 3 > 0) {
                        peer.send(peer.closeNotify());
                    }
                }
            });
        }
    }
}
