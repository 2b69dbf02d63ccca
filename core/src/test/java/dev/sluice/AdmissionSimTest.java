// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason.Cause;
import dev.sluice.CloseReason.Kind;
import dev.sluice.sim.Client;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Out of descriptors, and the accept rate, by the virtual clock: what is done, how often, and how soon it goes on. */
class AdmissionSimTest {
    private static final SocketAddress ADDRESS = new InetSocketAddress("10.0.0.1", 7000);
    private static final String REFUSAL = "refused REFUSED\n";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Simulation sim = Simulation.seed(5).build();
    private final TestServer.Recorder recorder = new TestServer.Recorder(TestServer::echo);
    private Server server;

    private void start(Limits limits, Topology topology) throws IOException {
        server = Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(topology)
                .limits(limits)
                .listen(Endpoint.tcp("10.0.0.1", 7000), recorder)
                .start();
    }

    private void start(Limits limits) throws IOException {
        start(limits, Topology.acceptorAndReaders(2));
    }

    private Client served(int number) {
        Client client = sim.client("10.1.0." + number);
        return client.connect(ADDRESS).send("x\n").expect("x\n");
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(MINUTE);
        assertEquals(0, server.connections());
        assertEquals(0, sim.openSockets());
    }

    // ---- descriptors

    /** The listener takes one of them, and a spare one if there is. */
    private List<Client> startFull(WhenFull outcome, int number) throws IOException {
        List<Client> held = new ArrayList<>();
        start(Limits.defaults().withWhenFull(outcome));
        sim.descriptors(number + (outcome == WhenFull.REFUSE ? 2 : 1));
        for (int i = 1; i <= number; i++) {
            held.add(served(i));
        }
        sim.runClients(MINUTE);
        assertEquals(number, server.connections());
        return held;
    }

    @Test
    void withoutDescriptorsAcceptIsTriedSomeTwentyTimesASecondAndThoseHeldAreServed() throws Exception {
        List<Client> held = startFull(WhenFull.WAIT, 10);
        for (int i = 11; i <= 60; i++) {
            served(i).within(MINUTE);
        }
        long before = server.acceptors().get(0).errors(AcceptError.DESCRIPTORS_OF_PROCESS);
        held.forEach(client -> client.send("y\n").expect("y\n"));
        sim.run(Duration.ofSeconds(10));
        assertEquals(10, Collections.frequency(recorder.requests, "y"), "those who are held are served");
        long attempts = server.acceptors().get(0).errors(AcceptError.DESCRIPTORS_OF_PROCESS) - before;
        assertTrue(attempts >= 120 && attempts <= 200, attempts + " attempts in ten seconds");
        assertEquals(10, server.connections());
        sim.descriptors(1000);
        sim.runClients(MINUTE);
        assertEquals(60, server.connections());
    }

    @Test
    void acceptingGoesOnWithin100MillisecondsAfterADescriptorHasComeFree() throws Exception {
        startFull(WhenFull.WAIT, 5);
        List<Client> waiting = new ArrayList<>();
        for (int i = 11; i <= 15; i++) {
            waiting.add(served(i));
        }
        for (int round = 0; round < 5; round++) {
            sim.run(Duration.ofMillis(1000 + 7L * round));
            Duration before = sim.now();
            recorder.opened.get(round).abort();
            int opened = 6 + round;
            sim.runUntil("one more is served", () -> recorder.opened.size() == opened, MINUTE);
            long millis = sim.now().minus(before).toMillis();
            assertTrue(millis <= 100, millis + " ms until it went on");
        }
        sim.runClients(MINUTE);
        assertEquals(0, waiting.stream().filter(Client::wasCut).count());
    }

    @Test
    void withoutDescriptorsClientsAreRefusedWithTheSpareOne() throws Exception {
        startFull(WhenFull.REFUSE, 10);
        for (int i = 11; i <= 40; i++) {
            sim.client("10.1.0." + i)
                    .connect(ADDRESS)
                    .send("nobody reads this\n")
                    .expect(REFUSAL)
                    .expectEnd()
                    .close();
        }
        sim.runClients(MINUTE);
        sim.run(Duration.ofSeconds(1));
        assertEquals(30, server.refused().get(Cause.DESCRIPTORS));
        assertEquals(30, server.closed().get(Kind.REFUSED));
        assertEquals(10, server.connections());
        sim.descriptors(13);
        served(50);
        sim.runClients(MINUTE);
        assertEquals(11, server.connections());
    }

