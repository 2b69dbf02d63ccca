// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReplyFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Whatever peers do, the budget is never passed, and a client that behaves isn't ended for what others don't read. */
class BudgetScenarioTest {
    private static final int SMALL = 4096;

    private final List<Client> clients = new ArrayList<>();
    private final AtomicLong mostUsed = new AtomicLong();

    private void noteUse(MemoryBudget budget) {
        mostUsed.accumulateAndGet(budget.usedBytes(), Math::max);
    }

    private void closeClients() throws Exception {
        for (Client client : clients) {
            client.close();
        }
    }

    private static long ended(TestServer test, CloseReason.Kind kind) {
        return test.server.closed().get(kind);
    }

    private static void sendUntilReset(Client client, String text) {
        try {
            client.send(text);
        } catch (IOException e) {
            // it was ended before it could send all that
        }
    }

    @Test
    void peersThatNeverReadStayWithinTheBudgetAndOneThatDoesIsServed() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        ByteBuffer large = ByteBuffer.wrap(new byte[64 * 1024]);
        Handler<ByteBuffer> handler = (line, reply) -> {
            noteUse(budget);
            if (text(line).equals("large")) {
                reply.send(large);
            } else {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.budget(budget));
                Client good = test.client()) {
            for (int i = 0; i < 60; i++) {
                Client client = new Client(test.server, SMALL);
                clients.add(client);
                sendUntilReset(client, "large\n".repeat(200));
                String request = "request " + i + "\n";
                assertEquals(request, good.send(request).read(request));
            }
            Await.until("some have ended", () -> ended(test, CloseReason.Kind.BUDGET_EXHAUSTED) > 0);
            assertEquals("still\n", good.send("still\n").read("still\n"));
            assertTrue(mostUsed.get() <= 1 << 20, () -> "used up to " + mostUsed);
            assertTrue(mostUsed.get() > 1 << 19, () -> "used only up to " + mostUsed);
            CloseReason.BudgetExhausted reason = (CloseReason.BudgetExhausted) test.reason();
            assertEquals(1 << 20, reason.limitBytes());
            assertTrue(reason.lentBytes() >= 64 * 1024 && reason.at().bytesUnsent() > 0, reason::toString);
            closeClients();
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void theLargestHolderEndsAndWhoNeedsTheRoomGoesOn() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(256 << 10);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.budget(budget));
                Client largest = test.client();
                Client modest = test.client()) {
            largest.send("l".repeat(100_000)); // which takes 128 KiB
            Await.until(
                    "it waits for the rest of its line",
                    () -> test.server.readers().get(0).bytesRead() == 100_000);
            modest.send("m".repeat(60_000)); // 64 KiB
            Await.until(
                    "the other waits too", () -> test.server.readers().get(0).bytesRead() == 160_000);
            try (Client needy = test.client()) {
                String line = "n".repeat(60_000) + "\n";
                needy.send(line.substring(0, 59_000));
                assertTrue(largest.isEnded());
                assertEquals(line, needy.send(line.substring(59_000)).read(line));
            }
            modest.send("\n");
            modest.read(60_001);
            CloseReason.BudgetExhausted reason = (CloseReason.BudgetExhausted) test.reason();
            assertEquals((128 << 10) + Framer.KEPT_BYTES, reason.lentBytes());
            assertEquals(100_000, reason.at().bytesRead());
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void whoNeedsMostIsTheOneThatEnds() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(256 << 10);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.budget(budget));
                Client modest = test.client();
                Client greedy = test.client()) {
            modest.send("m".repeat(60_000));
            Await.until("it is read", () -> test.server.readers().get(0).bytesRead() == 60_000);
            sendUntilReset(greedy, "g".repeat(200_000));
            assertTrue(greedy.isEnded());
            modest.send("\n");
            modest.read(60_001);
            assertEquals(CloseReason.Kind.BUDGET_EXHAUSTED, test.reason().kind());
        }
    }

    @Test
    void anEncoderThatFindsNoRoomWritesToNobodyAndDoesNotFail() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(128 << 10);
        Handler<ByteBuffer> handler = (line, reply) -> reply.send(line, (message, out) -> {
            for (int i = 0; i < 10_000; i++) {
                out.room(1000).put(new byte[1000]);
            }
        });
        Limits limits = Limits.defaults().withOutboundBytes(64 << 20);
        try (TestServer test = new TestServer(handler, b -> b.budget(budget).limits(limits));
                Client client = new Client(test.server, SMALL)) {
            client.send("x\n");
            assertEquals(CloseReason.Kind.BUDGET_EXHAUSTED, test.reason().kind());
            try (Client other = test.client()) { // the buffer that it wrote to is clean again
                other.send("y\n");
                byte[] bytes = other.read(100_000);
                assertEquals(0, bytes[0]);
                assertEquals(0, bytes[99_999]);
            }
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void aReplySlotThatFindsNoRoomEndsItsConnectionOnly() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(16 << 10);
        List<Reply> deferred = new CopyOnWriteArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("keep")) {
                deferred.add(reply.defer());
            } else {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.budget(budget))) {
            for (int i = 0; i < 4; i++) {
                Client client = test.client();
                clients.add(client);
                sendUntilReset(client, "keep\n".repeat(60)); // 7,680 bytes for their slots
            }
            assertEquals(CloseReason.Kind.BUDGET_EXHAUSTED, test.reason().kind());
            try (Client good = test.client()) {
                assertEquals("x\n", good.send("x\n").read("x\n"));
            }
            assertTrue(deferred.size() <= 240);
            closeClients();
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void whatAnotherThreadSendsAndDoesNotFitIsRefused() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(64 << 10);
        try (TestServer test = new TestServer(TestServer::echo, b -> b.budget(budget));
                Client client = test.client()) {
            client.send("x\n").read("x\n");
            Connection connection = test.recorder.opened.get(0);
            assertTrue(connection.send(bytes("fits\n")));
            assertEquals("fits\n", client.read("fits\n"));
            assertFalse(connection.send(ByteBuffer.wrap(new byte[64 << 10])));
            assertFalse(connection.send(bytes("behind what is missing\n")));
            assertTrue(client.isEnded());
            CloseReason.BudgetExhausted reason = (CloseReason.BudgetExhausted) test.reason();
            assertEquals(64 << 10, reason.limitBytes());
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void whatAnExecutorFailsToTakeIsGivenBackOnceEvenIfItRunsItLater() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        Topology topology = Topology.workers(1, call -> {
            waiting.add(call);
            throw new OutOfMemoryError("unable to create native thread");
        });
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.budget(budget).topology(topology))) {
            try (Client client = test.client()) {
                client.send("x".repeat(30_000) + "\n");
                assertTrue(client.isEnded());
            }
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
            assertEquals(1, waiting.size());
            Await.until("all is given back but a chunk or two", () -> budget.usedBytes() <= 2048);
            waiting.forEach(Runnable::run);
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void framesThatWaitInTheExecutorAreChargedThoughTheirConnectionHasEnded() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        Topology topology = Topology.workers(1, waiting::add);
        try (TestServer test =
                new TestServer(TestServer::echo, b -> b.budget(budget).topology(topology))) {
            String line = "x".repeat(30_000) + "\n";
            try (Client client = test.client()) {
                client.send(line.repeat(10));
                Await.until("ten calls wait", () -> waiting.size() == 10);
                assertTrue(budget.usedBytes() >= 300_000, budget::toString);
                client.reset();
            }
            test.reason();
            assertTrue(budget.usedBytes() >= 300_000, budget::toString);
            try (Client client = test.client()) {
                sendUntilReset(client, line.repeat(100));
                Await.until("the budget is used up", () -> ended(test, CloseReason.Kind.BUDGET_EXHAUSTED) == 1);
                assertTrue(waiting.size() < 40, () -> waiting.size() + " calls wait");
            }
            waiting.forEach(Runnable::run);
            Await.until("all is given back but a chunk or two", () -> budget.usedBytes() <= 2048);
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void slowSubscribersEndAndThoseWhoReadMissNothing() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        ToAll toAll = new ToAll(budget);
        int messages = 400;
        String message = "m".repeat(8000) + "\n";
        try (TestServer test = new TestServer(toAll, b -> b.budget(budget));
                Client reading = test.client();
                Client speaker = test.client()) {
            for (int i = 0; i < 30; i++) {
                clients.add(new Client(test.server, SMALL));
            }
            Await.until("all are there", () -> toAll.open.size() == 32);
            for (int i = 0; i < messages; i++) {
                speaker.send(message);
                assertEquals(message, reading.read(message));
                assertEquals(message, speaker.read(message));
            }
            assertTrue(ended(test, CloseReason.Kind.BUDGET_EXHAUSTED) > 0, "nobody has ended");
            assertTrue(toAll.mostUsed.get() <= 1 << 20, () -> "used up to " + toAll.mostUsed);
            closeClients();
        }
        assertEquals(0, budget.usedBytes());
    }

    /** Everything said goes to all. */
    private static final class ToAll implements DuplexProtocol<ByteBuffer> {
        final List<Connection> open = new CopyOnWriteArrayList<>();
        final AtomicLong mostUsed = new AtomicLong();
        private final MemoryBudget budget;

        ToAll(MemoryBudget budget) {
            this.budget = budget;
        }

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            open.add(connection);
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            for (Connection one : open) {
                one.send(line, LineEncoder.LF);
                mostUsed.accumulateAndGet(budget.usedBytes(), Math::max);
            }
        }

        @Override
        public void inputEnded(Connection connection) {
            connection.close();
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            open.remove(connection);
        }
    }

    @Test
    void serversShareABudgetAndOneThatStopsGivesItsPartBack() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(512 << 10);
        try (TestServer one = new TestServer(TestServer::echo, b -> b.budget(budget));
                Client client = one.client()) {
            client.send("c".repeat(200_000)); // takes 256 KiB
            Await.until("it waits", () -> one.server.readers().get(0).bytesRead() == 200_000);
            try (TestServer two = new TestServer(TestServer::echo, b -> b.budget(budget))) {
                try (Client other = two.client()) {
                    sendUntilReset(other, "o".repeat(200_000));
                    assertTrue(other.isEnded());
                    assertEquals(CloseReason.Kind.BUDGET_EXHAUSTED, two.reason().kind());
                }
            }
            assertTrue(budget.usedBytes() >= 256 << 10, budget::toString);
            client.send("\n").read(200_001);
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void nearTheLimitWhoHasAnythingUnsentIsNotRead() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1000 << 10);
        AtomicReference<Reply> first = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("first")) {
                first.set(reply.defer());
            } else {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.budget(budget));
                Client hoarder = test.client();
                Client client = test.client()) {
            hoarder.send("h".repeat(500_000)); // takes 512 KiB
            Await.until("it is read", () -> test.server.readers().get(0).bytesRead() == 500_000);
            try (Client second = test.client()) {
                second.send("s".repeat(250_000)); // and 256 KiB
                Await.until("it is tight", budget.bytes::isTight);
                client.send("first\nsecond\nthird\n");
                Await.until("two are delivered", () -> test.recorder.requests.contains("second"));
                second.send("\n").read(250_001); // the Reader has been round
                assertFalse(test.recorder.requests.contains("third"));
                first.get().send(bytes("first\n"));
                assertEquals("first\nsecond\nthird\n", client.read("first\nsecond\nthird\n"));
            }
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void framersInTheMiddleOfAMessageAreCharged() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        HttpProtocol http = HttpProtocol.streaming((request, reply) -> (piece, same) -> {
            if (piece.isLast()) {
                same.send("text/plain", "x");
            }
        });
        try (TestServer test = new TestServer(http, b -> b.budget(budget))) {
            Reader reader = test.server.readers().get(0);
            String begun =
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" + "a:\r\n".repeat(80) + "\r\n";
            for (int i = 0; i < 100; i++) {
                clients.add(test.client().send(begun)); // of which no byte is kept
            }
            Await.until("all are read", () -> reader.frames() == 100);
            clients.get(0).send("1\r\n"); // and by now what comes behind them is
            Await.until("that is read too", () -> reader.bytesRead() == 100L * begun.length() + 3);
            Await.until("each is charged for", () -> reader.lease().taken() >= 100 * 2048);
            Await.until(
                    "no buffer is lent", () -> reader.lentBuffers() == 0); // as one is while it looks at those bytes
            for (Client client : clients) {
                client.send(client == clients.get(0) ? "x\r\n0\r\n\r\n" : "0\r\n\r\n")
                        .readUntil('x');
            }
            Await.until("nothing is", () -> reader.lease().taken() == 0);
            sendUntilReset(clients.get(0), begun);
            Await.until("one is charged for", () -> reader.lease().taken() >= 2048);
            closeClients();
            Await.until("nothing is at their end", () -> reader.lease().taken() == 0);
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void whoIsOneOfTooManyInTheMiddleOfAMessageEnds() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(64 << 10);
        HttpProtocol http = HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "x"));
        try (TestServer test = new TestServer(http, b -> b.budget(budget))) {
            for (int i = 0; i < 100; i++) {
                clients.add(test.client().send("GET"));
            }
            Await.until("some have ended", () -> ended(test, CloseReason.Kind.BUDGET_EXHAUSTED) > 0);
            assertTrue(budget.usedBytes() <= 64 << 10, budget::toString);
            closeClients();
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void whatAReplyBeforeTookDoesNotStayWithTheNextRequest() throws Exception {
        MemoryBudget budget = MemoryBudget.ofBytes(1 << 20);
        HttpReplyFields large = HttpReplyFields.of("X", "x".repeat(3000));
        HttpProtocol http =
                HttpProtocol.gathering((request, reply) -> reply.fields(large).send("text/plain", "!"));
        try (TestServer test = new TestServer(http, b -> b.budget(budget));
                Client client = test.client()) {
            Reader reader = test.server.readers().get(0);
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET").readUntil('!');
            Await.until("the next is charged for", () -> reader.lease().taken() > 0);
            assertTrue(
                    reader.lease().taken() < 3000,
                    () -> "charged " + reader.lease().taken());
        }
    }
}
