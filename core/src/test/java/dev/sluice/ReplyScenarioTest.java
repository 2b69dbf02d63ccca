// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.LineEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Replies: their order, the ways to give them, and what becomes of handlers that misbehave. */
class ReplyScenarioTest {
    private final List<Reply> deferred = new CopyOnWriteArrayList<>();

    private void defer(ByteBuffer line, Reply reply) {
        deferred.add(reply.defer());
    }

    @Test
    void deferredRepliesGivenInReverseLeaveInOrder() throws Exception {
        try (TestServer test = new TestServer(this::defer);
                Client client = test.client()) {
            client.send("1\n2\n3\n4\n5\n");
            Await.until("all are deferred", () -> deferred.size() == 5);
            List<Reply> reversed = new ArrayList<>(deferred);
            Collections.reverse(reversed);
            int n = 5;
            for (Reply reply : reversed) {
                reply.send(bytes("reply " + n-- + "\n"));
            }
            String expected = "reply 1\nreply 2\nreply 3\nreply 4\nreply 5\n";
            assertEquals(expected, client.read(expected));
        }
    }

    @Test
    void aReplyGivenAtOnceWaitsForADeferredOneBeforeIt() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("later")) {
                deferred.add(reply.defer());
            } else {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("later\nnow\nlater\nnow too\n");
            Await.until("both are deferred", () -> deferred.size() == 2);
            deferred.get(1).send(bytes("second\n"));
            deferred.get(0).send(bytes("first\n"));
            String expected = "first\nnow\nsecond\nnow too\n";
            assertEquals(expected, client.read(expected));
        }
    }

    @Test
    void aReplyDeferredAndGivenOnTheReaderItselfLeaves() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            Reply later = reply.defer();
            later.interim(bytes("wait\n"));
            later.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("a\nb\n");
            assertEquals("wait\na\nwait\nb\n", client.read("wait\na\nwait\nb\n"));
        }
    }

    @Test
    void aStreamIsWrittenInPartsInsideTheHandler() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.interim(bytes("interim\n"));
            assertTrue(reply.write(bytes("part one, ")));
            assertTrue(reply.write(bytes("part two\n")));
            reply.end();
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\n");
            assertEquals("interim\npart one, part two\n", client.read("interim\npart one, part two\n"));
        }
    }

    @Test
    void partsOfAStreamBehindAnotherReplyWaitForTheirTurn() throws Exception {
        try (TestServer test = new TestServer(this::defer);
                Client client = test.client()) {
            client.send("1\n2\n");
            Await.until("both are deferred", () -> deferred.size() == 2);
            Reply second = deferred.get(1);
            second.interim(bytes("i"));
            second.write(bytes("a"));
            second.write(bytes("b"));
            deferred.get(0).send(bytes("first "));
            assertEquals("first iab", client.read("first iab"));
            second.write(bytes("c"));
            second.end();
            assertEquals("c", client.read("c"));
        }
    }

    @Test
    void aHandlerThatAnswersTwiceIsToldAndTheFirstReplyStands() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(bytes("first\n"));
            told.set(assertThrows(IllegalStateException.class, () -> reply.send(bytes("second\n"))));
            assertThrows(IllegalStateException.class, reply::end);
            assertThrows(IllegalStateException.class, reply::defer);
            assertThrows(IllegalStateException.class, () -> reply.write(bytes("x")));
            assertThrows(IllegalStateException.class, () -> reply.interim(bytes("x")));
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\ny\n");
            assertEquals("first\nfirst\n", client.read("first\nfirst\n"));
            assertEquals("this reply is complete already", told.get().getMessage());
        }
    }

    @Test
    void aDeferredReplyGivenTwiceFromAnotherThreadIsToldAndTheConnectionGoesOn() throws Exception {
        try (TestServer test = new TestServer(this::defer);
                Client client = test.client()) {
            client.send("x\n");
            Await.until("it is deferred", () -> deferred.size() == 1);
            Reply reply = deferred.get(0);
            reply.send(bytes("one\n"));
            assertThrows(IllegalStateException.class, () -> reply.send(bytes("two\n")));
            assertThrows(IllegalStateException.class, reply::end);
            client.send("y\n");
            Await.until("the next is deferred", () -> deferred.size() == 2);
            deferred.get(1).send(bytes("next\n"));
            assertEquals("one\nnext\n", client.read("one\nnext\n"));
        }
    }

    @Test
    void aHandlerThatReturnsWithoutReplyHasAnsweredWithNothing() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (!text(line).equals("quiet")) {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("quiet\nloud\n");
            assertEquals("loud\n", client.read("loud\n"));
        }
    }

    @Test
    void aReplyThatIsNeverGivenHoldsUpThoseBehindItAndIsBounded() throws Exception {
        Limits limits = Limits.defaults().withRepliesInFlight(3);
        try (TestServer test = new TestServer(this::defer, builder -> builder.limits(limits));
                Client client = test.client()) {
            client.send("1\n2\n3\n4\n5\n");
            Await.until("as many as may are deferred", () -> deferred.size() == 3);
            deferred.get(1).send(bytes("two\n"));
            deferred.get(2).send(bytes("three\n"));
            client.send("6\n");
            assertEquals(3, deferred.size());
            deferred.get(0).send(bytes("one\n"));
            assertEquals("one\ntwo\nthree\n", client.read("one\ntwo\nthree\n"));
            Await.until("the rest is delivered", () -> deferred.size() == 6);
            assertEquals(List.of("1", "2", "3", "4", "5", "6"), test.recorder.requests);
            deferred.subList(3, 6).forEach(Reply::end);
        }
    }

    @Test
    void aReplyAfterTheConnectionHasEndedGoesNowhere() throws Exception {
        try (TestServer test = new TestServer(this::defer)) {
            Client client = test.client();
            client.send("x\n");
            Await.until("it is deferred", () -> deferred.size() == 1);
            client.reset();
            // A paused or waiting connection isn't read, but this one is.
            assertEquals(CloseReason.Kind.PEER_RESET, test.reason().kind());
            Reply reply = deferred.get(0);
            assertFalse(reply.connection().isOpen());
            assertFalse(reply.write(bytes("x")));
            reply.end();
            assertThrows(IllegalStateException.class, reply::end);
        }
    }

    @Test
    void aHandlerThatThrowsEndsItsConnectionAfterTheRepliesThatWereComplete() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("bad")) {
                throw new IllegalArgumentException("deliberate");
            }
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client other = test.client();
                Client client = test.client()) {
            client.send("good\nbad\nnever\n");
            assertEquals("good\n", client.readAll());
            client.close();
            CloseReason reason = test.reason();
            assertEquals(CloseReason.Kind.HANDLER_FAILED, reason.kind());
            assertEquals(
                    "deliberate", ((CloseReason.HandlerFailed) reason).cause().getMessage());
            assertEquals("alive\n", other.send("alive\n").read("alive\n"));
        }
    }

    @Test
    void aConnectionClosesBehindItsLastReplyHoweverLongThoseBeforeTake() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("later")) {
                deferred.add(reply.defer());
            } else {
                reply.thenClose();
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("later\nbye\n");
            Await.until("both are handled", () -> test.recorder.requests.size() == 2);
            assertTrue(test.recorder.opened.get(0).isOpen());
            deferred.get(0).send(bytes("first\n"));
            assertEquals("first\nbye\n", client.readAll());
            client.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
        }
    }

    @Test
    void aLastReplyThatSaysNothingWaitsForADeferredOneBeforeItToo() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("later")) {
                deferred.add(reply.defer());
            } else {
                reply.thenClose();
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("later\nbye\n");
            Await.until("both are handled", () -> test.recorder.requests.size() == 2);
            assertTrue(test.recorder.opened.get(0).isOpen());
            deferred.get(0).send(bytes("first\n"));
            assertEquals("first\n", client.readAll());
        }
    }

    @Test
    void whatIsBehindTheLastReplyIsNotSentThoughItWasGivenBefore() throws Exception {
        try (TestServer test = new TestServer(this::defer);
                Client client = test.client()) {
            client.send("1\n2\n3\n");
            Await.until("all are deferred", () -> deferred.size() == 3);
            deferred.get(1).thenClose();
            deferred.get(2).send(bytes("third\n"));
            deferred.get(1).send(bytes("second\n"));
            deferred.get(0).send(bytes("first\n"));
            assertEquals("first\nsecond\n", client.readAll());
            assertFalse(deferred.get(2).isOpen());
        }
    }

    @Test
    void whatIsReceivedBehindTheLastReplyIsNotHandledThoughEarlierOnesAreToCome() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("last")) {
                reply.thenClose();
                reply.send(line, LineEncoder.LF);
            } else {
                deferred.add(reply.defer());
            }
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("first\nlast\nnever\n");
            Await.until("two are handled", () -> test.recorder.requests.size() == 2);
            deferred.get(0).send(bytes("1\n"));
            assertEquals("1\nlast\n", client.readAll());
            assertEquals(List.of("first", "last"), test.recorder.requests);
        }
    }

    @Test
    void aConnectionClosesBehindAReplyWithNothingBeforeIt() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.send(line, LineEncoder.LF);
            reply.thenClose();
            assertTrue(reply.connection().isOpen(), "not before the handler has returned");
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("bye\n", client.send("bye\nnever\n").readAll());
            client.close();
            assertEquals(CloseReason.Kind.CLOSED_HERE, test.reason().kind());
            assertEquals(List.of("bye"), test.recorder.requests);
        }
    }

    @Test
    void aDeferredReplyClosesItsConnectionBeforeAndAfterItIsGiven() throws Exception {
        for (boolean before : new boolean[] {true, false}) {
            deferred.clear();
            try (TestServer test = new TestServer(this::defer);
                    Client client = test.client()) {
                client.send("x\n");
                Await.until("it is deferred", () -> deferred.size() == 1);
                Reply reply = deferred.get(0);
                if (before) {
                    reply.thenClose();
                }
                reply.write(bytes("part, "));
                reply.write(bytes("part"));
                reply.end();
                if (!before) {
                    reply.thenClose();
                }
                assertEquals("part, part", client.readAll());
            }
        }
    }

    @Test
    void errorsThrownByHandlersEndTheirConnectionOnly() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            switch (text(line)) {
                case "oom" -> throw new OutOfMemoryError("deliberate");
                case "stack" -> recurse(0);
                case "assert" -> throw new AssertionError("deliberate");
                case "interrupt" -> Thread.currentThread().interrupt();
                default -> {}
            }
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client other = test.client()) {
            for (String bad : List.of("oom", "stack", "assert")) {
                try (Client client = test.client()) {
                    assertEquals("", client.send(bad + "\n").readAll());
                }
            }
            assertEquals("interrupt\n", other.send("interrupt\n").read("interrupt\n"));
            assertEquals("alive\n", other.send("alive\n").read("alive\n"));
            test.reasons(3).forEach(r -> assertEquals(CloseReason.Kind.HANDLER_FAILED, r.kind()));
        }
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @Test
    void aHandlerThatReturnsWithAnOpenStreamEndsItsConnection() throws Exception {
        try (TestServer test = new TestServer((line, reply) -> reply.write(bytes("part")));
                Client client = test.client()) {
            assertTrue(client.send("x\n").isReset(), "so that it isn't taken for the whole");
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
        }
    }

    @Test
    void aReplyKeptBeyondItsCallWithoutDeferringIsRefused() throws Exception {
        AtomicReference<Reply> kept = new AtomicReference<>();
        AtomicReference<Throwable> told = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> kept.set(reply);
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\n").endOutput();
            assertEquals("", client.readAll());
            told.set(assertThrows(IllegalStateException.class, () -> kept.get().send(bytes("late"))));
            assertTrue(told.get().getMessage().contains("defer()"));
        }
    }

    @Test
    void aViewKeptBeyondItsCallReadsPoison() throws Exception {
        AtomicReference<ByteBuffer> kept = new AtomicReference<>();
        AtomicReference<Reply> reply = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, r) -> {
            kept.set(line.duplicate());
            reply.set(r.defer());
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("secret\n");
            Await.until("it is deferred", () -> reply.get() != null);
            reply.get().send(bytes("done\n"));
            client.read("done\n");
            assertFalse(text(kept.get()).contains("secret"));
        }
    }

    @Test
    void anEncoderThatThrowsHasSentNothing() throws Exception {
        Encoder<String> broken = (message, out) -> {
            out.room(5).put(bytes("junk!"));
            out.put(bytes("more"));
            throw new IllegalArgumentException("deliberate");
        };
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.interim(bytes("before "));
            assertThrows(IllegalArgumentException.class, () -> reply.send("x", broken));
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            assertEquals("before x\n", client.send("x\n").read("before x\n"));
        }
    }

    @Test
    void manyThreadsGivingRepliesAtOnceKeepTheOrder() throws Exception {
        int requests = 2000;
        AtomicInteger next = new AtomicInteger();
        List<Reply> all = Collections.synchronizedList(new ArrayList<>());
        Handler<ByteBuffer> handler = (line, reply) -> all.add(reply.defer());
        Limits limits = Limits.defaults().withRepliesInFlight(10_000);
        try (TestServer test = new TestServer(handler, builder -> builder.limits(limits));
                Client client = test.client()) {
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < requests; i++) {
                expected.append(i).append('\n');
            }
            client.send(expected.toString());
            Await.until("all are deferred", () -> all.size() == requests);
            List<Thread> threads = new ArrayList<>();
            CountDownLatch go = new CountDownLatch(1);
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    awaitQuietly(go);
                    for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                        all.get(requests - 1 - i).send(bytes((requests - 1 - i) + "\n"));
                    }
                });
                threads.add(thread);
                thread.start();
            }
            go.countDown();
            assertEquals(expected.toString(), client.read(expected.toString()));
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
