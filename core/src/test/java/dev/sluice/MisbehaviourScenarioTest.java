// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that reset, half-close, flood, send garbage or never read, at random, beside one that behaves; what the server
 * holds comes back. For more of them:
 *
 * <pre>mvn -B verify -pl core -Dtest=MisbehaviourScenarioTest -Dsluice.misbehaviours=100000</pre>
 */
class MisbehaviourScenarioTest {
    private static final int CLIENTS = Integer.getInteger("sluice.misbehaviours", 400);
    private static final int REHEARSALS = 40;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(3);

    /** What a process has that it could lose. */
    private record Held(long descriptors, int threads, int lentBuffers, int connections) {
        static Held by(Server server) {
            int lent = 0;
            for (Reader reader : server.readers()) {
                lent += reader.loop.buffers().lent();
            }
            return new Held(openDescriptors(), Thread.activeCount(), lent, server.connections());
        }

        // A thread of a test before may have ended only now.
        boolean isNoMoreThan(Held before) {
            return descriptors <= before.descriptors
                    && threads <= before.threads
                    && lentBuffers <= before.lentBuffers
                    && connections <= before.connections;
        }

        // Where there is no such folder, they are not looked at.
        private static long openDescriptors() {
            try (Stream<Path> all = Files.list(DESCRIPTORS)) {
                return all.count();
            } catch (IOException e) {
                return 0;
            }
        }
    }

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
            misbehaveBeside(good, test, clients, REHEARSALS, seed); // threads, classes and files are there after that
            Held before = Held.by(test.server);
            misbehaveBeside(good, test, clients, CLIENTS, seed + REHEARSALS);
            Await.until(
                    () -> "no more is held than was: " + before + ", not " + Held.by(test.server) + ", seed " + seed,
                    () -> Held.by(test.server).isNoMoreThan(before));
            assertEquals(new Held(before.descriptors(), before.threads(), 0, 1), before);
            assertEquals("still\n", good.send("still\n").read("still\n"));
        } finally {
            clients.shutdownNow();
        }
    }

    private static void misbehaveBeside(Client good, TestServer test, ExecutorService clients, int number, long seed)
            throws Exception {
        List<Future<?>> all = IntStream.range(0, number)
                .<Future<?>>mapToObj(i -> clients.submit(() -> {
                    misbehave(test, new Random(seed + i));
                    return null;
                }))
                .toList();
        for (Future<?> each : all) {
            assertEquals("good\n", good.send("good\n").read("good\n"));
            each.get();
        }
        Await.until(
                () -> "only the good one is left of " + test.server.connections() + ", seed " + seed,
                () -> test.server.connections() == 1);
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
