// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import dev.sluice.loop.Loop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Handlers, hooks, encoders and factories that do what they should not: whose connection it is bears it, alone. */
class HostileCallbackScenarioTest {

    @Test
    void aReplyUsedOnAnotherThreadWithoutDeferringReachesNobody() throws Exception {
        AtomicReference<Reply> kept = new AtomicReference<>();
        AtomicReference<Throwable> told = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("keep")) {
                kept.set(reply);
                return;
            }
            Thread other = new Thread(() -> told.set(
                    assertThrows(IllegalStateException.class, () -> kept.get().send(bytes("not for you\n")))));
            other.start();
            other.join(); // the kept object stands for this call now
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client first = test.client();
                Client second = test.client()) {
            first.send("keep\n");
            Await.until("it is kept", () -> kept.get() != null);
            assertEquals("mine\n", second.send("mine\n").read("mine\n"));
            assertTrue(told.get().getMessage().contains("defer()"));
        }
    }

    @Test
    void aConnectionThatHasEndedKeepsNoOther() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo)) {
            Client first = test.client();
            Client second = test.client();
            Client third = test.client();
            for (Client client : List.of(first, second, third)) {
                client.send("x\n").read("x\n");
            }
            for (Client client : List.of(second, first, third)) {
                client.close();
            }
            test.reasons(3);
            for (Connection connection : test.recorder.opened) {
                assertNull(((SocketConnection) connection).previous);
                assertNull(((SocketConnection) connection).next);
            }
        }
    }

    @Test
    void aReplyThatWasDroppedIsNotOpenAndTakesNothing() throws Exception {
        AtomicReference<Reply> stream = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("bad")) {
                throw new IllegalStateException("deliberate");
            }
            stream.set(reply.defer());
            stream.get().write(bytes("part"));
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertTrue(client.send("stream\nbad\n").isReset(), "so that the part isn't taken for the whole");
            assertFalse(stream.get().isOpen());
            assertFalse(stream.get().write(bytes("more")));
        }
    }

    @Test
    void anActionThatWaitsAgainAfterTheEndIsToldOnce() throws Exception {
        AtomicInteger told = new AtomicInteger();
        AtomicReference<Reply> stream = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            stream.set(reply.defer());
            stream.get().write(ByteBuffer.wrap(new byte[3 << 20]));
            waitForEver(stream.get(), told);
        };
        try (TestServer test = new TestServer(handler)) {
            Client client = new Client(test.server, 4096);
            client.send("x\n");
            Await.until("it streams", () -> stream.get() != null);
            client.reset();
            test.reason();
            Await.until("it is told", () -> told.get() > 0);
        }
        waitForEver(stream.get(), told);
        assertEquals(1, told.get());
    }

    private static void waitForEver(Reply reply, AtomicInteger told) {
        reply.whenWritable(() -> {
            told.incrementAndGet();
            waitForEver(reply, told);
        });
    }

    @Test
    void theByteOrderThatAnEncoderLeavesIsNobodyElses() throws Exception {
        Encoder<ByteBuffer> little =
                (message, out) -> out.room(4).order(ByteOrder.LITTLE_ENDIAN).putInt(1);
        Encoder<ByteBuffer> big = (message, out) -> out.room(4).putInt(1);
        Handler<ByteBuffer> handler =
                (line, reply) -> reply.send(line, text(line).equals("little") ? little : big);
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("\1\0\0\0\0\0\0\1", client.send("little\nbig\n").read("\1\0\0\0\0\0\0\1"));
        }
    }

    @Test
    void anEncoderThatSendsElsewhereMixesNothing() throws Exception {
        AtomicReference<TestServer> self = new AtomicReference<>();
        Encoder<ByteBuffer> nosy = (message, out) -> {
            out.room(5).put(bytes("head "));
            self.get().recorder.opened.get(0).send(bytes("news\n"));
            out.put(bytes("tail\n"));
        };
        try (TestServer test = new TestServer((line, reply) -> reply.send(line, nosy));
                Client listener = test.client()) {
            self.set(test);
            Await.until("the listener is open", () -> test.recorder.opened.size() == 1);
            try (Client client = test.client()) {
                assertEquals("head tail\n", client.send("x\n").read("head tail\n"));
                assertEquals("news\n", listener.read("news\n"));
            }
        }
    }

    @Test
    void anEncoderThatGivesTheReplyIsRefused() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Encoder<ByteBuffer> nested = (message, out) -> reply.interim(bytes("nested"));
            told.set(assertThrows(IllegalStateException.class, () -> reply.send(line, nested)));
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("x\n", client.send("x\n").read("x\n"));
            assertTrue(told.get().getMessage().contains("encoder"));
        }
    }

    @Test
    void anEncoderThatAsksForRoomWithoutEndIsBounded() throws Exception {
        Limits limits = Limits.defaults().withOutboundBytes(1 << 20);
        AtomicInteger rooms = new AtomicInteger();
        Encoder<ByteBuffer> endless = (message, out) -> {
            for (int i = 0; i < 2000; i++) { // 32 MB
                out.room(Output.MAX_ROOM).put(new byte[Output.MAX_ROOM]);
                rooms.incrementAndGet();
            }
        };
        try (TestServer test = new TestServer((line, reply) -> reply.send(line, endless), b -> b.limits(limits));
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            CloseReason reason = test.reason();
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, reason.kind());
            assertTrue(reason.at().bytesUnsent() <= 1 << 20, reason::toString);
            assertEquals(2000, rooms.get());
        }
    }

    @Test
    void anEncoderThatThrowsAfterEarlierRepliesHadToLeaveHasSentNothing() throws Exception {
        byte[] before = new byte[60 * 1024];
        Encoder<ByteBuffer> failing = (message, out) -> {
            out.room(Output.MAX_ROOM); // there is no room for so much behind what was sent before
            throw new IllegalArgumentException("deliberate");
        };
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.interim(ByteBuffer.wrap(before));
            assertThrows(IllegalArgumentException.class, () -> reply.send(line, failing));
            reply.send(bytes("error\n"));
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\n");
            client.read(before.length);
            assertEquals("error\n", client.read("error\n"));
        }
    }

    @Test
    void aHandlersOwnFrameExceptionIsNotThePeersFault() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            throw FrameException.malformed(0, "deliberate");
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("", client.send("x\n").readAll());
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
        }
    }

    @Test
    void anExceptionThatCannotEvenBePrintedEndsItsConnection() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            throw new IllegalStateException() {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException("deliberate");
                }

                @Override
                public String toString() {
                    throw new IllegalStateException("deliberate");
                }
            };
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("", client.send("x\n").readAll());
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
        }
    }

    @Test
    void aDrainingHookMayTouchItsConnectionBeforeItSaysGoodbye() throws Exception {
        TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo) {
            @Override
            public AfterGoodbye draining(Connection connection) {
                connection.pause();
                connection.resume();
                assertTrue(connection.send(bytes("bye\n")));
                return AfterGoodbye.END_WHEN_IDLE;
            }
        };
        TestServer test = new TestServer(recorder, b -> b);
        try (Client client = test.client()) {
            client.send("x\n").read("x\n");
            Thread stopper = new Thread(test::close);
            stopper.start();
            assertEquals("bye\n", client.readAll());
            client.close();
            stopper.join();
        }
    }

    @Test
    void anInterruptOfALoopFromOutsideIsForgotten() throws Exception {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Environment environment = Environment.system().withThreadFactory(task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            return thread;
        });
        try (Server server = Server.builder()
                        .environment(environment)
                        .topology(Topology.singleThread())
                        .listen(Endpoint.tcp("127.0.0.1", 0), Protocol.of(LineFramer::new, TestServer::echo))
                        .start();
                Client client = new Client(server)) {
            client.send("x\n").read("x\n");
            threads.get(0).interrupt();
            Await.until("the flag is cleared", () -> !threads.get(0).isInterrupted());
            assertEquals("y\n", client.send("y\n").read("y\n"));
        }
    }

    @Test
    void aThreadFactoryThatFailsLeavesNothingOpen() throws Exception {
        AtomicInteger made = new AtomicInteger();
        Environment failing = Environment.system().withThreadFactory(task -> {
            if (made.incrementAndGet() == 2) {
                throw new IllegalStateException("deliberate");
            }
            return new Thread(task);
        });
        int port;
        try (TestServer free = new TestServer(TestServer::echo)) {
            port = free.server.port();
        }
        for (int i = 0; i < 3; i++) {
            made.set(0);
            Server.Builder builder = Server.builder()
                    .environment(failing)
                    .topology(Topology.acceptorAndReaders(2))
                    .listen(Endpoint.tcp("127.0.0.1", port), Protocol.of(LineFramer::new, TestServer::echo));
            assertThrows(IllegalStateException.class, builder::start);
        }
        new TestServer(Endpoint.tcp("127.0.0.1", port), b -> b).close();
    }

    @Test
    void aConnectorWhoseThreadsCannotAllBeStartedEndsEachLoopOnItsOwnThread() throws Exception {
        List<Thread> enders = new CopyOnWriteArrayList<>();
        AtomicReference<Thread> first = new AtomicReference<>();
        Environment failing = Environment.system().withThreadFactory(task -> {
            if (first.get() == null) {
                ((Loop) task).atEnd(() -> enders.add(Thread.currentThread()));
                first.set(new Thread(task));
                return first.get();
            }
            return new Thread(task) {
                @Override
                public void start() {
                    throw new IllegalStateException("deliberate");
                }
            };
        });
        Connector.Builder builder = Connector.builder(Protocol.of(LineFramer::new, TestServer::echo))
                .readers(2)
                .environment(failing);
        assertThrows(IllegalStateException.class, builder::start);
        first.get().join();
        assertEquals(List.of(first.get()), enders);
    }

    @Test
    void aLimitThatNoFrameFitsIntoIsRefusedAtStart() {
        Server.Builder builder = Server.builder()
                .limits(Limits.defaults().withFrameBytes(2))
                .listen(
                        Endpoint.tcp("127.0.0.1", 0),
                        Protocol.of(LengthField.bytes(4).framing(), (frame, reply) -> reply.end()));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> builder.start().close())
                .getMessage();
        assertTrue(message.startsWith("limits.frameBytes: 2: "), message);
    }

    @Test
    void aLoopThatEndsTakesItsListenerWithItAndOthersServe() throws Exception {
        TestServer test = new TestServer(TestServer::echo, b -> b.topology(Topology.reusePort(2)));
        Reader dead = test.server.readers().get(0);
        dead.loop.stop();
        Await.until("it has ended", dead::hasEnded);
        Await.until(
                "its listener is closed",
                () -> !test.server.listeners().get(0).channel.isOpen());
        for (int i = 0; i < 20; i++) {
            try (Client client = test.client()) {
                assertEquals("x\n", client.send("x\n").read("x\n"));
            }
        }
        test.close();
    }

    @Test
    void aReaderThatHasEndedIsGivenNoConnection() throws Exception {
        TestServer test = new TestServer(TestServer::echo, b -> b.topology(Topology.acceptorAndReaders(2))
                .readerChoice(ReaderChoice.FEWEST_CONNECTIONS));
        Reader dead = test.server.readers().get(0);
        dead.loop.stop();
        Await.until("it has ended", dead::hasEnded);
        for (int i = 0; i < 5; i++) {
            try (Client client = test.client()) {
                assertEquals("x\n", client.send("x\n").read("x\n"));
            }
        }
        test.recorder.opened.forEach(
                connection -> assertSame(test.server.readers().get(1), connection.reader()));
        test.close();
    }

    @Test
    void onWorkersADuplexProtocolSeesAllFramesBeforeTheEnd() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        CountDownLatch release = new CountDownLatch(1);
        DuplexProtocol<ByteBuffer> duplex = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            release.await();
            connection.send(line, LineEncoder.LF);
        });
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b.topology(Topology.workers(1, workers)))) {
            try (Client client = test.client()) {
                client.send("a\nb\nc\n").endOutput();
                Reader reader = test.server.readers().get(0);
                Await.until("all is read", () -> reader.bytesRead() == 6);
                release.countDown();
                assertEquals("a\nb\nc\n", client.readAll());
            }
        } finally {
            workers.shutdownNow();
        }
    }

    @Test
    void onWorkersADuplexProtocolSeesGoodFramesBeforeABadOneIsRefused() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        DuplexProtocol<ByteBuffer> duplex =
                DuplexProtocol.of(LineFramer::new, (line, connection) -> connection.send(line, LineEncoder.LF));
        Limits limits = Limits.defaults().withFrameBytes(10);
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b.topology(Topology.workers(1, workers))
                        .limits(limits));
                Client client = test.client()) {
            assertEquals("a\nb\n", client.send("a\nb\n" + "x".repeat(100)).readAll());
        } finally {
            workers.shutdownNow();
        }
    }

    @Test
    void onWorkersNothingIsDeliveredAfterClose() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        List<String> received = new CopyOnWriteArrayList<>();
        DuplexProtocol<ByteBuffer> duplex = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            received.add(text(line));
            connection.close();
        });
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b.topology(Topology.workers(1, workers)));
                Client client = test.client()) {
            assertEquals("", client.send("a\nb\nc\n").readAll());
            assertEquals(List.of("a"), received);
        } finally {
            workers.shutdownNow();
        }
    }

    @Test
    void aStopWithoutGraceReturnsWhateverHandlersDo() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> waitForEver(reply.defer(), new AtomicInteger());
        TestServer test = new TestServer(handler);
        try (Client client = test.client()) {
            client.send("x\n");
            Await.until("it is handled", () -> test.recorder.requests.size() == 1);
            test.server.stop(Duration.ZERO);
            test.close();
        }
    }
}
