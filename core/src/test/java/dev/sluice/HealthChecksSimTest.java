// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendState;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.HealthCheck;
import dev.sluice.upstream.HealthChecks;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks under a virtual clock: what becomes of backends that are cut off, and how long that takes. */
class HealthChecksSimTest {
    private static final int SEEDS = 60;
    private static final HealthCheck CHECK = HealthCheck.sendExpect(ascii("ping\n"), ascii("ping"))
            .withInterval(Duration.ofSeconds(2))
            .withTimeout(Duration.ofSeconds(1));

    private final List<Server> servers = new ArrayList<>();

    @Test
    void whoeverIsCutOffIsDownInTimeAndComesBackInTime() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation sim = Simulation.seed(seed).build();
            Upstream upstream = begin(sim);
            sim.run(Duration.ofSeconds(10));
            assertStates(seed, upstream, BackendState.UP, BackendState.UP);

            sim.partition("10.0.0.9", "10.0.0.1");
            sim.run(Duration.ofSeconds(3 * 4)); // three failed checks, each after at most 2.2 s and 1 s
            assertStates(seed, upstream, BackendState.DOWN, BackendState.UP);

            sim.heal("10.0.0.9", "10.0.0.1");
            sim.run(Duration.ofSeconds(2 * 3 + 2)); // two good ones, behind one that may have begun before
            assertStates(seed, upstream, BackendState.UP, BackendState.UP);
            end(sim, upstream);
        }
    }

    @Test
    void faultsLeaveNothingBehind() throws Exception {
        int failed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
            Upstream upstream = begin(sim);
            for (int minute = 0; minute < 10; minute++) {
                sim.run(Duration.ofMinutes(1));
                failed += upstream.status().stream().anyMatch(status -> status.lastFailure() != null) ? 1 : 0;
            }
            end(sim, upstream);
        }
        assertTrue(failed > 0, "no check has failed under faults");
    }

    private Upstream begin(Simulation sim) throws IOException {
        servers.clear();
        List<Backend> backends = new ArrayList<>();
        for (String host : List.of("10.0.0.1", "10.0.0.2")) {
            servers.add(server(sim, host));
            backends.add(Backend.of(host, new java.net.InetSocketAddress(host, 7000)));
        }
        servers.add(server(sim, "10.0.0.9"));
        Upstream upstream = Upstream.builder("simulated")
                .backends(backends)
                .environment(sim.environment("10.0.0.9"))
                .build();
        checks = HealthChecks.start(upstream, CHECK, servers.get(2)::connector);
        return upstream;
    }

    private HealthChecks checks;

    private static Server server(Simulation sim, String host) throws IOException {
        return Server.builder()
                .environment(sim.environment(host))
                .poisonBuffers(true)
                .listen(Endpoint.tcp(host, 7000), Protocol.of(LineFramer::new, TestServer::echo))
                .start();
    }

    private static void assertStates(int seed, Upstream upstream, BackendState... states) {
        assertEquals(
                List.of(states),
                upstream.status().stream().map(BackendStatus::state).toList(),
                () -> "seed " + seed + ": " + upstream.status());
    }

    private void end(Simulation sim, Upstream upstream) throws Exception {
        checks.close();
        assertStates(0, upstream, BackendState.UP, BackendState.UP);
        sim.run(Duration.ofMinutes(5));
        for (Server server : servers) {
            assertEquals(0, server.connections());
            server.stop(Duration.ofSeconds(5));
        }
        sim.runUntilStopped(Duration.ofMinutes(10));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
