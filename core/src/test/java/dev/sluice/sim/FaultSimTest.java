// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each fault happens, and an echo server survives it: replies come back in order, and nothing is left at the end. */
class FaultSimTest {
    private static final Set<Fault> OF_WORKERS = EnumSet.of(Fault.SLOW_WORKER);
    private static final Set<Fault> THAT_CUT =
            EnumSet.of(Fault.RESET, Fault.FIN, Fault.NEVER_READS, Fault.CONNECT_REFUSED, Fault.CONNECT_TIMEOUT);

    @TestFactory
    Stream<DynamicTest> eachFaultHappensAndIsSurvived() {
        List<DynamicTest> tests = new ArrayList<>();
        for (EchoServer.Kind kind : EchoServer.Kind.values()) {
            for (Fault fault : Fault.values()) {
                if (kind == EchoServer.Kind.WORKERS || !OF_WORKERS.contains(fault)) {
                    tests.add(DynamicTest.dynamicTest(fault + " on " + kind, () -> survives(kind, fault)));
                }
            }
        }
        return tests.stream();
    }

    private static void survives(EchoServer.Kind kind, Fault fault) {
        Simulation sim = Simulation.seed(1 + fault.ordinal())
                .faults(Faults.none().with(fault, 0.1))
                .build();
        EchoServer echo = new EchoServer(sim, kind);
        RandomClients clients = echo.clients(20).requests(400).thinking(Duration.ofMillis(200));
        sim.runClients(Duration.ofDays(10));
        assertTrue(sim.happened(fault) > 0, "it has not happened");
        if (!THAT_CUT.contains(fault)) {
            assertEquals(clients.requests(), clients.replies());
        }
        echo.stop();
    }

    @TestFactory
    Stream<DynamicTest> aMixtureOfFaultsIsSurvived() {
        return Stream.of(EchoServer.Kind.values())
                .map(kind -> DynamicTest.dynamicTest(kind.name(), () -> {
                    for (int seed = 1; seed <= 20; seed++) {
                        Simulation sim =
                                Simulation.seed(seed).faults(Faults.mixed()).build();
                        EchoServer echo = new EchoServer(sim, kind);
                        echo.clients(20).requests(100);
                        sim.runClients(Duration.ofDays(1));
                        echo.stop();
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> stoppingUnderFaultsLeavesNothing() {
        return Stream.of(EchoServer.Kind.values())
                .map(kind -> DynamicTest.dynamicTest(kind.name(), () -> {
                    for (int seed = 1; seed <= 20; seed++) {
                        Simulation sim =
                                Simulation.seed(seed).faults(Faults.mixed()).build();
                        EchoServer echo = new EchoServer(sim, kind);
                        RandomClients clients = echo.clients(20);
                        sim.run(Duration.ofMillis(500L * seed));
                        clients.stop();
                        sim.runClients(Duration.ofDays(1));
                        echo.stop();
                    }
                }));
    }
}
