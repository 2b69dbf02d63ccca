// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that reset, half-close, flood, send garbage or never read, at random; what the server holds comes back. */
class MisbehaviourScenarioTest {
    private static final int CLIENTS = 400;
    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(3);

    static List<Topology> topologies() {
        return TestServer.topologies(WORKERS);
    }

    @AfterAll
    static void stopWorkers() {
        WORKERS.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void nothingIsLeftOfClientsThatMisbehave(Topology topology) throws Exception {
        long seed = new Random().nextLong();
        Limits limits = Limits.defaults()
                .withFrameBytes(20_000)
                .withRepliesInFlight(8)
                .withMarks(8192, 4096)
                .withOutboundBytes(1 << 20);
        Deadlines deadlines = Deadlines.defaults().withLinger(Duration.ofMillis(100));
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try (TestServer test = new TestServer(
                        TestServer::echo,
                        b -> b.topology(topology).limits(limits).deadlines(deadlines));
                Client good = test.client()) {
            List<Future<?>> all = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(i -> clients.submit(() -> {
                        misbehave(test, new Random(seed + i));
                        return null;
                    }))
                    .toList();
            for (int i = 0; i < 50; i++) {
                assertEquals("good " + i + "\n", good.send("good " + i + "\n").read("good " + i + "\n"));
            }
            for (Future<?> each : all) {
                each.get();
            }
            Await.until(
                    () -> "only the good one is left of " + test.server.connections() + ", seed " + seed,
                    () -> test.server.connections() == 1);
            assertEquals("still\n", good.send("still\n").read("still\n"));
        } finally {
            clients.shutdownNow();
        }
    }

    private static void misbehave(TestServer test, Random random) throws IOException {
        try (Client client = new Client(test.server, random.nextBoolean() ? 4096 : 0)) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                act(client, random);
            }
            if (random.nextBoolean()) {
                client.reset();
            }
        } catch (IOException e) {
            // The server may have ended the connection first; that is its right.
        }
    }

    private static void act(Client client, Random random) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> client.send("x".repeat(random.nextInt(3000)) + "\n");
            case 1 -> {
                byte[] garbage = new byte[random.nextInt(30_000)];
                random.nextBytes(garbage);
                client.send(garbage);
            }
            case 2 -> client.send("line\n".repeat(random.nextInt(2000)));
            case 3 -> client.endOutput();
            default -> client.socket.setSoTimeout(1 + random.nextInt(3));
        }
    }
}
