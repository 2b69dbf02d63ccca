// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.Key;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Handshakes whose tasks run elsewhere. */
class TlsTasksScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final byte[] CHANGE_CIPHER_SPEC = {20, 3, 3, 0, 1, 1};
    private static TestCa ca;
    private static TestCertificate certificate;

    /** Keeps the tasks until the test runs them. */
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    @BeforeAll
    static void makeKeys() {
        ca = TestCa.create("Test CA");
        certificate = ca.server("localhost");
    }

    private static ServerTls tls(Executor executor) throws Exception {
        return ServerTls.builder()
                .defaultIdentity(TlsIdentity.of(certificate.key(), certificate.chain()))
                .handshakeTasks(executor)
                .build();
    }

    private TestServer server(Executor executor, Deadlines deadlines) throws Exception {
        return new TestServer(
                Endpoint.tcp("127.0.0.1", 0).withTls(tls(executor)), builder -> builder.deadlines(deadlines));
    }

    private TestServer server(Executor executor) throws Exception {
        return server(executor, Deadlines.defaults());
    }

    private static TlsPeer peer(TestServer server, String version) throws Exception {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()), TIMEOUT_MILLIS);
        SSLEngine engine =
                ClientTls.builder().trust(List.of(ca.certificate())).build().engine("localhost", server.server.port());
        engine.setEnabledProtocols(new String[] {version});
        return new TlsPeer(socket, engine);
    }

    private static void echoes(TlsPeer peer, String line) throws IOException {
        peer.send(peer.seal(line));
        assertEquals(line, peer.read(line.length()));
    }

    private static void ends(TestServer server, CloseReason.Kind kind) {
        Await.until(
                () -> "it has ended as " + kind + ": " + server.server.closed(),
                () -> server.server.closed().get(kind) == 1);
    }

    private Runnable nextTask() throws InterruptedException {
        Runnable task = tasks.poll(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        assertTrue(task != null, "there is a task");
        return task;
    }

    /** A client that has sent its first message, and no more. */
    private static TlsPeer begun(TestServer server) throws Exception {
        TlsPeer peer = peer(server, "TLSv1.3");
        peer.engine.beginHandshake();
        return peer.send(peer.flight());
    }

    @Test
    void tasksRunWhereTheyAreToldTo() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        Executor noting = task -> executor.execute(() -> {
            threads.add(Thread.currentThread());
            task.run();
        });
        try (TestServer server = server(noting)) {
            for (String version : List.of("TLSv1.3", "TLSv1.2")) {
                for (int i = 0; i < 20; i++) {
                    try (TlsPeer peer = peer(server, version).handshake()) {
                        echoes(peer, "one\n");
                        echoes(peer, "two\n");
                    }
                }
            }
        } finally {
            executor.shutdown();
        }
        assertTrue(threads.stream().noneMatch(thread -> thread.getName().startsWith("sluice")), threads::toString);
        assertEquals(2, threads.size());
    }

    @Test
    void theCallersThreadMayBeTheOne() throws Exception {
        try (TestServer server = server(Runnable::run);
                TlsPeer peer = peer(server, "TLSv1.2").handshake()) {
            echoes(peer, "one\n");
        }
    }

    @Test
    void aClientsTasksRunWhereTheyAreToldToAsWell() throws Exception {
        ClientTls tls = ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .handshakeTasks(tasks::add)
                .build();
        CompletableFuture<String> answer = new CompletableFuture<>();
        DuplexProtocol<ByteBuffer> client =
                DuplexProtocol.of(LineFramer::new, (line, connection) -> answer.complete(TestServer.text(line)));
        try (TestServer server = server(Runnable::run);
                Connector connector = Connector.builder(client).tls(tls).start()) {
            CompletableFuture<Connection> connecting =
                    connector.connect(new InetSocketAddress("localhost", server.server.port()));
            while (!connecting.isDone()) {
                Runnable task = tasks.poll(1, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run();
                }
            }
            assertTrue(connecting.get().send(TestServer.bytes("hello\n")));
            assertEquals("hello", answer.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void nothingIsReadWhileATaskRunsAndTheOthersAreServed() throws Exception {
        try (TestServer server = server(tasks::add)) {
            TlsPeer waiting = begun(server);
            Runnable task = nextTask();
            waiting.send(new byte[100]); // no record: it will be seen later
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
                try (TlsPeer peer = peer(server, "TLSv1.3").handshake()) {
                    echoes(peer, "x\n");
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            while (!other.isDone()) {
                Runnable next = tasks.poll(1, TimeUnit.MILLISECONDS);
                if (next != null) {
                    next.run();
                }
            }
            other.get();
            assertEquals(0, server.server.closed().get(CloseReason.Kind.TLS_FAILED));
            task.run();
            ends(server, CloseReason.Kind.TLS_FAILED);
            waiting.close();
        }
    }

    @Test
    void whatCameInOneReadWithItsFirstMessageIsKept() throws Exception {
        try (TestServer server = server(tasks::add);
                TlsPeer peer = peer(server, "TLSv1.3")) {
            peer.engine.beginHandshake();
            byte[] hello = peer.flight();
            peer.send(hello, CHANGE_CIPHER_SPEC);
            nextTask().run();
            assertArrayEquals(CHANGE_CIPHER_SPEC, peer.nextFlight()); // that was sent before
            peer.send(peer.nextFlight()).goOn();
            echoes(peer, "x\n");
        }
    }

    @Test
    void theTimeOfTheHandshakeRunsWhileATaskDoes() throws Exception {
        try (TestServer server = server(tasks::add, Deadlines.defaults().withHandshake(Duration.ofMillis(100)));
                TlsPeer peer = begun(server)) {
            Runnable task = nextTask();
            ends(server, CloseReason.Kind.DEADLINE_PASSED);
            assertThrows(IOException.class, peer::goOn);
            task.run(); // it comes back to a connection that has ended
            try (TlsPeer next = begun(server)) {
                nextTask().run();
                next.nextFlight();
            }
        }
    }

    @Test
    void aServerStopsWhileTasksRun() throws Exception {
        List<Runnable> late = new ArrayList<>();
        try (TestServer server = server(tasks::add);
                TlsPeer one = begun(server);
                TlsPeer other = begun(server)) {
            late.add(nextTask());
            late.add(nextTask());
            server.server.stop(Duration.ofSeconds(20));
            assertEquals(2, server.server.closed().get(CloseReason.Kind.STOPPED));
            assertThrows(IOException.class, one::goOn);
            assertThrows(IOException.class, other::goOn);
        }
        late.forEach(Runnable::run); // nobody waits for them any more
    }

    @Test
    void aClientThatIsGivenUpMayHaveATask() throws Exception {
        ClientTls tls = ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .handshakeTasks(tasks::add)
                .build();
        DuplexProtocol<ByteBuffer> client = DuplexProtocol.of(LineFramer::new, (line, connection) -> {});
        try (TestServer server = server(Runnable::run);
                Connector connector = Connector.builder(client).tls(tls).start()) {
            CompletableFuture<Connection> connecting =
                    connector.connect(new InetSocketAddress("localhost", server.server.port()));
            Runnable task = nextTask();
            connector.stop(Duration.ofSeconds(20));
            assertThrows(ExecutionException.class, () -> connecting.get(20, TimeUnit.SECONDS));
            task.run();
        }
    }

    @Test
    void anExecutorThatTakesNoMoreEndsTheHandshake() throws Exception {
        RejectedExecutionException full = new RejectedExecutionException("full");
        try (TestServer server = server(task -> {
                    throw full;
                });
                TlsPeer peer = begun(server)) {
            assertThrows(IOException.class, peer::goOn);
            ends(server, CloseReason.Kind.TLS_FAILED);
        }
    }

    @Test
    void aTaskIsNotRunByTwoWhereAnExecutorRefusesWhatItHasTaken() throws Exception {
        try (TestServer server = server(task -> {
                    tasks.add(task);
                    throw new RejectedExecutionException("or is it?");
                });
                TlsPeer peer = begun(server)) {
            ends(server, CloseReason.Kind.TLS_FAILED);
            nextTask().run();
            assertThrows(IOException.class, peer::goOn);
        }
    }

    /** Throws what no engine catches. */
    private static final class BrokenKey {
        private volatile boolean broken;

        <K extends Key> K like(K whole, Class<K> type) {
            return type.cast(Proxy.newProxyInstance(
                    BrokenKey.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        if (broken) {
                            throw new StackOverflowError("of a test");
                        }
                        return method.invoke(whole, arguments);
                    }));
        }
    }

    @Test
    void aTaskThatThrowsEndsItsConnection() throws Exception {
        BrokenKey key = new BrokenKey();
        ECPrivateKey whole = (ECPrivateKey) certificate.key();
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(TlsIdentity.of(key.like(whole, ECPrivateKey.class), certificate.chain()))
                .handshakeTasks(task -> CompletableFuture.runAsync(task))
                .build();
        try (TestServer server = new TestServer(Endpoint.tcp("127.0.0.1", 0).withTls(tls), builder -> builder)) {
            try (TlsPeer peer = peer(server, "TLSv1.3").handshake()) {
                echoes(peer, "x\n");
            }
            key.broken = true;
            try (TlsPeer peer = peer(server, "TLSv1.3")) {
                assertThrows(IOException.class, peer::handshake);
            }
            ends(server, CloseReason.Kind.TLS_FAILED);
            key.broken = false;
            try (TlsPeer peer = peer(server, "TLSv1.3").handshake()) {
                echoes(peer, "x\n");
            }
        }
    }

    @Test
    void aClientThatEndsBehindItsFirstMessageKeepsItsSlotWhileItsTaskRuns() throws Exception {
        Endpoint both = Endpoint.tcp("127.0.0.1", 0).withTlsOrPlain(tls(tasks::add));
        try (TestServer server = new TestServer(
                        both, builder -> builder.limits(Limits.defaults().withHandshakes(1)));
                TlsPeer first = begun(server)) {
            Runnable task = nextTask();
            TlsPeer second = begun(server);
            Await.until("the second waits", () -> server.server.handshakesWaiting() == 1);
            second.socket.shutdownOutput();
            first.socket.setSoLinger(true, 0);
            first.close();
            task.run();
            Runnable secondTask = nextTask();
            try (TlsPeer third = begun(server)) {
                Await.until(
                        "the third waits, or has begun",
                        () -> server.server.handshakesWaiting() == 1 || !tasks.isEmpty());
                assertTrue(tasks.isEmpty(), "two tasks at once where one handshake may be under way");
                secondTask.run();
                ends(server, CloseReason.Kind.TLS_FAILED);
                nextTask().run();
                echoes(third.goOn(), "x\n");
            }
            second.close();
        }
    }

    @Test
    void aTaskThatAnExecutorDropsGivesItsSlotBackInTheEndAndOnce() throws Exception {
        Deadlines brief = Deadlines.defaults().withHandshake(Duration.ofMillis(100));
        try (TestServer server = server(tasks::add, brief);
                TlsPeer peer = begun(server)) {
            Runnable dropped = nextTask();
            assertEquals(1, server.server.handshakes());
            ends(server, CloseReason.Kind.DEADLINE_PASSED);
            assertThrows(IOException.class, peer::goOn);
            Await.until("its slot is free", () -> server.server.handshakes() == 0);
            dropped.run(); // so it was only late
            CompletableFuture<Integer> underWay = new CompletableFuture<>();
            server.server.readers().get(0).execute(() -> underWay.complete(server.server.handshakes()));
            assertEquals(0, underWay.get(20, TimeUnit.SECONDS));
        }
    }
}
