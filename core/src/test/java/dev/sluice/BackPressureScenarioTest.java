// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A peer that doesn't read stops being read; pausing is exact; what may wait to be sent is bounded. */
class BackPressureScenarioTest {
    private static final int SMALL = 4096;

    @Test
    void aPeerThatDoesNotReadStopsBeingReadAndLosesNothing() throws Exception {
        ByteBuffer large = ByteBuffer.wrap(new byte[64 * 1024]);
        AtomicInteger answered = new AtomicInteger();
        Handler<ByteBuffer> handler = (line, reply) -> {
            answered.incrementAndGet();
            reply.send(large);
        };
        int requests = 2000; // 128 MB of replies, far more than sockets buffer
        try (TestServer test = new TestServer(handler);
                Client client = new Client(test.server, SMALL)) {
            client.send("x\n".repeat(requests));
            Await.until("it stalls", () -> isStalled(test));
            int stalledAt = answered.get();
            assertTrue(stalledAt < requests, "answered all although nothing was read");
            Counters stalled = test.server.counters();
            assertEquals(1, stalled.paused());
            assertTrue(stalled.lentBuffers() > 0, stalled::toString);
            assertTrue(stalled.lentBytes() <= stalled.budgetUsed(), stalled::toString);
            assertTrue(
                    test.recorder.opened.get(0).unsentBytes() <= 2 * 64 * 1024 + 64 * 1024,
                    "unsent " + test.recorder.opened.get(0).unsentBytes());
            client.read(requests * 64 * 1024);
            assertEquals(requests, answered.get());
            assertTrue(test.recorder.events.contains("writable"));
            Await.until("it is read again", () -> test.server.counters().paused() == 0);
            assertTrue(test.server.counters().pauses() > 0);
        }
    }

    private static boolean isStalled(TestServer test) {
        if (test.recorder.opened.isEmpty()) {
            return false;
        }
        return test.recorder.opened.get(0).unsentBytes()
                > test.recorder.opened.get(0).reader().limits.highMark();
    }

    @Test
    void unsentBytesBeyondTheLimitEndTheConnection() throws Exception {
        ByteBuffer tooMuch = ByteBuffer.wrap(new byte[32 << 20]);
        Limits limits = Limits.defaults().withOutboundBytes(1 << 20);
        try (TestServer test = new TestServer((line, reply) -> reply.send(tooMuch), b -> b.limits(limits));
                Client client = new Client(test.server, SMALL)) {
            client.send("x\n");
            CloseReason.OutboundLimit reason = (CloseReason.OutboundLimit) test.reason();
            assertEquals(1 << 20, reason.limitBytes());
        }
    }

