// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.TlsVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Some clients that speak TLS to a server in the simulated network, from the start to the end: each is told how its
 * connect went, and at the end nothing is left. Both sides are ours, and share a budget.
 */
final class TlsSimRun {
    static final int CLIENTS = 12;

    final SplittableRandom random;
    final Simulation sim;
    Server server; // null before the start, as is the connector
    Connector connector;
    private final int seed;
    private MemoryBudget budget;
    private int told;

    TlsSimRun(int seed, Faults faults) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.sim = Simulation.seed(seed).faults(faults).build();
    }

    /** What clients speak: each version in every other run. */
    ClientTls.Builder client() {
        return TlsKeys.ofLocalhost()
                .client()
                .serverName("localhost")
                .versions(seed % 2 == 0 ? TlsVersion.TLS_1_3 : TlsVersion.TLS_1_2);
    }

    void start(long budgetBytes, UnaryOperator<Endpoint> security, Protocol<?> service, Connector.Builder clients)
            throws Exception {
        budget = MemoryBudget.ofBytes(budgetBytes);
        Limits limits = Limits.defaults()
                .withMarks(random.nextInt(2000, 60_000), random.nextInt(2000))
                .withRequestsPerTurn(random.nextInt(1, 10));
        server = Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(seed % 3 == 0 ? Topology.singleThread() : Topology.acceptorAndReaders(2))
                .limits(limits)
                .budget(budget)
                .poisonBuffers(true)
                .listen(security.apply(Endpoint.tcp("10.0.0.1", 7000)), service)
                .start();
        connector = clients.environment(sim.environment("10.1.0.1"))
                .limits(limits)
                .budget(budget)
                .poisonBuffers(true)
                .start();
    }

    /** Has the clients come at some time, with these attachments, and stops both sides later. */
    void run(Supplier<?> talks) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            sim.after(Duration.ofMillis(random.nextInt(20_000)), () -> connector
                    .connect(null, new InetSocketAddress("10.0.0.1", 7000), talks.get())
                    .whenComplete((connection, failure) -> told++));
        }
        sim.run(Duration.ofMinutes(random.nextInt(1, 120)));
        server.stop(Duration.ofSeconds(5));
        connector.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(10));
        assertEquals(CLIENTS, told, "each who asked was told");
        assertEquals(0, server.connections());
        assertEquals(0, connector.connections());
        assertEquals(0, budget.usedBytes());
        for (Reader reader : server.readers()) {
            assertEquals(0, reader.lentBuffers());
            assertEquals(0, reader.lentBytes());
        }
    }
}
