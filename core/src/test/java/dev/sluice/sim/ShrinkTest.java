// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A scenario that fails is told by a smaller run that fails in the same way. */
class ShrinkTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private static String messageOf(Simulation.Builder builder, Scenario scenario) {
        return assertThrows(AssertionError.class, () -> builder.run(scenario)).getMessage();
    }

    private static String lastLine(String message) {
        List<String> lines = message.lines().toList();
        return lines.get(lines.size() - 1);
    }

    private static void talk(Simulation sim, Invariant invariant) {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.ACCEPTOR_AND_READERS);
        sim.check(invariant);
        echo.clients(10).requests(40);
        sim.runClients(HOUR);
        echo.stop();
    }

    @Test
    void aScenarioThatHoldsIsRunOnce() {
        AtomicInteger runs = new AtomicInteger();
        Simulation.seed(1).faults(Faults.mixed()).run(sim -> {
            runs.incrementAndGet();
            talk(sim, () -> {});
        });
        assertEquals(1, runs.get());
    }

    @Test
    void onlyTheFaultsAndClientsAreLeftThatTheFailureTakes() {
        String message = messageOf(
                Simulation.seed(2)
                        .faults(Faults.none().with(Fault.SHORT_READ, 0.1).with(Fault.DELAY, 0.1)),
                sim -> talk(sim, () -> assertTrue(sim.happened(Fault.SHORT_READ) < 3, "three short reads")));
        assertTrue(message.startsWith("three short reads"), message);
        String left = lastLine(message);
        assertEquals(4, left.split("shortRead ", -1).length, left); // three of them
        assertTrue(left.split(", ").length < 40, left); // of 410 clients and requests, and some 500 faults
        assertTrue(message.contains("repeat with: Simulation.seed(2L).faults("), message);
    }

    @Test
    void theEventsToldAreThoseOfTheSmallerRun() {
        AtomicInteger most = new AtomicInteger();
        String message = messageOf(Simulation.seed(3).keepEvents(1000).faults(Faults.mixed()), sim -> {
            EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
            RandomClients clients = echo.clients(10).requests(40);
            sim.runClients(HOUR);
            most.accumulateAndGet((int) clients.requests(), Math::max);
            assertTrue(clients.requests() < 2, "two requests");
        });
        assertTrue(most.get() > 300, "the first run had them all");
        assertTrue(message.lines().count() < 40, message);
    }

    @Test
    void oneClientAndItsRequestAreLeftIfTheyAreWhatItTakes() {
        for (int seed = 1; seed <= 5; seed++) {
            String message = messageOf(Simulation.seed(seed).faults(Faults.mixed()), sim -> {
                EchoServer echo = new EchoServer(sim, EchoServer.Kind.ACCEPTOR_AND_READERS);
                echo.clients(10).requests(40);
                sim.check(() -> assertTrue(
                        sim.lastEvents().stream()
                                .noneMatch(line -> line.matches(".* read s[0-9]+ (8[1-9]|9.|[0-9]{3,})")),
                        "81 bytes at once"));
                sim.runClients(HOUR);
                echo.stop();
            });
            assertTrue(lastLine(message).split(", ").length < 6, lastLine(message));
        }
    }

    @Test
    void failuresAtTwoPlacesAreNotMistakenForEachOther() {
        String message = messageOf(Simulation.seed(9), sim -> {
            EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
            RandomClients clients = echo.clients(10).requests(40);
            sim.runClients(HOUR);
            if (clients.requests() < 100) {
                throw new AssertionError();
            }
            throw new AssertionError();
        });
        assertTrue(lastLine(message).split(", ").length >= 100, lastLine(message));
    }

    @Test
    void whatIsNoAssertionIsToldWithItsSeedToo() {
        String message = messageOf(Simulation.seed(10), sim -> {
            sim.check(() -> {
                throw new StackOverflowError("deep");
            });
            sim.after(Duration.ZERO, () -> {});
            sim.run(HOUR);
        });
        assertTrue(message.startsWith("java.lang.StackOverflowError: deep\n  seed 10"), message);
    }

    @Test
    void aFailureOfAnotherKindIsNotMistakenForThisOne() {
        String message = messageOf(Simulation.seed(4).faults(Faults.mixed()), sim -> {
            EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
            RandomClients clients = echo.clients(10).requests(40);
            sim.runClients(HOUR);
            if (clients.requests() < 100) {
                throw new IOException("few");
            }
            throw new IllegalStateException("many, here " + clients.requests());
        });
        assertTrue(message.contains("many, here 1"), message);
        assertTrue(message.contains("made smaller"), message);
    }

    @Test
    void aScenarioThatTheSeedDoesNotRepeatIsToldSo() {
        AtomicInteger runs = new AtomicInteger();
        String message = messageOf(Simulation.seed(5), sim -> {
            int run = runs.incrementAndGet();
            sim.after(Duration.ofSeconds(run), () -> {});
            sim.run(HOUR);
            throw new IllegalStateException("not by the seed");
        });
        assertTrue(message.contains("not by the seed"), message);
        assertTrue(lastLine(message).contains("went another way"), message);
        assertEquals(2, runs.get());
    }

    @Test
    void eventsGoToTheirReceiverOfTheFirstRunOnly() {
        List<String> events = new ArrayList<>();
        messageOf(Simulation.seed(6).eventsTo(events::add), sim -> {
            sim.after(Duration.ofSeconds(1), () -> {});
            sim.run(HOUR);
            throw new IllegalStateException("always");
        });
        assertEquals(List.of("1000000 script"), events);
    }
}
