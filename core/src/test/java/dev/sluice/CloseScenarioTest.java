// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How connections end: bad input, our close, the peer's, stopping; each for a reason of its own. */
class CloseScenarioTest {

    @Test
    void aFrameThatIsTooLongIsRefusedInTheProtocolsWordsAndOthersGoOn() throws Exception {
        Limits limits = Limits.defaults().withFrameBytes(100);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(limits));
                Client other = test.client();
                Client client = test.client()) {
            client.send("fine\n" + "x".repeat(1000) + "\nnever\n");
            assertEquals("fine\nrefused BAD_FRAME\n", client.readAll());
            client.close();
            CloseReason.BadFrame reason = (CloseReason.BadFrame) test.reason();
            assertEquals(FrameException.Kind.TOO_LONG, reason.cause().kind());
            assertEquals(100, reason.cause().limit());
            assertEquals(1, reason.at().frames());
            assertEquals("alive\n", other.send("alive\n").read("alive\n"));
        }
    }

    @Test
    void theErrorReplyArrivesAlthoughMuchInputIsUnread() throws Exception {
        Limits limits = Limits.defaults().withFrameBytes(100);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(limits));
                Client client = test.client()) {
            Thread flood = new Thread(() -> {
                try {
                    client.send(new byte[4 << 20]);
                } catch (IOException e) {
                    // the server has closed meanwhile
                }
            });
            flood.start();
            assertEquals("refused BAD_FRAME\n", client.readAll());
            flood.join();
        }
    }

    @Test
    void repliesToEarlierRequestsLeaveBeforeTheErrorReply() throws Exception {
        List<Reply> deferred = new ArrayList<>();
        Limits limits = Limits.defaults().withFrameBytes(10);
        Deadlines deadlines = Deadlines.defaults().withLinger(Duration.ofSeconds(20));
        CountDownLatch handled = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            deferred.add(reply.defer());
            handled.countDown();
        };
        try (TestServer test = new TestServer(handler, b -> b.limits(limits).deadlines(deadlines));
                Client client = test.client()) {
            client.send("request\n" + "x".repeat(100));
            handled.await();
            deferred.get(0).send(bytes("reply\n"));
            assertEquals("reply\nrefused BAD_FRAME\n", client.readAll());
        }
    }

    @Test
    void aStreamThatEndsInsideAFrameIsTruncated() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Client client = test.client()) {
            client.send("whole\nhalf").endOutput();
            assertEquals("whole\nrefused BAD_FRAME\n", client.readAll());
            CloseReason.BadFrame reason = (CloseReason.BadFrame) test.reason();
            assertEquals(FrameException.Kind.TRUNCATED, reason.cause().kind());
            assertEquals(4, reason.cause().offset());
        }
    }

    @Test
    void nothingIsHeldBeyondTheFrameLimit() throws Exception {
        Limits limits = Limits.defaults().withFrameBytes(1000);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.limits(limits));
                Client client = test.client()) {
            Reader reader = test.server.readers().get(0);
            for (int i = 0; i < 999; i++) {
                client.send("x");
            }
            Await.until("all is read", () -> reader.bytesRead() == 999);
            assertTrue(test.recorder.reasons.isEmpty());
            client.send("x");
            assertEquals("refused BAD_FRAME\n", client.readAll());
            client.close();
            CloseReason.BadFrame reason = (CloseReason.BadFrame) test.reason();
            assertEquals(FrameException.Kind.TOO_LONG, reason.cause().kind());
            assertEquals(1000, reason.cause().limit());
            assertEquals(1000, reason.at().bytesRead());
        }
    }

    @Test
    void closingInAHandlerLetsTheReplyLeaveAndDeliversNothingMore() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.connection().close();
            assertFalse(reply.connection().isOpen());
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("bye\n", client.send("bye\nnever\nnever").readAll());
            client.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
            assertEquals(List.of("bye"), test.recorder.requests);
        }
    }

    @Test
    void closingLetsALargeReplyLeaveToASlowReader() throws Exception {
        ByteBuffer large = ByteBuffer.wrap(new byte[3 << 20]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(large);
            reply.connection().close();
        };
        try (TestServer test = new TestServer(handler);
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            assertEquals(3 << 20, client.readAll().length());
        }
    }

    @Test
    void closingAPeerThatNeverReadsIsBoundedByLinger() throws Exception {
        ByteBuffer large = ByteBuffer.wrap(new byte[3 << 20]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(large);
            reply.connection().close();
        };
        Deadlines deadlines = Deadlines.defaults().withLinger(Duration.ofMillis(50));
        try (TestServer test = new TestServer(handler, b -> b.deadlines(deadlines));
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            CloseReason reason = test.reason();
            assertEquals(CloseReason.Kind.CLOSED_HERE, reason.kind());
            assertTrue(reason.at().bytesUnsent() > 0);
        }
    }

    @Test
    void aPeerThatNeverEndsItsStreamIsNotWaitedForLongerThanLinger() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withLinger(Duration.ofMillis(50));
        Handler<ByteBuffer> handler = (line, reply) -> reply.connection().close();
        try (TestServer test = new TestServer(handler, b -> b.deadlines(deadlines));
                Client client = test.client()) {
            client.send("x\n");
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
        }
    }

    @Test
    void abortResetsThePeer() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(line, LineEncoder.LF);
            reply.connection().abort();
            reply.connection().abort();
            reply.connection().close();
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\n");
            assertEquals(CloseReason.Kind.ABORTED, test.reason().kind());
            assertTrue(client.isEnded());
        }
    }

    @Test
    void closingFromAnotherThreadTakesEffect() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            test.recorder.opened.get(0).close();
            assertEquals("", client.readAll());
            client.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
            test.recorder.opened.get(0).close();
            test.recorder.opened.get(0).abort();
            test.recorder.opened.get(0).pause();
        }
    }

    @Test
    void theReasonSaysWhoAfterHowMuchAndHowLong() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo)) {
            Client client = test.client();
            client.send("hello\n").read("hello\n");
            int port = client.socket.getLocalPort();
            client.close();
            CloseReason.Circumstances at = test.reason().at();
            assertEquals(6, at.bytesRead());
            assertEquals(6, at.bytesWritten());
            assertEquals(0, at.bytesUnsent());
            assertEquals(1, at.frames());
            assertEquals(port, ((java.net.InetSocketAddress) at.remote()).getPort());
            assertFalse(at.sinceProgress().isNegative());
        }
    }

    @Test
    void stoppingWaitsForRepliesInFlight() throws Exception {
        AtomicReference<Reply> deferred = new AtomicReference<>();
        TestServer test = new TestServer((line, reply) -> deferred.set(reply.defer()));
        try (Client client = test.client()) {
            client.send("x\n");
            Await.until("it is deferred", () -> deferred.get() != null);
            assertFalse(deferred.get().connection().isDraining());
            Thread stopper = new Thread(test::close);
            stopper.start();
            Await.until("it drains", () -> test.recorder.events.contains("draining"));
            assertTrue(deferred.get().connection().isDraining());
            deferred.get().send(bytes("reply\n"));
            assertEquals("reply\n", client.readAll());
            stopper.join();
            assertEquals(CloseReason.Kind.STOPPED, test.reason().kind());
        }
    }

    @Test
    void stoppingCutsWhatIsNotDoneInTime() throws Exception {
        AtomicReference<Reply> deferred = new AtomicReference<>();
        TestServer test = new TestServer((line, reply) -> deferred.set(reply.defer()));
        try (Client client = test.client()) {
            client.send("x\n");
            Await.until("it is deferred", () -> deferred.get() != null);
            test.server.stop(Duration.ofMillis(20));
            assertTrue(client.isEnded());
            assertEquals(CloseReason.Kind.STOPPED, test.reason().kind());
            deferred.get().send(bytes("too late\n"));
            assertFalse(deferred.get().connection().send(bytes("too late\n")));
            test.close();
        }
    }

    @Test
    void stoppingOnOneOfItsOwnThreadsIsRefused() throws Exception {
        AtomicReference<TestServer> self = new AtomicReference<>();
        AtomicReference<Throwable> told = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            told.set(assertThrows(
                    IllegalStateException.class, () -> self.get().server.close()));
            done.countDown();
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            self.set(test);
            client.send("x\n");
            done.await();
            assertTrue(told.get().getMessage().contains("loops"));
        }
    }

    @Test
    void stoppingTwiceIsTheSameAsOnce() throws Exception {
        TestServer test = new TestServer(TestServer::echo);
        test.close();
        test.close();
    }

    @Test
    void aClosedHookThatThrowsHarmsNobody() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo) {
            @Override
            public void closed(Connection connection, CloseReason reason) {
                super.closed(connection, reason);
                closed.incrementAndGet();
                throw new IllegalStateException("deliberate");
            }
        };
        try (TestServer test = new TestServer(recorder, b -> b);
                Client other = test.client()) {
            test.client().close();
            test.client().close();
            Await.until("both are closed", () -> closed.get() == 2);
            assertEquals("alive\n", other.send("alive\n").read("alive\n"));
        }
    }

    @Test
    void anOpenedHookMaySendAndMayThrow() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo) {
            @Override
            public void opened(Connection connection) {
                super.opened(connection);
                connection.send(bytes("welcome\n"));
                if (calls.incrementAndGet() == 2) {
                    throw new IllegalStateException("deliberate");
                }
            }
        };
        try (TestServer test = new TestServer(recorder, b -> b);
                Client first = test.client()) {
            assertEquals("welcome\n", first.read("welcome\n"));
            try (Client second = test.client()) {
                assertEquals("welcome\n", second.readAll());
            }
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
            assertEquals("alive\n", first.send("alive\n").read("alive\n"));
        }
    }

    @Test
    void aHandlerMaySendToOtherConnections() throws Exception {
        AtomicReference<TestServer> self = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            for (Connection connection : self.get().recorder.opened) {
                connection.send(line, LineEncoder.LF);
            }
            reply.send(bytes("told " + text(line) + "\n"));
        };
        try (TestServer test = new TestServer(handler)) {
            self.set(test);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(test.client());
            }
            Await.until("all are open", () -> test.recorder.opened.size() == 20);
            clients.get(7).send("news\n");
            for (int i = 0; i < 20; i++) {
                String expected = i == 7 ? "news\ntold news\n" : "news\n";
                assertEquals(expected, clients.get(i).read(expected));
            }
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void bytesAcceptedFromAnotherThreadLeaveThoughTheHandlerCloses() throws Exception {
        AtomicReference<Boolean> accepted = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Connection connection = reply.connection();
            Thread pusher = new Thread(() -> accepted.set(connection.send(bytes("pushed"))));
            pusher.start();
            pusher.join();
            connection.close();
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("pushed", client.send("x\n").readAll());
            assertTrue(accepted.get());
        }
    }

    @Test
    void aStreamInFlightLeavesWholeAfterClose() throws Exception {
        int parts = 200;
        ByteBuffer part = ByteBuffer.wrap(new byte[60_000]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            new Stream(reply.defer(), part, new AtomicInteger(parts)).run();
            reply.connection().close();
        };
        try (TestServer test = new TestServer(handler);
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            client.read(parts * 60_000);
            assertEquals("", client.readAll());
        }
    }

    private record Stream(Reply reply, ByteBuffer part, AtomicInteger left) implements Runnable {
        @Override
        public void run() {
            while (left.getAndDecrement() > 0) {
                if (!reply.write(part)) {
                    reply.whenWritable(this);
                    return;
                }
            }
            reply.end();
        }
    }

    @Test
    void aDuplexProtocolMayGoOnSendingAfterThePeersEnd() throws Exception {
        AtomicReference<Connection> ended = new AtomicReference<>();
        DuplexProtocol<ByteBuffer> duplex = new DuplexProtocol<>() {
            @Override
            public dev.sluice.frame.Framer<ByteBuffer> newFramer(int maxFrameBytes) {
                return new dev.sluice.frame.LineFramer(maxFrameBytes);
            }

            @Override
            public void received(ByteBuffer frame, Connection connection) {
                connection.send(frame, LineEncoder.LF);
            }

            @Override
            public void inputEnded(Connection connection) {
                ended.set(connection);
            }
        };
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b);
                Client client = test.client()) {
            client.send("a\n").endOutput();
            client.read("a\n");
            Await.until("the end is told", () -> ended.get() != null);
            assertTrue(ended.get().send(bytes("late answer")));
            ended.get().close();
            assertEquals("late answer", client.readAll());
            Await.until("it is counted", () -> test.server.closed().get(CloseReason.Kind.PEER_CLOSED) == 1);
        }
    }

    @Test
    void aDuplexConnectionEndsWithItsPeersStreamByDefault() throws Exception {
        DuplexProtocol<ByteBuffer> duplex = DuplexProtocol.of(
                dev.sluice.frame.LineFramer::new, (line, connection) -> connection.send(line, LineEncoder.LF));
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b);
                Client client = test.client()) {
            client.send("a\n").endOutput();
            assertEquals("a\n", client.readAll());
            Await.until("it is counted", () -> test.server.closed().get(CloseReason.Kind.PEER_CLOSED) == 1);
        }
    }

    @Test
    void aGraceBeyondAllMeasureIsNoFault() throws Exception {
        TestServer test = new TestServer(TestServer::echo);
        test.server.stop(Duration.ofSeconds(Long.MAX_VALUE));
        test.close();
    }

    @Test
    void aPeersResetAndTheEndOfItsStreamAreToldApart() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo);
                Client ends = test.client();
                Client resets = test.client()) {
            ends.send("x\n").read("x\n");
            resets.send("x\n").read("x\n");
            resets.reset();
            assertEquals(CloseReason.Kind.PEER_RESET, test.reason().kind());
            ends.endOutput();
            assertEquals("", ends.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reasons(2).get(1).kind());
        }
    }

    @Test
    void aConnectionForWhoseReasonThereIsNoMemoryIsClosedNevertheless() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> ((SocketConnection) reply.connection()).cut(at -> {
            throw new OutOfMemoryError("in a test");
        });
        try (TestServer test = new TestServer((Protocol<?>) Protocol.of(LineFramer::new, handler), b -> b);
                Client client = test.client()) {
            client.send("x\n").readAll();
            Await.until("it is gone", () -> test.server.connections() == 0);
            assertEquals(1, test.server.closed().get(CloseReason.Kind.HANDLER_FAILED));
        }
    }

    @Test
    void aLoopThatIsBlockedDoesNotKeepTheOthersBeyondTheWindow() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<Reply> unanswered = new CopyOnWriteArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("block")) {
                release.await();
                reply.send(bytes("released\n"));
            } else {
                unanswered.add(reply.defer());
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(Topology.sharedListener(2)))) {
            List<Client> waiting = new ArrayList<>();
            while (test.server.readers().stream().anyMatch(reader -> reader.connections() == 0)) {
                waiting.add(test.client().send("wait\n"));
                Await.until("it is held", () -> unanswered.size() == waiting.size());
            }
            long blocked = unanswered.get(0).connection().id();
            waiting.get(0).send("block\n");
            CompletableFuture<DrainReport> report = test.server.beginDrain(Duration.ofMillis(10));
            List<Client> elsewhere = new ArrayList<>();
            for (int i = 0; i < waiting.size(); i++) {
                if (readerOf(unanswered.get(i).connection().id()) != readerOf(blocked)) {
                    waiting.get(i).readAll();
                    elsewhere.add(waiting.get(i));
                }
            }
            assertFalse(elsewhere.isEmpty());
            assertFalse(report.isDone());
            release.countDown();
            assertEquals(waiting.size(), report.get().held());
            for (Client client : waiting) {
                client.close();
            }
        } finally {
            release.countDown();
        }
    }

    private static int readerOf(long connection) {
        return (int) (connection & 1023);
    }
}
