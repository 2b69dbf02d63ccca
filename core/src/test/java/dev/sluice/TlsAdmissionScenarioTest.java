// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** More clients who want to agree on keys than may at once, or than there is time for. */
class TlsAdmissionScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static SSLContext clients;

    @BeforeAll
    static void makeKeys() throws Exception {
        clients = TlsKeys.ofLocalhost().contextOfOneKey();
    }

    private static TestServer server(int handshakes) throws IOException {
        return server(handshakes, Deadlines.defaults());
    }

    private static TestServer server(int handshakes, Deadlines deadlines) throws IOException {
        return new TestServer(TlsKeys.ofLocalhost().endpoint(), builder -> builder.limits(
                        Limits.defaults().withHandshakes(handshakes))
                .deadlines(deadlines));
    }

    private static TlsPeer peer(int port) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        SSLEngine engine = clients.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        engine.beginHandshake();
        return new TlsPeer(socket, engine);
    }

    private static TlsPeer peer(TestServer server) throws IOException {
        return peer(server.server.port());
    }

    /** One whose handshake is under way. */
    private static TlsPeer begun(TestServer server) throws IOException {
        int before = server.server.handshakes();
        TlsPeer peer = peer(server);
        peer.send(peer.flight());
        Await.until("it has begun", () -> server.server.handshakes() == before + 1);
        return peer;
    }

    /** One that is to wait. */
    private static TlsPeer waiting(TestServer server) throws IOException {
        int before = server.server.handshakesWaiting();
        TlsPeer peer = peer(server);
        peer.send(peer.flight());
        Await.until("it waits", () -> server.server.handshakesWaiting() == before + 1);
        return peer;
    }

    private static boolean isAnswered(TlsPeer peer) throws IOException {
        return peer.socket.getInputStream().available() > 0;
    }

    private static void echoes(TlsPeer peer, String line) throws IOException {
        peer.send(peer.seal(line));
        assertEquals(line, peer.read(line.length()));
    }

    /** What has become of handshakes: secured, failed, timed out, never begun, cut. */
    private static void ended(TestServer server, long... numbers) {
        HandshakeCounters counters = server.server.counters().handshakes();
        List<Long> expected = Arrays.stream(numbers).boxed().toList();
        assertEquals(expected, List.copyOf(counters.ended().values()), counters::toString);
    }

    private static void noneIsUnderWay(TestServer server) {
        Await.until("no handshake is under way", () -> server.server.handshakes() == 0);
        Await.until("none waits", () -> server.server.handshakesWaiting() == 0);
    }

    @Test
    void onlySoManyAreUnderWayAndTheNewestOfTheOthersIsNext() throws Exception {
        try (TestServer server = server(2)) {
            TlsPeer first = begun(server);
            TlsPeer second = begun(server);
            List<TlsPeer> others = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                others.add(waiting(server));
            }
            first.goOn();
            echoes(first, "one\n");
            for (int next = others.size() - 1; next >= 0; next--) {
                others.get(next).goOn();
                for (int older = 0; older < next - 1; older++) { // the one before it is next, and may have begun
                    assertTrue(!isAnswered(others.get(older)), "an older one is answered");
                }
                echoes(others.get(next), next + "\n");
            }
            second.goOn();
            echoes(second, "two\n");
            noneIsUnderWay(server);
            for (TlsPeer other : others) {
                other.close();
            }
            first.close();
            second.close();
        }
    }

    @Test
    void whoIsSilentOrInTheMiddleOfItsFirstMessageTakesNoSlot() throws Exception {
        try (TestServer server = server(1);
                TlsPeer silent = peer(server);
                TlsPeer slow = peer(server);
                TlsPeer quick = peer(server)) {
            byte[] hello = slow.flight();
            for (byte one : Arrays.copyOf(hello, 200)) {
                slow.send(new byte[] {one});
            }
            quick.goOn();
            echoes(quick, "x\n");
            slow.send(Arrays.copyOfRange(hello, 200, hello.length)).goOn();
            echoes(slow, "y\n");
            silent.goOn();
            echoes(silent, "z\n");
            noneIsUnderWay(server);
        }
    }

    @Test
    void howeverOneEndsItsSlotComesFree() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withHandshake(Duration.ofSeconds(2));
        try (TestServer server = server(1, deadlines)) {
            try (TlsPeer reset = begun(server)) {
                reset.socket.setSoLinger(true, 0);
            }
            noneIsUnderWay(server);
            try (TlsPeer ends = begun(server)) {
                ends.socket.shutdownOutput();
                noneIsUnderWay(server);
            }
            try (TlsPeer garbles = begun(server)) {
                garbles.send(new byte[100]);
                noneIsUnderWay(server);
            }
            try (TlsPeer silent = begun(server)) {
                noneIsUnderWay(server);
            }
            try (TlsPeer garbage = peer(server)) { // takes none at all
                garbage.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThrows(IOException.class, garbage::goOn);
            }
            try (TlsPeer last = peer(server).goOn()) {
                echoes(last, "x\n");
                noneIsUnderWay(server);
            }
            ended(server, 1, 3, 1, 0, 1);
        }
    }

    @Test
    void whoHasWaitedTooLongIsEndedUnread() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withHandshake(Duration.ofSeconds(1));
        CopyOnWriteArrayList<Runnable> tasks = new CopyOnWriteArrayList<>();
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0)
                .withTls(TlsKeys.ofLocalhost()
                        .serverBuilder()
                        .handshakeTasks(tasks::add)
                        .build());
        try (TestServer server = new TestServer(
                        endpoint, builder -> builder.limits(Limits.defaults().withHandshakes(1))
                                .deadlines(deadlines));
                TlsPeer first = begun(server)) {
            Await.until("its task waits", () -> tasks.size() == 1);
            try (TlsPeer second = waiting(server)) {
                assertEquals(1, server.server.counters().handshakes().tasks());
                String page = server.server.explain();
                assertTrue(
                        page.contains("\nhandshakes: under way 1 of 1, waiting 1, tasks elsewhere 1, ended: none\n"),
                        page);
                assertThrows(IOException.class, second::goOn);
                assertThrows(IOException.class, first::goOn);
                Await.until(
                        () -> "both have ended: " + server.server.closed(),
                        () -> server.server.closed().get(CloseReason.Kind.DEADLINE_PASSED) == 2);
                assertEquals(0, server.server.handshakesWaiting());
                assertEquals(1, server.server.handshakes(), "its task still runs");
                assertEquals(1, server.server.counters().handshakes().tasks());
                tasks.remove(0).run();
                noneIsUnderWay(server);
                assertEquals(0, server.server.counters().handshakes().tasks());
                ended(server, 0, 0, 1, 1, 0);
                String after = server.server.explain();
                assertTrue(after.contains(", ended: TIMED_OUT 1, NEVER_BEGUN 1\n"), after);
            }
        }
    }

    @Test
    void oneWhoseTaskComesBackWhileItIsCutIsCountedAsWell() throws Exception {
        CopyOnWriteArrayList<Runnable> tasks = new CopyOnWriteArrayList<>();
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0)
                .withTls(TlsKeys.ofLocalhost()
                        .serverBuilder()
                        .handshakeTasks(tasks::add)
                        .build());
        try (TestServer server = new TestServer(endpoint, builder -> builder);
                TlsPeer peer = begun(server)) {
            Await.until("its task waits", () -> tasks.size() == 1);
            Reader reader = server.server.readers().get(0);
            reader.execute(() -> {
                reader.first().cut(CloseReason.Stopped::new);
                tasks.remove(0).run(); // what it gives back is seen before the connection is closed, or behind that
            });
            noneIsUnderWay(server);
            Await.until("it has ended", () -> server.server.closed().get(CloseReason.Kind.STOPPED) == 1);
            ended(server, 0, 0, 0, 0, 1);
            assertEquals(0, server.server.counters().handshakes().tasks());
            assertThrows(IOException.class, peer::goOn);
        }
    }

    @Test
    void aServerStopsWhileSomeWait() throws Exception {
        try (TestServer server = server(1);
                TlsPeer first = begun(server);
                TlsPeer second = waiting(server);
                TlsPeer third = waiting(server)) {
            server.server.stop(Duration.ofSeconds(20));
            assertEquals(3, server.server.closed().get(CloseReason.Kind.STOPPED));
            assertEquals(0, server.server.handshakesWaiting());
            assertEquals(0, server.server.handshakes());
            ended(server, 0, 0, 0, 0, 3);
            assertThrows(IOException.class, third::goOn);
            assertThrows(IOException.class, second::goOn);
            assertThrows(IOException.class, first::goOn);
        }
    }

    @Test
    void aSlotThatComesFreeOnOneReaderIsTakenOnAnother() throws Exception {
        try (TestServer server = new TestServer(
                        TlsKeys.ofLocalhost().endpoint(), builder -> builder.topology(Topology.acceptorAndReaders(3))
                                .limits(Limits.defaults().withHandshakes(1)));
                TlsPeer first = begun(server);
                TlsPeer second = waiting(server);
                TlsPeer third = waiting(server)) {
            first.goOn();
            Await.until("a Reader's only one is next", () -> server.server.handshakesWaiting() == 1);
            TlsPeer next = isNext(second, third);
            next.goOn();
            (next == second ? third : second).goOn();
            echoes(second, "two\n");
            echoes(third, "three\n");
            noneIsUnderWay(server);
        }
    }

    private static TlsPeer isNext(TlsPeer one, TlsPeer other) throws IOException {
        AtomicReference<TlsPeer> next = new AtomicReference<>();
        Await.until("one is answered", () -> {
            try {
                next.set(isAnswered(one) ? one : isAnswered(other) ? other : null);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return next.get() != null;
        });
        return next.get();
    }

    @Test
    void whatAProxySaysInFrontIsReadAndTheRestWaits() throws Exception {
        Endpoint endpoint =
                TlsKeys.ofLocalhost().endpoint().withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8"));
        try (TestServer server = new TestServer(
                        endpoint, builder -> builder.limits(Limits.defaults().withHandshakes(1)));
                TlsPeer first = peer(server);
                TlsPeer second = peer(server)) {
            byte[] header = "PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n".getBytes(StandardCharsets.US_ASCII);
            first.send(header, first.flight());
            Await.until("it has begun", () -> server.server.handshakes() == 1);
            second.send(header, second.flight());
            Await.until("it waits", () -> server.server.handshakesWaiting() == 1);
            first.goOn();
            second.goOn();
            echoes(second, "two\n");
            echoes(first, "one\n");
            noneIsUnderWay(server);
        }
    }

    @Test
    void thoseWhoHaveAgreedAreServedBeforeThoseWhoWantToAndInBetween() throws Exception {
        int crowd = 20;
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicLong begunBefore = new AtomicLong(-1);
        CopyOnWriteArrayList<Long> passes = new CopyOnWriteArrayList<>();
        AtomicReference<Server> running = new AtomicReference<>();
        Protocol<ByteBuffer> protocol = Protocol.of(LineFramer::new, (line, reply) -> {
            if (TestServer.text(line).equals("wait")) {
                assertTrue(goOn.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
            } else {
                begunBefore.compareAndSet(-1, passes.size());
            }
            reply.send(line, LineEncoder.LF);
        });
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0)
                .withTls(TlsKeys.ofLocalhost()
                        .serverBuilder()
                        .handshakeTasks(task -> {
                            passes.add(running.get().counters().passes());
                            task.run();
                        })
                        .build());
        try (TestServer server = new TestServer(protocol, builder -> builder.listen(endpoint, protocol))) {
            running.set(server.server);
            int port = server.server.listeners().get(1).port();
            TlsPeer blocking = peer(port).goOn();
            TlsPeer known = peer(port).goOn();
            passes.clear();
            List<TlsPeer> others = new ArrayList<>();
            for (int i = 0; i < crowd; i++) {
                others.add(peer(port));
            }
            Await.until("all are there", () -> server.server.connections() == crowd + 2);
            blocking.send(blocking.seal("wait\n"));
            Await.until("it blocks", () -> server.server.readers().get(0).frames() == 1);
            for (TlsPeer other : others) {
                other.send(other.flight());
            }
            known.send(known.seal("x\n"));
            goOn.countDown();
            assertEquals("x\n", known.read(2));
            assertEquals(0, begunBefore.get());
            for (TlsPeer other : others) {
                other.goOn().close();
            }
            assertEquals(crowd, passes.stream().distinct().count(), () -> "one in each pass: " + passes);
            assertEquals("wait\n", blocking.read(5));
            blocking.close();
            known.close();
        }
    }
}