    @Test
    void aSpareDescriptorThatSomebodyElseTookIsTakenAgainOnceThereIsOne() throws Exception {
        startFull(WhenFull.REFUSE, 10);
        sim.descriptors(11);
        Client first = sim.client("10.1.0.11").connect(ADDRESS).expect(REFUSAL).expectEnd();
        sim.run(Duration.ofSeconds(30));
        assertEquals(0, server.refused().get(Cause.DESCRIPTORS), "letting go of it made no room");
        sim.descriptors(12);
        first.close();
        sim.runClients(MINUTE);
        assertEquals(1, server.refused().get(Cause.DESCRIPTORS));
        sim.run(Duration.ofSeconds(1));
        assertEquals(12, sim.openSockets(), "the spare one is held again");
    }

    @Test
    void withoutDescriptorsTheIdlestConnectionMakesRoom() throws Exception {
        startFull(WhenFull.EVICT_IDLEST, 10);
        for (int i = 11; i <= 20; i++) {
            served(i);
        }
        sim.runClients(MINUTE);
        sim.run(Duration.ofSeconds(1));
        assertEquals(10, server.closed().get(Kind.EVICTED));
        assertEquals(10, server.connections());
        CloseReason.Evicted evicted = (CloseReason.Evicted) recorder.reasons.get(0);
        assertEquals(Cause.DESCRIPTORS, evicted.cause());
    }

    // ---- the rate

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void whoComesTooFastWaitsOrIsRefused(WhenFull outcome) throws Exception {
        boolean refuses = outcome == WhenFull.REFUSE;
        start(
                Limits.defaults()
                        .withAcceptRate(10, 5)
                        .withWhenTooFast(refuses ? WhenFull.REFUSE : WhenFull.WAIT)
                        .withWhenFull(outcome),
                Topology.sharedListener(3));
        List<Client> clients = new ArrayList<>();
        for (int i = 1; i <= 25; i++) {
            clients.add(sim.client("10.1.0." + i).connect(ADDRESS));
        }
        sim.run(Duration.ofMillis(10));
        assertEquals(5, server.connections(), "the burst");
        sim.run(Duration.ofSeconds(1));
        if (refuses) {
            assertEquals(5, server.connections());
            assertEquals(20, server.refused().get(Cause.ACCEPT_RATE));
        } else {
            assertTrue(server.connections() >= 14 && server.connections() <= 15, server.connections() + " in a second");
            sim.run(Duration.ofSeconds(2));
            assertEquals(25, server.connections());
        }
        clients.forEach(Client::close);
        sim.runClients(MINUTE);
    }

    // ---- storms

    @Test
    void aStormOfClientsWhoAreRefusedHoldsNobodyUp() throws Exception {
        start(Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE), Topology.singleThread());
        served(1);
        sim.runClients(MINUTE);
        Client held = sim.client("10.1.0.2");
        for (int i = 1; i <= 250; i++) {
            sim.client("10.2.0." + i).connect(ADDRESS); // they neither read nor hang up
        }
        sim.runClients(MINUTE);
        sim.run(Duration.ofMillis(20));
        Acceptor acceptor = server.acceptors().get(0);
        assertEquals(250, acceptor.refused(Cause.CONNECTIONS_OF_SERVER));
        assertEquals(250 - Admission.MOST_REFUSALS, acceptor.resetAtOnce());
        sim.run(Duration.ofSeconds(10)); // within the linger deadline those that were told are gone
        assertEquals(Admission.MOST_REFUSALS, server.closed().get(Kind.REFUSED));
        assertEquals(1, server.connections());
        held.connect(ADDRESS).expect(REFUSAL).expectEnd().close();
        sim.runClients(MINUTE);
    }
}
