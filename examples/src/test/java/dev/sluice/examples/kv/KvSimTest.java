// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.Kv;
import dev.sluice.frame.Framer;
import dev.sluice.resp.RespEncoder;
import dev.sluice.resp.RespValue;
import dev.sluice.resp.RespValueFramer;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store in a simulated network, under faults and a virtual clock. */
class KvSimTest {
    private static final Duration LONG = Duration.ofHours(10);

    /** No count is lost that was answered, and none is made that was not asked for, whatever becomes of connections. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void countsAddUpUnderMixedFaults(long seed) throws Exception {
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        Topology topology = seed % 2 == 0 ? Topology.acceptorAndReaders(3) : Topology.workers(2, sim.executor());
        Server server = start(sim, topology);
        Counters counters = new Counters(sim, server.address(), 12, 200);
        sim.randomClients(20, server.address(), uniqueKeys()).requests(50);
        counters.start();
        sim.runUntil("all counters are done", counters::areDone, LONG);
        sim.runClients(LONG);

        sim.faults(Faults.none());
        long total = total(sim, server.address());
        assertTrue(
                total >= counters.answered && total <= counters.asked,
                () -> counters.answered + " answered, " + total + " counted, " + counters.asked + " asked");
        stop(sim, server, counters.connector);
    }

    @Test
    void countsAreExactWithoutFaults() throws Exception {
        Simulation sim = Simulation.seed(9).build();
        Server server = start(sim, Topology.acceptorAndReaders(3));
        Counters counters = new Counters(sim, server.address(), 12, 200);
        counters.start();
        sim.runUntil("all counters are done", counters::areDone, LONG);
        assertEquals(12 * 200, total(sim, server.address()));
        assertEquals(12 * 200, counters.answered);
        stop(sim, server, counters.connector);
    }

    @Test
    void keysExpireByTheVirtualClock() throws Exception {
        Simulation sim = Simulation.seed(10).build();
        Server server = start(sim, Topology.singleThread());
        sim.client("10.0.1.7")
                .connect(server.address())
                .send("SET k v EX 3600\r\nTTL k\r\n")
                .expect("+OK\r\n:3600\r\n")
                .pause(Duration.ofMinutes(59))
                .send("GET k\r\n")
                .expect("$1\r\nv\r\n")
                .pause(Duration.ofMinutes(2))
                .send("GET k\r\n")
                .expect("$-1\r\n")
                .close();
        sim.runClients(Duration.ofHours(2));
        stop(sim, server, null);
    }

    private static Server start(Simulation sim, Topology topology) throws Exception {
        Store store = new Store(64 << 20, () -> sim.now().toMillis(), 1);
        return Kv.server(Endpoint.tcp("10.0.0.1", 6379), store)
                .environment(sim.environment())
                .topology(topology)
                .poisonBuffers(true)
                .start();
    }

    private static void stop(Simulation sim, Server server, Connector connector) throws Exception {
        if (connector != null) {
            connector.stop(Duration.ofSeconds(1));
        }
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(0, sim.openSockets());
        assertEquals(0, server.closed().get(CloseReason.Kind.HANDLER_FAILED));
    }

    /** What the store says, without a change. */
    private static long total(Simulation sim, SocketAddress server) throws Exception {
        long[] total = {-1};
        Connector connector = Connector.builder(DuplexProtocol.of(RespValueFramer::new, (value, connection) -> {
                    total[0] = ((RespValue.Int) value).value();
                    connection.close();
                }))
                .environment(sim.environment("10.0.1.9"))
                .start();
        connector
                .connect(server)
                .thenAccept(connection -> connection.send(List.of("INCRBY", "total", "0"), RespEncoder.WORDS));
        sim.runUntil("the total is told", () -> total[0] >= 0, LONG);
        connector.stop(Duration.ofSeconds(1));
        return total[0];
    }

    /** Each exchange has a key of its own, so every byte of the replies is known. */
    private static Conversation uniqueKeys() {
        return random -> {
            String key = "key:" + Long.toHexString(random.nextLong());
            String request = "*2\r\n$4\r\nINCR\r\n$" + key.length() + "\r\n" + key + "\r\nAPPEND " + key + " x\r\nGET "
                    + key + "\r\nDEL " + key + "\r\n";
            return new Conversation.Exchange(
                    request.getBytes(StandardCharsets.US_ASCII),
                    ":1\r\n:2\r\n$2\r\n1x\r\n:1\r\n".getBytes(StandardCharsets.US_ASCII));
        };
    }

    /** Clients that count up one key, up to 16 at a time, and connect again when they are cut off. */
    private static final class Counters implements DuplexProtocol<RespValue> {
        private final Simulation sim;
        private final SocketAddress server;
        private final int clients;
        private final int each;
        final Connector connector;
        long asked;
        long answered;
        private int done;

        Counters(Simulation sim, SocketAddress server, int clients, int each) throws Exception {
            this.sim = sim;
            this.server = server;
            this.clients = clients;
            this.each = each;
            this.connector = Connector.builder(this)
                    .environment(sim.environment("10.0.1.8"))
                    .start();
        }

        /** What one client has been told, over all of its connections. */
        private static final class Progress {
            int answered;
            int underWay;
            long last;
        }

        void start() {
            for (int i = 0; i < clients; i++) {
                connect(new Progress());
            }
        }

        boolean areDone() {
            return done == clients;
        }

        private void connect(Progress progress) {
            connector.connect(null, server, progress).whenComplete((connection, failure) -> {
                if (failure != null) {
                    sim.after(Duration.ofMillis(100), () -> connect(progress));
                }
            });
        }

        @Override
        public Framer<RespValue> newFramer(int maxFrameBytes) {
            return new RespValueFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            Progress progress = (Progress) connection.attachment();
            progress.underWay = 0;
            ask(connection, progress);
        }

        private void ask(Connection connection, Progress progress) {
            int more = Math.min(1 + progress.answered % 16, each - progress.answered);
            for (int i = 0; i < more; i++) {
                progress.underWay++;
                asked++;
                connection.send(List.of("INCR", "total"), RespEncoder.WORDS);
            }
        }

        @Override
        public void received(RespValue value, Connection connection) {
            Progress progress = (Progress) connection.attachment();
            long now = ((RespValue.Int) value).value();
            assertTrue(now > progress.last, () -> now + " after " + progress.last);
            progress.last = now;
            progress.answered++;
            answered++;
            if (--progress.underWay == 0) {
                if (progress.answered == each) {
                    connection.close();
                } else {
                    ask(connection, progress);
                }
            }
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            Progress progress = (Progress) connection.attachment();
            assertTrue(!(reason instanceof CloseReason.HandlerFailed), reason::toString);
            if (progress.answered == each) {
                done++;
            } else {
                connect(progress);
            }
        }
    }
}
