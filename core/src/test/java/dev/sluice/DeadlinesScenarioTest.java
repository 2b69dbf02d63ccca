// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason.Deadline;
import dev.sluice.frame.RawFramer;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Peers that are slow, silent or gone, over real sockets: each is found by the deadline that is for it. */
class DeadlinesScenarioTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    /** At such a least rate everybody is slow, however fast. */
    private static final int UNREACHABLE = 1_000_000_000;
    /** All as long as may be, so that only what a test makes shorter can pass. */
    private static final Deadlines LONG = Deadlines.defaults()
            .withFirstByte(Deadlines.LONGEST)
            .withFrame(Deadlines.LONGEST)
            .withIdle(Deadlines.LONGEST)
            .withWriteStall(Deadlines.LONGEST)
            .withLinger(Duration.ofMinutes(1));

    private static CloseReason.DeadlinePassed passed(TestServer test, Deadline deadline) {
        CloseReason.DeadlinePassed reason = assertInstanceOf(CloseReason.DeadlinePassed.class, test.reason());
        assertEquals(deadline, reason.deadline());
        assertEquals(SHORT, reason.limit());
        assertEquals(1L, test.server.closed().get(CloseReason.Kind.DEADLINE_PASSED));
        return reason;
    }

    private static long timesTheDeadline(int factor) {
        return System.nanoTime() + factor * SHORT.toNanos();
    }

    @Test
    void aClientThatSaysNothingEndsByTheFirstByteDeadlineAndIsTold() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(LONG.withFirstByte(SHORT)));
                Client client = test.client()) {
            assertEquals("refused DEADLINE_PASSED\n", client.readAll());
            client.close();
            assertEquals(0, passed(test, Deadline.FIRST_BYTE).at().bytesRead());
        }
    }

    @Test
    void aClientThatHasSpokenMayBeSilentForLongerThanTheFirstByteDeadline() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(LONG.withFirstByte(SHORT)));
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            for (int i = 0; i < 3; i++) { // one after the other
                try (Client silent = test.client()) {
                    assertEquals("refused DEADLINE_PASSED\n", silent.readAll());
                }
            }
            assertEquals("alive\n", client.send("alive\n").read("alive\n"));
        }
    }

    @Test
    void aConnectorsConnectionNeedNotHearAnything() throws Exception {
        AtomicReference<CloseReason> reason = new AtomicReference<>();
        DuplexProtocol<ByteBuffer> silent = new DuplexProtocol<>() {
            @Override
            public RawFramer newFramer(int maxFrameBytes) {
                return new RawFramer(maxFrameBytes);
            }

            @Override
            public void received(ByteBuffer part, Connection connection) {
                connection.close();
            }

            @Override
            public void closed(Connection connection, CloseReason why) {
                reason.set(why);
            }
        };
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(LONG));
                Connector connector = Connector.builder(silent)
                        .deadlines(LONG.withFirstByte(SHORT).withIdle(SHORT.multipliedBy(3)))
                        .start()) {
            SocketAddress address = test.server.address();
            Connection connection = connector.connect(address).get(10, TimeUnit.SECONDS);
            Await.until("it is idle for too long", () -> reason.get() != null);
            assertEquals(Deadline.IDLE, ((CloseReason.DeadlinePassed) reason.get()).deadline(), reason.get()::toString);
            assertFalse(connection.isOpen());
        }
    }

    @Test
    void aSlowSenderEndsByTheFrameDeadlineThoughItGoesOnAndIsTold() throws Exception {
        Deadlines deadlines = LONG.withFrame(SHORT).withMinBytesPerSecond(UNREACHABLE);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(deadlines));
                Client client = test.client()) {
            client.send("whole\n").read("whole\n");
            sendByteAfterByte(test, client, "x", timesTheDeadline(200));
            assertEquals("refused DEADLINE_PASSED\n", client.readAll());
            client.close();
            CloseReason reason = passed(test, Deadline.FRAME);
            assertEquals(1, reason.at().frames());
            assertTrue(reason.at().bytesRead() > 6);
        }
    }

    /** Each byte is sent when the one before was read. */
    private static void sendByteAfterByte(TestServer test, Client client, String text, long until) throws Exception {
        Connection connection = test.recorder.opened.get(0);
        Reader reader = test.server.readers().get(0);
        long before = reader.bytesRead();
        for (int i = 1; System.nanoTime() - until < 0 && connection.isOpen(); i++) {
            long sent = i;
            client.send(text);
            Await.until(
                    "byte " + i + " is read, or it is over",
                    () -> reader.bytesRead() - before >= sent || !connection.isOpen());
        }
    }

    @Test
    void aSlowSenderThatIsFastEnoughMayTakeItsTime() throws Exception {
        Deadlines deadlines = LONG.withFrame(SHORT).withMinBytesPerSecond(1);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(deadlines));
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            sendByteAfterByte(test, client, "y", timesTheDeadline(5));
            String tail = "the end\n";
            client.send(tail);
            long sent = test.server.readers().get(0).bytesRead();
            Await.until("all is read", () -> test.recorder.requests.size() == 2);
            assertTrue(client.readUntil('\n').endsWith(tail.trim()), "after " + sent + " bytes");
            assertTrue(test.recorder.reasons.isEmpty());
        }
    }

    @Test
    void theFrameDeadlineBeginsAnewWithEachFrame() throws Exception {
        Deadlines deadlines = LONG.withFrame(SHORT.multipliedBy(20)).withMinBytesPerSecond(UNREACHABLE);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(deadlines));
                Client client = test.client()) {
            client.send("a");
            long end = timesTheDeadline(30);
            while (System.nanoTime() - end < 0) { // never at a frame's end, and each frame in time
                client.send("\na");
                assertEquals("a\n", client.read("a\n"));
            }
            client.send("\n").read("a\n");
            assertTrue(test.recorder.reasons.isEmpty());
        }
    }

    @Test
    void timeInWhichTheServerDoesNotReadIsNotCounted() throws Exception {
        Deadlines deadlines = LONG.withFrame(SHORT).withMinBytesPerSecond(UNREACHABLE);
        Handler<ByteBuffer> pausing = (line, reply) -> {
            reply.send(bytes("paused\n"));
            reply.connection().pause();
        };
        try (TestServer test = new TestServer(pausing, b -> b.deadlines(deadlines));
                Client client = test.client();
                Client other = test.client()) {
            client.send("whole\nhalf").read("paused\n");
            other.send("half");
            assertEquals("refused DEADLINE_PASSED\n", other.readAll()); // so time enough has passed
            assertTrue(test.recorder.opened.get(0).isOpen());
            test.recorder.opened.get(0).resume();
            client.send("\n").read("paused\n");
        }
    }

    /** The simulation found that such a frame had no deadline: its timer had been armed for what is next while paused. */
    @Test
    void aFrameThatHadBegunBeforeAPauseMeetsItsDeadlineAfterIt() throws Exception {
        Handler<ByteBuffer> pausing = (line, reply) -> {
            reply.send(bytes("paused\n"));
            reply.connection().pause();
        };
        try (TestServer test = new TestServer(pausing, b -> b.deadlines(LONG.withFrame(SHORT)));
                Client client = test.client()) {
            client.send("whole\nhalf").read("paused\n");
            test.recorder.opened.get(0).resume();
            assertEquals("refused DEADLINE_PASSED\n", client.readAll());
            client.close();
            passed(test, Deadline.FRAME);
        }
    }

    @Test
    void anIdleConnectionEndsWithoutWords() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.deadlines(LONG.withIdle(SHORT)));
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            assertEquals("", client.readAll());
            client.close();
            CloseReason reason = passed(test, Deadline.IDLE);
            assertEquals(2, reason.at().bytesRead());
            assertTrue(reason.at().sinceProgress().compareTo(SHORT) >= 0);
        }
    }

    @Test
    void aConnectionThatWaitsForItsReplyIsNotIdle() throws Exception {
        BlockingQueue<Reply> deferred = new LinkedBlockingQueue<>();
        Handler<ByteBuffer> deferring = (line, reply) -> deferred.add(reply.defer());
        try (TestServer test = new TestServer(deferring, b -> b.deadlines(LONG.withIdle(SHORT)));
                Client client = test.client();
                Client other = test.client()) {
            client.send("x\n");
            Reply reply = deferred.take();
            assertEquals("", other.readAll());
            other.close();
            for (int i = 0; i < 2; i++) { // so time enough has passed, three times
                try (Client another = test.client()) {
                    assertEquals("", another.readAll());
                }
            }
            assertTrue(reply.isOpen());
            reply.send(bytes("reply\n"));
            assertEquals("reply\n", client.readAll());
        }
    }

    @Test
    void aPeerThatNeverReadsIsResetByTheWriteStallDeadline() throws Exception {
        stalled(LONG.withWriteStall(SHORT), client -> {});
    }

    @Test
    void aPeerThatReadsAByteNowAndThenIsResetAsWell() throws Exception {
        stalled(LONG.withWriteStall(SHORT).withMinBytesPerSecond(UNREACHABLE), client -> client.read(1));
    }

    private interface Reading {
        void read(Client client) throws IOException;
    }

    private static void stalled(Deadlines deadlines, Reading reading) throws Exception {
        ByteBuffer large = ByteBuffer.wrap(new byte[3 << 20]);
        Handler<ByteBuffer> handler = (line, reply) -> reply.send(large);
        Limits limits = Limits.defaults().withOutboundBytes(8 << 20);
        try (TestServer test =
                        new TestServer(handler, b -> b.deadlines(deadlines).limits(limits));
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            while (test.recorder.reasons.isEmpty()) {
                reading.read(client);
            }
            CloseReason reason = passed(test, Deadline.WRITE_STALL);
            assertTrue(reason.at().bytesUnsent() > 0);
            assertTrue(client.isReset(), "what the kernel held is still offered");
        }
    }

    @Test
    void aClosingConnectionIsNotHeldByAPeerThatReadsAByteNowAndThen() throws Exception {
        ByteBuffer large = ByteBuffer.wrap(new byte[3 << 20]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(large);
            reply.connection().close();
        };
        Deadlines deadlines = LONG.withLinger(SHORT).withMinBytesPerSecond(UNREACHABLE);
        try (TestServer test = new TestServer(handler, b -> b.deadlines(deadlines));
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            while (test.recorder.reasons.isEmpty()) {
                client.read(1);
            }
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
            assertTrue(test.reason().at().bytesUnsent() > 0);
        }
    }

    @Test
    void twoEndsThatBothSendAndDoNotReadAreParted() throws Exception {
        Deadlines deadlines = LONG.withWriteStall(SHORT);
        List<CloseReason> reasons = new ArrayList<>();
        DuplexProtocol<ByteBuffer> flood = new DuplexProtocol<>() {
            @Override
            public RawFramer newFramer(int maxFrameBytes) {
                return new RawFramer(maxFrameBytes);
            }

            @Override
            public void opened(Connection connection) {
                connection.send(ByteBuffer.wrap(new byte[32 << 20]));
            }

            @Override
            public void received(ByteBuffer part, Connection connection) {
                connection.send(part);
            }

            @Override
            public void closed(Connection connection, CloseReason reason) {
                synchronized (reasons) {
                    reasons.add(reason);
                }
            }
        };
        Limits limits = Limits.defaults().withOutboundBytes(64 << 20);
        try (TestServer test = new TestServer(flood, b -> b.deadlines(deadlines).limits(limits));
                Connector connector =
                        Connector.builder(flood).deadlines(LONG).limits(limits).start()) {
            connector.connect(test.server.address()).get(10, TimeUnit.SECONDS);
            Await.until("both have ended", () -> {
                synchronized (reasons) {
                    return reasons.size() == 2;
                }
            });
            assertEquals(1L, test.server.closed().get(CloseReason.Kind.DEADLINE_PASSED), reasons::toString);
        }
    }
}
