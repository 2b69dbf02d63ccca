// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers on an executor: replies keep the order, parts of a stream are handled one at a time. */
class WorkersScenarioTest {
    private final ExecutorService workers = Executors.newFixedThreadPool(4);

    @AfterEach
    void stopWorkers() {
        workers.shutdownNow();
    }

    private TestServer server(Handler<ByteBuffer> handler) throws Exception {
        return new TestServer(handler, b -> b.topology(Topology.workers(1, workers)));
    }

    @Test
    void requestsOfOneConnectionRunAtTheSameTimeAndRepliesKeepTheOrder() throws Exception {
        CyclicBarrier together = new CyclicBarrier(4);
        Handler<ByteBuffer> handler = (line, reply) -> {
            together.await(20, TimeUnit.SECONDS); // passes only if four run at once
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = server(handler);
                Client client = test.client()) {
            client.send("1\n2\n3\n4\n");
            assertEquals("1\n2\n3\n4\n", client.read("1\n2\n3\n4\n"));
        }
    }

    @Test
    void aBlockingHandlerHoldsUpNobodyElse() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("block")) {
                release.await();
            }
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = server(handler);
                Client blocked = test.client();
                Client other = test.client()) {
            blocked.send("block\n");
            assertEquals("x\n", other.send("x\n").read("x\n"));
            release.countDown();
            assertEquals("block\n", blocked.read("block\n"));
        }
    }

    @Test
    void aBlockingHandlerOnAReaderHoldsUpItsReaderOnlyUntilItReturns() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (text(line).equals("block")) {
                entered.countDown();
                release.await();
            }
            reply.send(line, LineEncoder.LF);
        };
        try (TestServer test = new TestServer(handler, b -> b.topology(Topology.acceptorAndReaders(2)));
                Client blocked = test.client()) {
            blocked.send("block\n");
            entered.await();
            // Round robin: the second connection is on the other reader, the third on the blocked one.
            try (Client otherReader = test.client();
                    Client sameReader = test.client()) {
                assertEquals("a\n", otherReader.send("a\n").read("a\n"));
                sameReader.send("b\n");
                release.countDown();
                assertEquals("b\n", sameReader.read("b\n"));
                assertEquals("block\n", blocked.read("block\n"));
            }
        }
    }

    @Test
    void partsOfAStreamAreHandledOneAtATimeInOrder() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        RequestProtocol<ByteBuffer> raw = Protocol.of(RawFramer::new, (part, reply) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.yield();
            reply.send(part);
            running.decrementAndGet();
        });
        byte[] sent = new byte[1 << 20];
        new Random(1).nextBytes(sent);
        try (TestServer test = new TestServer((Protocol<?>) raw, b -> b.topology(Topology.workers(1, workers)));
                Client client = test.client()) {
            Thread sender = new Thread(() -> sendInPieces(client, sent));
            sender.start();
            org.junit.jupiter.api.Assertions.assertArrayEquals(sent, client.read(sent.length));
            sender.join();
            assertEquals(1, most.get());
        }
    }

    private static void sendInPieces(Client client, byte[] bytes) {
        try {
            for (int i = 0; i < bytes.length; i += 1000) {
                client.send(java.util.Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + 1000)));
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void framesOfADuplexProtocolAreHandledOneAtATimeInOrder() throws Exception {
        List<String> received = java.util.Collections.synchronizedList(new ArrayList<>());
        DuplexProtocol<ByteBuffer> duplex = DuplexProtocol.of(LineFramer::new, (line, connection) -> {
            received.add(text(line));
            connection.send(line, LineEncoder.LF);
        });
        try (TestServer test = new TestServer((Protocol<?>) duplex, b -> b.topology(Topology.workers(1, workers)));
                Client client = test.client()) {
            StringBuilder lines = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                lines.append(i).append('\n');
                expected.add(String.valueOf(i));
            }
            client.send(lines.toString());
            assertEquals(lines.toString(), client.read(lines.toString()));
            assertEquals(expected, received);
        }
    }

    @Test
    void aHandlerThatThrowsEndsItsConnection() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            throw new IllegalStateException("deliberate");
        };
        try (TestServer test = server(handler);
                Client client = test.client()) {
            assertEquals("", client.send("x\n").readAll());
            client.close();
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
        }
    }

    @Test
    void aHandlerThatReturnsWithoutReplyHasAnsweredWithNothing() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            if (!text(line).equals("quiet")) {
                reply.send(line, LineEncoder.LF);
            }
        };
        try (TestServer test = server(handler);
                Client client = test.client()) {
            client.send("quiet\nloud\nquiet\n").endOutput();
            assertEquals("loud\n", client.readAll());
        }
    }

    @Test
    void aWorkersReplyThatIsDeferredIsGivenLater() throws Exception {
        List<Reply> deferred = java.util.Collections.synchronizedList(new ArrayList<>());
        try (TestServer test = server((line, reply) -> deferred.add(reply.defer()));
                Client client = test.client()) {
            client.send("x\ny\n");
            Await.until("both are deferred", () -> deferred.size() == 2);
            deferred.forEach(reply -> reply.send(bytes("done\n")));
            assertEquals("done\ndone\n", client.read("done\ndone\n"));
        }
    }

    @Test
    void anExecutorThatRefusesWorkEndsTheConnection() throws Exception {
        workers.shutdown();
        try (TestServer test = server(TestServer::echo);
                Client client = test.client()) {
            assertEquals("", client.send("x\n").readAll());
            client.close();
            assertEquals(CloseReason.Kind.HANDLER_FAILED, test.reason().kind());
        }
    }

    @Test
    void requestsInFlightAreBounded() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger started = new AtomicInteger();
        Handler<ByteBuffer> handler = (line, reply) -> {
            started.incrementAndGet();
            release.await();
            reply.send(line, LineEncoder.LF);
        };
        Limits limits = Limits.defaults().withRepliesInFlight(2);
        try (TestServer test = new TestServer(
                        handler, b -> b.topology(Topology.workers(1, workers)).limits(limits));
                Client client = test.client()) {
            client.send("1\n2\n3\n4\n");
            Await.until("two have started", () -> started.get() == 2);
            assertTrue(test.recorder.requests.size() <= 2);
            release.countDown();
            assertEquals("1\n2\n3\n4\n", client.read("1\n2\n3\n4\n"));
        }
    }
}
