// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One connection has no more than its turn, whatever it sends. What is delivered is noted by a server that is stepped. */
class FairnessTest {
    private final StubNetwork network = new StubNetwork();
    private final List<String> delivered = new ArrayList<>();
    private Connection flooding;

    private void start(int requestsPerTurn) throws IOException {
        Server.builder()
                .environment(network.environment())
                .topology(Topology.singleThread())
                .limits(Limits.defaults().withRequestsPerTurn(requestsPerTurn))
                .listen(Endpoint.tcp("127.0.0.1", 1), Protocol.of(LineFramer::new, (line, reply) -> {
                    delivered.add(TestServer.text(line));
                    if (TestServer.text(line).equals("f")) {
                        flooding = reply.connection();
                    }
                    reply.send(line, LineEncoder.LF);
                }))
                .start();
    }

    private StubNetwork.Channel connect(String line, int times) throws IOException {
        StubNetwork.Channel channel = network.connect();
        network.step();
        channel.feed(TestServer.bytes(line), times);
        return channel;
    }

    @Test
    void betweenTwoTurnsOfOneThatFloodsTheOthersAreServed() throws IOException {
        start(4);
        StubNetwork.Channel a = connect("a\n", 0);
        StubNetwork.Channel flood = connect("f\n".repeat(1000), 0);
        StubNetwork.Channel b = connect("b\n", 0);
        flood.feed(TestServer.bytes("f\n".repeat(1000)), 1);
        a.feed(TestServer.bytes("a\n"), 1000);
        b.feed(TestServer.bytes("b\n"), 1000);
        for (int i = 0; i < 300; i++) {
            network.step();
        }
        assertEquals(1000, delivered.stream().filter("f"::equals).count());
        assertEquals(2000, flood.written);
        String all = String.join("", delivered);
        assertEquals(1000, delivered.stream().filter("f"::equals).count());
        assertEquals(2000, flood.written);
        assertTrue(all.matches("a?b?f{4}b?a?f{4}((ab|ba)f{4}){248}[ab]*"), all);
    }

    @Test
    void oneTurnIsThatOfTheTableByDefault() throws IOException {
        assertEquals(256, Limits.defaults().requestsPerTurn());
        start(256);
        connect("f\n".repeat(600), 1);
        network.step();
        assertEquals(512, delivered.size()); // one when it was read, one in the same pass after all that were ready
        network.step();
        assertEquals(600, delivered.size());
    }

    @Test
    void aFloodIsNotReadOnBeforeWhatWasReadIsDelivered() throws IOException {
        start(1);
        StubNetwork.Channel flood = connect("f\nf\nf\nf\nf\n", 2);
        network.step();
        network.step();
        assertEquals(3, delivered.size());
        assertTrue(!flood.isDone());
        for (int i = 0; i < 10; i++) {
            network.step();
        }
        assertEquals(10, delivered.size());
    }

    @Test
    void pausingAndResumingBetweenTurnsGivesNoFurtherTurns() throws IOException {
        start(1);
        connect("f\n".repeat(20), 1);
        network.step();
        assertEquals(2, delivered.size());
        for (int i = 0; i < 5; i++) {
            flooding.pause();
            flooding.resume();
        }
        for (int pass = 1; pass <= 10; pass++) {
            network.step();
            assertEquals(2 + pass, delivered.size());
        }
    }

    @Test
    void aPauseBetweenTurnsHolds() throws IOException {
        start(1);
        connect("f\n".repeat(20), 1);
        network.step();
        flooding.pause();
        network.step();
        network.step();
        assertEquals(2, delivered.size());
        flooding.resume();
        network.step();
        assertEquals(3, delivered.size());
    }

    @Test
    void morePendingRequestsThanAFrameMayHaveBytesAreNotTooLong() throws IOException {
        Limits limits = Limits.defaults().withFrameBytes(10).withRequestsPerTurn(1);
        List<String> lines = new ArrayList<>();
        try (TestServer test = new TestServer((line, reply) -> TestServer.echo(line, reply), b -> b.limits(limits));
                Client client = test.client()) {
            for (int i = 0; i < 50; i++) {
                lines.add("line" + i + "\n");
            }
            String all = String.join("", lines);
            assertEquals(all, client.send(all).read(all));
        }
    }
}
