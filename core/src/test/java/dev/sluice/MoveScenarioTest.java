// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.loop.Loop;
import dev.sluice.loop.Work;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A connection goes from one Reader to another, and nobody notices. */
class MoveScenarioTest {
    private static final Topology THREE = Topology.acceptorAndReaders(3);

    private static boolean move(Connection connection, Reader target) throws Exception {
        return connection.moveTo(target).get(20, TimeUnit.SECONDS);
    }

    /** It may be in the middle of something. */
    private static void moveAtLast(Connection connection, Reader target) throws Exception {
        boolean moved = false;
        for (int tries = 0; tries < 10_000 && !moved; tries++) {
            moved = move(connection, target);
        }
        assertTrue(moved, "it could not be moved");
    }

    @Test
    void itsCallbacksRunOnTheOtherReadersThread() throws Exception {
        List<String> threads = new ArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            threads.add(Thread.currentThread().getName());
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(THREE));
                Client client = test.client()) {
            client.send("a\n").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            for (Reader reader : test.server.readers()) {
                moveAtLast(connection, reader);
                assertSame(reader, connection.reader());
                assertEquals(1, reader.connections());
                assertEquals(1, test.server.connections());
                threads.clear();
                assertEquals("b\n", client.send("b\n").read("b\n"));
                assertEquals(List.of(reader.toString()), threads);
            }
            client.endOutput();
            assertEquals("", client.readAll());
            assertEquals(CloseReason.Kind.PEER_CLOSED, test.reason().kind());
            assertEquals(1, test.server.readers().get(2).closed(CloseReason.Kind.PEER_CLOSED));
            assertEquals(1, test.recorder.opened.size());
        }
    }

    @Test
    void movingToItsOwnReaderChangesNothing() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(THREE));
                Client client = test.client()) {
            client.send("a\n").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            assertTrue(move(connection, connection.reader()));
        }
    }

    @Test
    void readersOfAnotherServerAreRefused() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b);
                TestServer other = new TestServer(TestServer::echo, b -> b);
                Client client = test.client()) {
            client.send("a\n").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            Reader foreign = other.server.readers().get(0);
            assertThrows(IllegalArgumentException.class, () -> connection.moveTo(foreign));
        }
    }

    @Test
    void whoIsInTheMiddleOfSomethingStays() throws Exception {
        List<Reply> deferred = new ArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("later")) {
                deferred.add(reply.defer());
            } else {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(THREE));
                Client client = test.client()) {
            client.send("a\nhalf").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            Reader other = test.server.readers().get(1);
            Await.until("the half is read", () -> connection.reader().bytesRead() == 6);
            assertFalse(move(connection, other), "moved in the middle of a frame");
            client.send(" a line\nlater\n").read("half a line\n");
            Await.until("the request is there", () -> test.recorder.requests.contains("later"));
            assertFalse(move(connection, other), "moved with a reply due");
            deferred.get(0).send(bytes("now\n"));
            assertEquals("now\n", client.read("now\n"));
            moveAtLast(connection, other);
        }
    }

    /** What another thread sends sets out between the steps of the move. */
    private static void sendBetweenTheSteps(Connection connection, Runnable send) {
        Loop loop = connection.reader().loop;
        loop.later(new Once(() -> loop.later(new Once(() -> {
            loop.release(); // as if this were another thread
            try {
                send.run();
            } finally {
                loop.claim();
            }
        }))));
    }

    private record Once(Runnable action) implements Work {
        @Override
        public void run() {
            action.run();
        }

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }

    @Test
    void whoIsSentSomethingBetweenTheStepsStaysAndIsReadOn() throws Exception {
        List<CompletableFuture<Boolean>> results = new CopyOnWriteArrayList<>();
        List<Reader> readers = new CopyOnWriteArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Connection connection = reply.connection();
            switch (text(line)) {
                case "push" -> sendBetweenTheSteps(connection, () -> connection.send(bytes("pushed\n")));
                case "resume" -> sendBetweenTheSteps(connection, connection::resume);
                default -> {
                    // nothing but the move
                }
            }
            results.add(connection.moveTo(readers.get(1 - connection.reader().index())));
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(Topology.acceptorAndReaders(2)))) {
            readers.addAll(test.server.readers());
            try (Client client = test.client()) {
                client.send("push\n").read("push\npushed\n");
                assertFalse(results.get(0).get(20, TimeUnit.SECONDS));
                client.send("resume\n").read("resume\n");
                assertFalse(results.get(1).get(20, TimeUnit.SECONDS));
                client.send("move\n").read("move\n");
                assertTrue(results.get(2).get(20, TimeUnit.SECONDS));
                client.send("push\n").read("push\npushed\n");
                assertFalse(results.get(3).get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void whoComesToAReaderThatDrainsIsToldSoAndEnds() throws Exception {
        List<Reader> readers = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Boolean>> results = new CopyOnWriteArrayList<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            Reader other = readers.get(1 - reply.connection().reader().index());
            other.loop.post(new Once(() -> other.drain(Duration.ofSeconds(20), Duration.ZERO)));
            results.add(reply.connection().moveTo(other));
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(Topology.acceptorAndReaders(2)))) {
            readers.addAll(test.server.readers());
            try (Client client = test.client()) {
                client.send("move\n").read("move\n");
                assertTrue(results.get(0).get(20, TimeUnit.SECONDS));
                assertEquals("", client.readAll());
            }
            assertEquals(CloseReason.Kind.STOPPED, test.reason().kind());
            assertEquals(List.of("draining"), test.recorder.events);
        }
    }

    @Test
    void aPauseGoesWithIt() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(THREE));
                Client client = test.client()) {
            client.send("a\n").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            connection.pause();
            moveAtLast(connection, test.server.readers().get(1));
            client.send("b\n");
            moveAtLast(connection, test.server.readers().get(2));
            assertEquals(List.of("a"), test.recorder.requests);
            connection.resume();
            assertEquals("b\n", client.read("b\n"));
        }
    }

    @Test
    void anEndedConnectionIsNotMoved() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(THREE))) {
            try (Client client = test.client()) {
                client.send("a\n").read("a\n");
            }
            test.reason();
            assertFalse(move(test.recorder.opened.get(0), test.server.readers().get(1)));
        }
    }

    @Test
    void nothingIsLostOrOvertakenWhileOthersSendAndItIsMovedAgainAndAgain() throws Exception {
        int messages = 3000;
        int senders = 3;
        AtomicInteger moves = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(THREE));
                Client client = test.client()) {
            client.send("a\n").read("a\n");
            Connection connection = test.recorder.opened.get(0);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
                int sender = i;
                threads.add(new Thread(() -> pushAll(connection, sender, messages)));
            }
            Thread mover = new Thread(() -> {
                for (int i = 0; !done.get(); i++) {
                    moves.addAndGet(
                            connection.moveTo(test.server.readers().get(i % 3)).join() ? 1 : 0);
                }
            });
            threads.forEach(Thread::start);
            mover.start();
            int[] next = new int[senders + 1];
            StringBuilder line = new StringBuilder();
            for (int i = 0, echoes = 0; i < messages * senders + echoes; i++) {
                line.setLength(0);
                for (char c = (char) client.read(1)[0]; c != '\n'; c = (char) client.read(1)[0]) {
                    line.append(c);
                }
                String[] words = line.toString().split(" ");
                assertEquals(next[Integer.parseInt(words[0])]++, Integer.parseInt(words[1]), line::toString);
                if (i % 10 == 0 && echoes < 500) {
                    client.send(senders + " " + echoes++ + "\n");
                }
            }
            done.set(true);
            mover.join();
            for (Thread thread : threads) {
                thread.join();
            }
            assertTrue(moves.get() > 3, () -> "moved only " + moves + " times");
        }
    }

    private static void pushAll(Connection connection, int sender, int messages) {
        for (int i = 0; i < messages; i++) {
            connection.send(bytes(sender + " " + i + "\n"));
            while (connection.unsentBytes() > 100_000) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void readersThatBecameUnequalAreMadeEqualUnderLoad() throws Exception {
        List<Client> clients = new ArrayList<>();
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(THREE)
                .readerChoice(ReaderChoice.SOURCE_ADDRESS) // all clients are on this machine
                .rebalance(Duration.ofMillis(10)))) {
            for (int i = 0; i < 60; i++) {
                clients.add(test.client());
            }
            Await.until("all are there", () -> test.recorder.opened.size() == 60);
            for (int round = 0; round < 10_000 && mostAndFewest(test)[0] - mostAndFewest(test)[1] > 25; round++) {
                for (Client client : clients) {
                    client.send("round " + round + "\n");
                }
                for (Client client : clients) {
                    String expected = "round " + round + "\n";
                    assertEquals(expected, client.read(expected));
                }
            }
            int[] counts = mostAndFewest(test);
            assertTrue(counts[0] <= 20 + 5 + 8, "the busiest has " + counts[0]);
            assertTrue(counts[1] >= 7, "the idlest has " + counts[1]);
            for (Client client : clients) {
                client.close();
            }
        }
    }

    private static int[] mostAndFewest(TestServer test) {
        var counts =
                test.server.readers().stream().mapToInt(Reader::connections).summaryStatistics();
        return new int[] {counts.getMax(), counts.getMin()};
    }
}
