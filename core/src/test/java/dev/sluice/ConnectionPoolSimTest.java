// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.PooledConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A pool under faults, with seeds: whoever asks is told once, has its connection alone and its own answers, no bound is passed,
 * and at the end nothing is left.
 */
class ConnectionPoolSimTest {
    private static final int SEEDS = 150;
    private static final int USES = 120;
    private static final int CONNECTIONS = 4;

    private SplittableRandom random;
    private ConnectionPool pool;
    private List<SocketAddress> addresses;
    private int begun;
    private int answered;
    private int failed;
    private int held;

    /** One use: it takes a connection, asks, and releases it once it has its answer. */
    private final class Use implements ConnectionPool.Taker {
        private final int number = begun++;
        private PooledConnection connection;
        private boolean over;

        @Override
        public void taken(PooledConnection taken) {
            assertNull(connection, "it was told before");
            assertNull(taken.attachment(), "somebody else has it");
            connection = taken;
            held++;
            assertTrue(held <= CONNECTIONS, "more are in use than there may be");
            taken.attach(this);
            if (!taken.send(bytes("use " + number), LineEncoder.LF)) {
                taken.abort();
            }
        }

        @Override
        public void failed(Throwable why) {
            assertNull(connection, "it was told before");
            over();
            failed++;
        }

        void received(String line) {
            assertEquals("use " + number, line);
            answered++;
            over();
            held--;
            connection.attach(null);
            if (random.nextInt(10) == 0) {
                connection.close();
            } else {
                connection.release();
            }
            another();
        }

        void closed() {
            held--;
            failed++;
            over();
            another();
        }

        private void over() {
            assertTrue(!over);
            over = true;
        }
    }

    private final class Lines implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {
            ((Use) connection.attachment()).received(text(frame));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            if (connection.attachment() instanceof Use use) {
                use.closed();
            }
        }
    }

    private void another() {
        if (begun < USES) {
            pool.take(addresses.get(random.nextInt(addresses.size())), new Use());
        }
    }

    @Test
    void eachIsToldOnceAndNothingIsLeft() throws Exception {
        long reused = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            reused += run(seed);
        }
        assertTrue(reused > 0, "no connection was used again");
    }

    private long run(int seed) throws Exception {
        random = new SplittableRandom(seed);
        begun = 0;
        answered = 0;
        failed = 0;
        held = 0;
        addresses = new ArrayList<>();
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        List<Server> servers = new ArrayList<>();
        for (String host : List.of("10.0.0.1", "10.0.0.2")) {
            servers.add(server(sim, host, Topology.singleThread()));
            addresses.add(new InetSocketAddress(host, 7000));
        }
        Server proxy = server(sim, "10.0.0.9", Topology.acceptorAndReaders(2));
        servers.add(proxy);
        pool = ConnectionPool.builder(new Lines())
                .connections(CONNECTIONS)
                .longestIdle(Duration.ofSeconds(random.nextInt(1, 60)))
                .longestWait(Duration.ofSeconds(random.nextInt(1, 60)))
                .oldestAge(Duration.ofSeconds(random.nextInt(1, 600)))
                .start(proxy::connector);
        for (int i = 0; i < USES / 4; i++) {
            sim.after(Duration.ofMillis(random.nextInt(60_000)), this::another);
        }
        sim.run(Duration.ofHours(3));
        assertEquals(begun, answered + failed, () -> "seed " + seed + ": somebody was told nothing");
        assertEquals(0, held);
        long reused = pool.status().reused();
        pool.close();
        sim.run(Duration.ofMinutes(5));
        assertEquals(0, pool.status().connections(), () -> "seed " + seed + ": " + pool.status());
        assertEquals(0, pool.status().idle());
        for (Server server : servers) {
            server.stop(Duration.ofSeconds(5));
        }
        sim.runUntilStopped(Duration.ofMinutes(10));
        return reused;
    }

    private static Server server(Simulation sim, String host, Topology topology) throws IOException {
        return Server.builder()
                .environment(sim.environment(host))
                .topology(topology)
                .poisonBuffers(true)
                .listen(Endpoint.tcp(host, 7000), Protocol.of(LineFramer::new, TestServer::echo))
                .start();
    }
}
