// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.loop.KeyTarget;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels that are reported ready for ever, and nothing comes of it: each is dropped alone. */
class SpinningKeyTest {
    private final StubNetwork network = new StubNetwork();
    private final TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo);
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = Server.builder()
                .topology(Topology.singleThread())
                .environment(network.environment())
                .listen(Endpoint.tcp("127.0.0.1", 1), recorder)
                .start();
        network.step();
    }

    @AfterEach
    void stop() throws Exception {
        network.release();
        server.stop(TestServer.GRACE);
        network.acceptSpins = false;
        step(3); // closes what is idle, and lingers until it has read the end
        network.nowNanos += 10_000_000_000L;
        step(3);
        assertEquals(0, server.connections());
    }

    private StubNetwork.Channel connect() throws IOException {
        StubNetwork.Channel channel = network.connect();
        step(2);
        return channel;
    }

    private void step(int passes) throws IOException {
        for (int i = 0; i < passes; i++) {
            network.step();
        }
    }

    private void assertStillServes(StubNetwork.Channel channel) throws IOException {
        long before = channel.written;
        channel.feed(bytes("x\n"), 1);
        step(2);
        assertEquals(before + 2, channel.written);
    }

    private CloseReason.IoFailed reason() {
        assertEquals(1, recorder.reasons.size());
        return assertInstanceOf(CloseReason.IoFailed.class, recorder.reasons.get(0));
    }

    @Test
    void aSocketThatIsReadableForEverButGivesNothingIsCutAlone() throws IOException {
        StubNetwork.Channel good = connect();
        StubNetwork.Channel bad = connect();
        bad.falselyReady = SelectionKey.OP_READ;
        step(KeyTarget.MOST_IN_VAIN - 1);
        assertTrue(bad.isOpen());
        step(1);
        assertEquals(
                "its socket was reported ready 100 times in a row (operations 1) and nothing came of it",
                reason().cause().getMessage());
        assertTrue(!bad.isOpen());
        assertStillServes(good);
    }

    @Test
    void aSocketThatIsWritableForEverButTakesNothingIsCutAlone() throws IOException {
        StubNetwork.Channel good = connect();
        StubNetwork.Channel bad = connect();
        bad.takesNothing = true;
        bad.feed(bytes("x\n"), 1);
        step(1);
        bad.falselyReady = SelectionKey.OP_WRITE;
        step(KeyTarget.MOST_IN_VAIN - 1);
        assertTrue(bad.isOpen());
        step(1);
        assertTrue(reason().cause().getMessage().contains("operations 4"));
        assertEquals(2, reason().at().bytesUnsent());
        assertEquals(0, server.readers().get(0).loop.buffers().lent());
        assertStillServes(good);
    }

    @Test
    void aSocketThatGivesSomethingNowAndThenIsNotCut() throws IOException {
        StubNetwork.Channel slow = connect();
        slow.falselyReady = SelectionKey.OP_READ;
        for (int i = 0; i < 10; i++) {
            step(KeyTarget.MOST_IN_VAIN - 10);
            assertStillServes(slow);
        }
        slow.falselyReady = 0;
    }

    @Test
    void aListenerThatIsReadyForEverAndHasNobodyRests() throws IOException {
        StubNetwork.Channel good = connect();
        Acceptor acceptor = server.acceptors().get(0);
        network.acceptSpins = true;
        step(10 * KeyTarget.MOST_IN_VAIN - 1);
        assertEquals(0, acceptor.errors());
        step(1);
        assertEquals(1, acceptor.errors());
        assertStillServes(good);
        connect();
        assertEquals(1, acceptor.accepted(), "it rests");
        network.nowNanos += 100_000_000;
        step(2);
        assertEquals(2, acceptor.accepted());
    }
}
