// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters and {@link Server#explain} of servers in known states. */
class ExplainTest {

    private static void assertSays(String page, String regex) {
        assertTrue(page.lines().anyMatch(line -> line.matches(regex)), () -> "no line is " + regex + " in\n" + page);
    }

    @Test
    void countersAreTheSumOfWhatHappened() throws Exception {
        try (TestServer test = new TestServer(TestServer::echo, b -> b.topology(Topology.acceptorAndReaders(2)))) {
            for (int i = 0; i < 4; i++) {
                try (Client client = test.client()) {
                    client.send("x\ny\n").read("x\ny\n");
                }
            }
            test.reasons(4);
            Counters counters = test.server.counters();
            assertEquals(0, counters.connections());
            assertEquals(4, counters.accepted());
            assertEquals(8, counters.frames());
            assertEquals(16, counters.bytesRead());
            assertEquals(16, counters.bytesWritten());
            assertEquals(4, counters.closed().get(CloseReason.Kind.PEER_CLOSED));
            assertEquals(0, counters.loopsEnded());
            assertTrue(counters.passes() > 0);
        }
    }

    @Test
    void aConnectionInTheMiddleOfAFrameAndOneThatWaitsForItsReplyAreShown() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> reply.defer();
        try (TestServer test = new TestServer(handler);
                Client half = test.client();
                Client waiting = test.client()) {
            half.send("half of a li");
            waiting.send("one\ntwo\n");
            Reader reader = test.server.readers().get(0);
            Await.until("all is read", () -> reader.bytesRead() == 20 && reader.frames() == 2);
            String page = test.server.explain();
            assertSays(page, "server: accepting, connections 2, accepted 2, frames 2, bytes read 20, written 0");
            assertSays(page, "budget: used \\d+ of \\d+ bytes");
            assertSays(page, "listener on 127.0.0.1:\\d+: connections 2 of 100000000, backlog 4096");
            assertSays(page, "acceptor on 127.0.0.1:\\d+, loop sluice-reader-0: accepted 2, errors 0, rests 0");
            assertSays(
                    page,
                    "loop sluice-reader-0: passes .*, mail waiting 0, .*, connections 2, of these paused 0,"
                            + " buffers lent 1 of 256 bytes, .*");
            assertSays(page, "  connection \\d+ from 127.0.0.1:\\d+: OPEN, in a frame for \\d+ ms, read 12, .*");
            assertSays(page, "  connection .*: OPEN, read 8, .*, replies in flight 2, last progress \\d+ ms ago");
        }
    }

    @Test
    void whyConnectionsArePausedAndWhyNobodyIsLetInAreShown() throws Exception {
        Handler<ByteBuffer> handler = (line, reply) -> {
            reply.connection().pause();
            reply.send(TestServer.bytes("paused\n"));
        };
        Limits one = Limits.defaults().withConnections(1);
        try (TestServer test = new TestServer(handler, b -> b.limits(one));
                Client client = test.client();
                Client waiting = test.client()) {
            client.send("x\ny\n").read("paused\n");
            Await.until("it is full", () -> test.server.acceptors().get(0).isFull());
            String page = test.server.explain();
            assertSays(
                    page,
                    "loop .*, of these paused 1 \\(by the protocol 1, for unsent bytes 0, for replies in flight 0\\), .*");
            assertSays(
                    page,
                    "  connection .*: OPEN, paused by the protocol, what it holds waits for its turn, read 4, .*");
            assertSays(
                    page,
                    "acceptor .*: accepted 1, .*, has let nobody in for \\d+ ms: limits.connections, 1, are held");
            test.recorder.opened.get(0).abort(); // paused, it would not see its client go
            test.reasons(1);
        }
    }

    @Test
    void aClientOfAUnixDomainSocketIsShownAsOne(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("x.sock");
        try (Server server = Server.builder()
                        .listen(Endpoint.unix(path), Protocol.of(LineFramer::new, (line, reply) -> reply.defer()))
                        .start();
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(ByteBuffer.wrap("one\n".getBytes(StandardCharsets.US_ASCII)));
            Await.until("it is delivered", () -> server.counters().frames() == 1);
            assertSays(server.explain(), "  connection \\d+ from a Unix domain socket: OPEN, .*");
            client.close();
            server.stop(Duration.ZERO);
        }
    }

    @Test
    void howLongAFrameTakesIsCountedFromItsBeginningHoweverItTrickles() throws Exception {
        assertEquals("in a frame for 5000 ms", trickled(LineFramer::new));
    }

    @Test
    void soIsThatOfOneWhosePartsAreDeliveredAtOnce() throws Exception {
        assertEquals("in a frame for 5000 ms", trickled(Parts::new));
    }

    /** Parts of a line; nothing of them is ever held. */
    private static final class Parts implements Framer<ByteBuffer> {
        private final RawFramer raw;
        private boolean atBoundary = true;

        Parts(int maxFrameBytes) {
            raw = new RawFramer(maxFrameBytes);
        }

        @Override
        public ByteBuffer next(ByteBuffer in) {
            ByteBuffer part = raw.next(in);
            atBoundary = in.get(in.position() - 1) == '\n';
            return part;
        }

        @Override
        public boolean atBoundary() {
            return atBoundary;
        }

        @Override
        public Yields yields() {
            return Yields.PARTS;
        }

        @Override
        public ByteBuffer detach(ByteBuffer part) {
            return raw.detach(part);
        }
    }

    /** What is said of a connection whose frame began 5 s ago, of which something came 1 s ago. */
    private static String trickled(FramerFactory<ByteBuffer> framer) throws Exception {
        long second = 1_000_000_000;
        StubNetwork network = new StubNetwork();
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .environment(network.environment())
                .listen(Endpoint.tcp("127.0.0.1", 1), Protocol.of(framer, (frame, reply) -> reply.end()))
                .start();
        network.step();
        StubNetwork.Channel channel = network.connect();
        network.step();
        network.nowNanos += second;
        for (String part : new String[] {"a whole one\n", "be", "gin", "ning"}) {
            channel.feed(TestServer.bytes(part), 1);
            network.step();
            network.nowNanos += 2 * second;
        }
        network.nowNanos -= second;
        network.step();
        network.release();
        String page = server.explain();
        return page.lines()
                .filter(line -> line.contains("last progress 1000 ms ago"))
                .findFirst()
                .map(line -> line.replaceAll(".*(in a frame for \\d+ ms).*", "$1"))
                .orElse(page);
    }

    @Test
    void aLoopThatDoesNotAnswerIsShownWithItsStack() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            begun.countDown();
            assertTrue(release.await(20, TimeUnit.SECONDS));
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            client.send("x\n");
            begun.await();
            String page = test.server.explain();
            release.countDown();
            assertSays(
                    page,
                    "loop sluice-reader-0: does not answer, in one pass for \\d+ ms, mail waiting 1,"
                            + " in an event of connection.*");
            assertSays(page, "    at .*CountDownLatch.await.*");
        }
    }

    @Test
    void aHandlerMayAskOnItsOwnLoop() throws Exception {
        AtomicReference<TestServer> self = new AtomicReference<>();
        AtomicReference<String> page = new AtomicReference<>();
        Handler<ByteBuffer> handler = (line, reply) -> {
            page.set(self.get().server.explain());
            reply.send(TestServer.bytes("done\n"));
        };
        try (TestServer test = new TestServer(handler);
                Client client = test.client()) {
            self.set(test);
            client.send("x\n").read("done\n");
            assertSays(page.get(), "loop sluice-reader-0: passes .*");
        }
    }

    @Test
    void aServerThatWasStoppedSaysSo() throws Exception {
        TestServer test = new TestServer(TestServer::echo);
        test.close();
        assertSays(test.server.explain(), "loop sluice-reader-0: has ended, .*");
        assertEquals(1, test.server.counters().loopsEnded());
    }

    @Test
    void inASimulationAskingDisturbsNothing() throws Exception {
        assertEquals(fingerprint(false), fingerprint(true));
    }

    private static String fingerprint(boolean asks) throws Exception {
        Simulation sim = Simulation.seed(7).build();
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .listen(Endpoint.tcp("10.0.0.1", 7000), Protocol.of(LineFramer::new, TestServer::echo))
                .start();
        if (asks) {
            sim.check(() -> {
                if (sim.turns() % 50 == 0) {
                    assertFalse(server.explain().contains("does not answer"));
                }
            });
        }
        RandomClients clients =
                sim.randomClients(5, new InetSocketAddress("10.0.0.1", 7000), Conversation.echoedLines(100));
        clients.requests(50);
        sim.runClients(Duration.ofHours(1));
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(1));
        return sim.fingerprint();
    }
}