    @Test
    void unsentBytesOfRepliesThatWaitForTheirTurnCountToo() throws Exception {
        Limits limits = Limits.defaults().withOutboundBytes(100_000);
        ByteBuffer reply40k = ByteBuffer.wrap(new byte[40_000]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            Reply later = reply.defer();
            if (!text(line).equals("first")) {
                later.send(reply40k);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.limits(limits.withMarks(90_000, 80_000)));
                Client client = test.client()) {
            client.send("first\nsecond\nthird\nfourth\n");
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, test.reason().kind());
        }
    }

    @Test
    void nothingLeavesBehindBytesThatWereRefused() throws Exception {
        Limits limits = Limits.defaults().withOutboundBytes(64 << 10);
        ByteBuffer tooMuch = ByteBuffer.wrap(new byte[(64 << 10) + 1]);
        List<Boolean> accepted = new CopyOnWriteArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Connection connection = reply.connection();
            Thread other = new Thread(() -> accepted.add(connection.send(tooMuch)));
            other.start();
            other.join(); // the end of the connection is on its way, and this Reader can't get to it
            accepted.add(connection.send(bytes("pushed")));
            reply.send(bytes("reply"));
        };
        try (TestServer test = new TestServer(handler, b -> b.limits(limits));
                Client client = test.client()) {
            client.send("x\n");
            assertTrue(client.isEnded(), "something was sent behind what is missing");
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, test.reason().kind());
            assertEquals(List.of(false, false), accepted);
        }
    }

    @Test
    void pushingFromOtherThreadsIsBoundedAsWell() throws Exception {
        Limits limits = Limits.defaults().withOutboundBytes(1 << 20);
        ByteBuffer chunk = ByteBuffer.wrap(new byte[10_000]);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(limits));
                Client client = new Client(test.server, SMALL)) {
            client.send("x\n").read("x\n");
            Connection connection = test.recorder.opened.get(0);
            long accepted = 0;
            while (connection.send(chunk)) {
                accepted += 10_000;
                assertTrue(connection.unsentBytes() <= 1 << 20);
            }
            assertTrue(accepted > (1 << 20) - 50_000, "refused before the limit: " + accepted);
            assertEquals(CloseReason.Kind.OUTBOUND_LIMIT, test.reason().kind());
            assertFalse(connection.send(chunk));
        }
    }

    @Test
    void afterPauseNotOneMoreRequestIsDelivered() throws Exception {
        AtomicReference<Connection> paused = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(line, LineEncoder.LF);
            if (text(line).equals("pause")) {
                reply.connection().pause();
                paused.set(reply.connection());
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client();
                Client other = test.client()) {
            client.send("one\npause\ntwo\nthree\nhalf");
            assertEquals("one\npause\n", client.read("one\npause\n"));
            client.send(" a line\nfour\n");
            other.send("x\n").read("x\n"); // the reader has been round
            assertEquals(List.of("one", "pause", "x"), test.recorder.requests);
            paused.get().resume();
            String rest = "two\nthree\nhalf a line\nfour\n";
            assertEquals(rest, client.read(rest));
        }
    }

    @Test
    void resumingInTheSameCallChangesNothing() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.connection().pause();
            reply.connection().pause();
            reply.send(line, LineEncoder.LF);
            reply.connection().resume();
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("a\nb\nc\n", client.send("a\nb\nc\n").read("a\nb\nc\n"));
        }
    }

    @Test
    void theEndOfTheStreamIsSeenAfterAPause() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.connection().pause();
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("a\nb\n").endOutput();
            client.read("a\n");
            assertEquals(1, test.server.counters().paused());
            test.recorder.opened.get(0).resume();
            client.read("b\n");
            assertEquals(2, test.server.counters().pauses());
            test.recorder.opened.get(0).resume();
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
        }
    }

    @Test
    void aStreamFromAnotherThreadGoesOnlyAsFastAsThePeerReads() throws Exception {
        int parts = 4000;
        ByteBuffer part = ByteBuffer.wrap(new byte[16 * 1024]);
        AtomicLong highest = new AtomicLong();
        Handler<ByteBuffer> handler = (line, reply) -> new Streamer(reply.defer(), part, parts, highest).run();
        try (TestServer test = new TestServer(handler);
                Client client = new Client(test.server, SMALL)) {
            client.send("x\n");
            client.read(parts * 16 * 1024);
            assertTrue(highest.get() <= 64 * 1024 + 16 * 1024, "unsent up to " + highest);
            client.endOutput();
            assertEquals("", client.readAll());
        }
    }

    /** Writes until told to wait, and goes on when told to. */
    private record Streamer(Reply reply, ByteBuffer part, int[] left, AtomicLong highest) implements Runnable {
        Streamer(Reply reply, ByteBuffer part, int parts, AtomicLong highest) {
            this(reply, part, new int[] {parts}, highest);
        }

        @Override
        public void run() {
            while (left[0] > 0) {
                left[0]--;
                boolean more = reply.write(part);
                highest.accumulateAndGet(reply.connection().unsentBytes(), Math::max);
                if (!more) {
                    reply.whenWritable(this);
                    return;
                }
            }
            reply.end();
        }
    }

    @Test
    void whoWaitsForAStreamToGoOnIsToldWhenTheConnectionEnds() throws Exception {
        AtomicReference<Boolean> openWhenTold = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Reply stream = reply.defer();
            ByteBuffer part = ByteBuffer.wrap(new byte[1 << 20]);
            while (stream.write(part)) {
                continue;
            }
            stream.whenWritable(() -> openWhenTold.set(stream.connection().isOpen()));
        };
        try (TestServer test = new TestServer(handler)) {
            Client client = new Client(test.server, SMALL);
            client.send("x\n");
            Await.until("it stalls", () -> isStalled(test));
            client.reset();
            Await.until("it is told", () -> openWhenTold.get() != null);
            assertFalse(openWhenTold.get());
        }
    }

    @Test
    void pushedBytesLeaveInTheOrderTheyWereAccepted() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            Connection connection = test.recorder.opened.get(0);
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                assertTrue(connection.send(bytes("push " + i), LineEncoder.LF));
                expected.append("push ").append(i).append('\n');
            }
            assertEquals(expected.toString(), client.read(expected.toString()));
        }
    }

    @Test
    void aStreamGoesOnThoughRepliesBehindItWaitAboveTheLowMark() throws Exception {
        AtomicReference<Reply> stream = new AtomicReference<>();
        ByteBuffer large = ByteBuffer.wrap(new byte[40_000]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("stream")) {
                stream.set(reply.defer());
            } else {
                reply.send(large);
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("stream\nbehind\n");
            Await.until(
                    "the reply behind waits",
                    () -> stream.get() != null && stream.get().connection().unsentBytes() == 40_000);
            assertTrue(stream.get().write(bytes("a")));
            stream.get().whenWritable(() -> {
                stream.get().write(bytes("b"));
                stream.get().end();
            });
            assertEquals("ab", client.read("ab"));
            client.read(40_000);
        }
    }

    @Test
    void whoWaitsForAStreamToGoOnIsToldWhenTheServerStops() throws Exception {
        AtomicReference<Boolean> openWhenTold = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Reply stream = reply.defer();
            ByteBuffer part = ByteBuffer.wrap(new byte[1 << 20]);
            while (stream.write(part)) {
                continue;
            }
            stream.whenWritable(() -> openWhenTold.set(stream.isOpen()));
        };
        TestServer test = new TestServer(handler);
        try (Client client = new Client(test.server, SMALL)) {
            client.send("x\n");
            Await.until("it stalls", () -> isStalled(test));
            test.server.stop(java.time.Duration.ofMillis(20));
            assertEquals(false, openWhenTold.get());
            test.close();
        }
    }
}
