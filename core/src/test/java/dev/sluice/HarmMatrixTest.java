// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.HarmfulProtocol.Callback;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every callback does every harm: the connection whose callback it is ends for that reason, alone. Others on its loop go
 * on, new ones are served, and threads, permits and buffers come back: {@link TestServer#close} looks at them.
 */
class HarmMatrixTest {
    /** More than socket buffers hold. */
    static final int MUCH = 8 << 20;

    private static final Limits LIMITS =
            Limits.defaults().withFrameBytes(100).withOutboundBytes(2 * MUCH).withMarks(2000, 1000);

    private static final Deadlines SHORT = Deadlines.defaults().withLinger(Duration.ofMillis(50));

    @TestFactory
    Stream<DynamicTest> aCallbackThatDoesHarmHarmsItsOwnConnectionOnly() {
        return Stream.of(Callback.values()).flatMap(where -> Stream.of(Harm.values())
                .map(harm -> DynamicTest.dynamicTest(where + " " + harm, () -> harm(where, harm))));
    }

    private static void harm(Callback where, Harm harm) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(1);
        HarmfulProtocol protocol = new HarmfulProtocol(where, harm);
        Topology topology =
                where.needsWorkers() ? Topology.workers(1, protocol.executor(workers)) : Topology.singleThread();
        TestServer test = new TestServer(
                (Protocol<?>) protocol,
                b -> b.topology(topology).limits(LIMITS).deadlines(SHORT).poisonBuffers(false));
        try (Client bystander = test.client()) {
            assertIsServed(bystander);
            if (where == Callback.NEW_FRAMER) {
                loseSpareFramer(test, protocol);
            }
            int before = protocol.reasons.size();
            protocol.arm();
            if (where == Callback.DRAINING) {
                test.close(); // ends all, whoever it was
            } else {
                harmOne(test, where, harm, protocol, before);
                assertIsServed(bystander);
                try (Client late = test.client()) {
                    assertIsServed(late);
                }
            }
            assertTrue(protocol.happened.get());
            List<CloseReason> failed = protocol.reasons.stream()
                    .skip(before)
                    .filter(CloseReason.HandlerFailed.class::isInstance)
                    .toList();
            boolean ends = harm.isThrown() && where != Callback.CLOSED;
            assertEquals(ends ? 1 : 0, failed.size(), failed::toString);
            if (ends) {
                Throwable cause = ((CloseReason.HandlerFailed) failed.get(0)).cause();
                assertTrue(harm.isCauseOf(cause), cause::toString);
            }
        } finally {
            test.close();
            workers.shutdownNow();
            assertTrue(workers.awaitTermination(20, TimeUnit.SECONDS));
        }
    }

    private static void assertIsServed(Client client) throws IOException {
        assertEquals("xhello\n", client.send("hello\n").read("xhello\n"));
    }

    /** The framer in use is lost when a handler throws, so that the next connection needs another. */
    private static void loseSpareFramer(TestServer test, HarmfulProtocol protocol) throws IOException {
        try (Client loser = test.client()) {
            loser.send("fail\n").readAll();
            Await.until("it has ended", () -> protocol.reasons.size() == 1);
        }
    }

    /** Lets it happen, and waits until that connection has ended. */
    private static void harmOne(TestServer test, Callback where, Harm harm, HarmfulProtocol protocol, int before)
            throws IOException {
        try (Client victim = new Client(test.server, 4096)) {
            boolean endsFirst =
                    where == Callback.FRAMER_END || where == Callback.INPUT_ENDED || where == Callback.CLOSED;
            if (endsFirst) {
                victim.endOutput();
            }
            switch (where) {
                case OPENED, FRAMER_END, INPUT_ENDED, CLOSED -> {}
                case REFUSE -> victim.send("x".repeat(200));
                case WAITING_ACTION -> victim.send("wait\n");
                case WRITABLE -> {
                    victim.send("much\n");
                    // A client that reads meanwhile may keep up, and nothing would ever be unsent.
                    Await.until(
                            "it waits for its peer",
                            () -> test.server.counters().paused() == 1);
                    victim.read(MUCH);
                }
                default -> victim.send("hello\n");
            }
            Await.until("it has happened", protocol.happened::get);
            if (!endsFirst) {
                victim.endOutput();
            }
            assertEquals(
                    where == Callback.WAITING_ACTION && harm.isThrown(), victim.isReset(), "where a reply is cut off");
            Await.until("it has ended", () -> protocol.reasons.size() > before);
        }
    }

    /** Where a connector calls user code. */
    private enum CallbackOfConnector {
        OPENED,
        RECEIVED,
        CLOSED,
        RESULT
    }

    @TestFactory
    Stream<DynamicTest> aConnectorsCallbackThatDoesHarmHarmsItsOwnConnectionOnly() {
        return Stream.of(CallbackOfConnector.values()).flatMap(where -> Stream.of(Harm.values())
                .map(harm -> DynamicTest.dynamicTest(where + " " + harm, () -> harmConnector(where, harm))));
    }

    private static void harmConnector(CallbackOfConnector where, Harm harm) throws Exception {
        AtomicBoolean armed = new AtomicBoolean(true);
        CountDownLatch attached = new CountDownLatch(1); // what hangs on the result, so that the loop runs it
        CompletableFuture<CloseReason> reason = new CompletableFuture<>();
        DuplexProtocol<ByteBuffer> protocol = new DuplexProtocol<>() {
            private void at(CallbackOfConnector here) {
                if (here == where && armed.compareAndSet(true, false)) {
                    harm.happen();
                }
            }

            @Override
            public dev.sluice.frame.Framer<ByteBuffer> newFramer(int maxFrameBytes) {
                return new LineFramer(maxFrameBytes);
            }

            @Override
            public void opened(Connection connection) throws InterruptedException {
                assertTrue(attached.await(20, TimeUnit.SECONDS));
                connection.send(TestServer.bytes("hello"), LineEncoder.LF);
                at(CallbackOfConnector.OPENED);
            }

            @Override
            public void received(ByteBuffer line, Connection connection) {
                at(CallbackOfConnector.RECEIVED);
                connection.close();
            }

            @Override
            public void closed(Connection connection, CloseReason why) {
                reason.complete(why);
                at(CallbackOfConnector.CLOSED);
            }
        };
        try (TestServer test = new TestServer(TestServer::echo);
                Client bystander = test.client()) {
            bystander.send("x\n").read("x\n");
            CompletableFuture<Connection> connected =
                    test.server.connector(protocol).connect(test.server.address());
            connected.thenRun(() -> {
                if (where == CallbackOfConnector.RESULT && armed.compareAndSet(true, false)) {
                    harm.happen();
                }
            });
            attached.countDown();
            CloseReason why = reason.get(20, TimeUnit.SECONDS);
            boolean ends =
                    harm.isThrown() && (where == CallbackOfConnector.OPENED || where == CallbackOfConnector.RECEIVED);
            assertEquals(
                    ends ? CloseReason.Kind.HANDLER_FAILED : CloseReason.Kind.CLOSED_HERE, why.kind(), why::toString);
            if (ends && where == CallbackOfConnector.OPENED) {
                assertTrue(harm.isCauseOf(failure(connected)));
            }
            assertEquals("y\n", bystander.send("y\n").read("y\n"));
        }
    }

    private static Throwable failure(CompletableFuture<Connection> connected) throws Exception {
        try {
            throw new AssertionError("connected: " + connected.get(20, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }
}
