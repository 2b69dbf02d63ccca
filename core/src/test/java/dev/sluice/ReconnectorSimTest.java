// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Reconnector.State;
import dev.sluice.Reconnector.Status;
import dev.sluice.frame.LineFramer;
import dev.sluice.outbound.BackOff;
import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection that is made again and again, in virtual time. */
class ReconnectorSimTest {
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final SocketAddress ADDRESS = new InetSocketAddress("10.0.0.1", 7000);

    private final Simulation sim = Simulation.seed(1).keepEvents(200).build();
    private final List<Status> told = new ArrayList<>();
    private final Connector connector = connector(sim);
    private Server server;
    private Reconnector link;

    private static Connector connector(Simulation sim) {
        try {
            return Connector.builder(DuplexProtocol.of(LineFramer::new, (line, connection) -> {}))
                    .environment(sim.environment("10.0.0.9"))
                    .readers(2)
                    .start();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static BackOff backOff(long seed) {
        return new BackOff(Duration.ofMillis(100), Duration.ofSeconds(10), new SplittableRandom(seed));
    }

    private static Server server(Simulation sim) throws Exception {
        return Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(Topology.singleThread())
                .deadlines(Deadlines.defaults().withFirstByte(Duration.ofHours(1)))
                .listen(Endpoint.tcp("10.0.0.1", 7000), Protocol.of(LineFramer::new, (line, reply) -> {}))
                .start();
    }

    private void keep() {
        link = connector.keep(ADDRESS, backOff(1), told::add);
    }

    private void until(State state) {
        sim.runUntil("it is " + state, () -> link.status().state() == state, Duration.ofMinutes(5));
    }

    private void stopServer() throws Exception {
        server.stop(Duration.ofSeconds(1));
        server = null;
    }

    private List<State> states() {
        return told.stream().map(Status::state).toList();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        connector.close();
        sim.runUntilStopped(A_MINUTE);
        assertEquals(0, connector.connections());
        assertEquals(0, sim.openSockets());
        if (link != null) {
            assertEquals(State.ENDED, link.status().state());
            assertEquals(1, states().stream().filter(State.ENDED::equals).count());
        }
    }

    @Test
    void connectsAndTellsSo() throws Exception {
        server = server(sim);
        keep();
        until(State.CONNECTED);
        assertTrue(link.status().connection().isOpen());
        assertEquals(List.of(State.CONNECTING, State.CONNECTED), states());
    }

    @Test
    void triesAgainAtLongerAndLongerTimesUntilSomebodyListens() throws Exception {
        keep();
        sim.run(A_MINUTE);
        List<Status> waits =
                told.stream().filter(status -> status.state() == State.WAITING).toList();
        assertTrue(waits.size() >= 6 && waits.size() < 40, () -> waits.size() + " times in a minute");
        Duration bound = Duration.ofMillis(100);
        for (int i = 0; i < waits.size(); i++) {
            Status wait = waits.get(i);
            assertEquals(i + 1, wait.failures());
            assertInstanceOf(ConnectException.class, wait.failure().getCause());
            assertTrue(wait.delay().compareTo(bound) <= 0, wait::toString);
            bound = bound.multipliedBy(2).compareTo(Duration.ofSeconds(10)) < 0
                    ? bound.multipliedBy(2)
                    : Duration.ofSeconds(10);
        }
        server = server(sim);
        until(State.CONNECTED);
        assertEquals(0, link.status().failures());
    }

    @Test
    void connectsAgainWhenItsConnectionHasEnded() throws Exception {
        server = server(sim);
        keep();
        until(State.CONNECTED);
        Connection first = link.status().connection();
        sim.run(Duration.ofSeconds(1)); // so that it is accepted
        stopServer();
        until(State.WAITING);
        assertFalse(first.isOpen());
        assertEquals(CloseReason.Kind.PEER_CLOSED, endReason().kind());
        sim.run(Duration.ofSeconds(30));
        server = server(sim);
        until(State.CONNECTED);
        assertTrue(link.status().connection().isOpen());
        assertEquals(1, connector.connections());
    }

    private CloseReason endReason() {
        return told.stream()
                .filter(status -> status.reason() != null)
                .findFirst()
                .orElseThrow()
                .reason();
    }

    @Test
    void aConnectionThatIsEndedAtOnceEachTimeDoesNotStartTheTimesOver() throws Exception {
        server = server(sim);
        link = connector.keep(ADDRESS, backOff(1), status -> {
            told.add(status);
            if (status.connection() != null) {
                status.connection().abort();
            }
        });
        sim.run(A_MINUTE);
        long connects = states().stream().filter(State.CONNECTED::equals).count();
        assertTrue(connects > 5 && connects < 40, () -> connects + " connects in a minute");
    }

    @Test
    void closingEndsTheConnectionInOrder() throws Exception {
        server = server(sim);
        keep();
        until(State.CONNECTED);
        Connection connection = link.status().connection();
        link.close();
        sim.run(Duration.ofSeconds(10));
        assertFalse(connection.isOpen());
        assertEquals(0, connector.connections());
        assertEquals(List.of(State.CONNECTING, State.CONNECTED, State.ENDED), states());
        link.close();
        sim.run(A_MINUTE);
        assertEquals(3, told.size());
    }

    @Test
    void closingEndsItWhileItConnects() throws Exception {
        sim.partition("10.0.0.9", "10.0.0.1");
        keep();
        sim.run(Duration.ofSeconds(1));
        assertEquals(State.CONNECTING, link.status().state());
        link.close();
        sim.run(A_MINUTE);
        assertEquals(List.of(State.CONNECTING, State.ENDED), states());
        assertEquals(0, connector.connections());
    }

    @Test
    void closingEndsItWhileItWaits() throws Exception {
        keep();
        until(State.WAITING);
        link.close();
        int before = told.size();
        sim.run(A_MINUTE);
        assertEquals(before + 1, told.size());
        assertEquals(State.ENDED, told.get(before).state());
    }

    @Test
    void stoppingTheConnectorEndsItWhateverItDoes() throws Exception {
        server = server(sim);
        keep();
        until(State.CONNECTED);
        connector.close();
        sim.runUntil("it has ended", () -> link.status().state() == State.ENDED, A_MINUTE);
        assertEquals(CloseReason.Kind.STOPPED, link.status().reason().kind());
        Reconnector late = connector.keep(ADDRESS, backOff(2), status -> {});
        sim.run(A_MINUTE);
        assertEquals(State.ENDED, late.status().state());
    }

    @Test
    void stoppingTheConnectorEndsItWhileItWaits() throws Exception {
        keep();
        until(State.WAITING);
        connector.close();
        sim.runUntil("it has ended", () -> link.status().state() == State.ENDED, A_MINUTE);
    }

    @Test
    void aConnectionThatWasMovedIsMissedAllTheSame() throws Exception {
        server = server(sim);
        keep();
        until(State.CONNECTED);
        Connection connection = link.status().connection();
        Reader other = connector.readers().get(1 - connection.reader().index());
        var moved = connection.moveTo(other);
        sim.runUntil("it is moved", moved::isDone, A_MINUTE);
        assertTrue(moved.join());
        connection.abort();
        until(State.WAITING);
        until(State.CONNECTED);
    }

    @Test
    void whoIsToldMayThrowAndAttachmentsToo() throws Exception {
        server = server(sim);
        AtomicReference<Supplier<String>> attachments = new AtomicReference<>(() -> {
            throw new IllegalStateException("not yet");
        });
        link = connector.keep(ADDRESS, () -> attachments.get().get(), backOff(1), status -> {
            told.add(status);
            throw new IllegalStateException("deliberate");
        });
        until(State.WAITING);
        assertEquals("not yet", link.status().failure().getMessage());
        attachments.set(() -> "mine");
        until(State.CONNECTED);
        assertEquals("mine", link.status().connection().attachment());
        assertNull(link.status().failure());
    }

    /** Whatever goes wrong, it is connected again once nothing does. */
    @Test
    void underFaultsItComesBack() {
        for (long seed = 0; seed < 200; seed++) {
            long given = seed;
            Simulation.seed(seed)
                    .faults(Faults.mixed().with(Fault.RESET, 0.1).with(Fault.CONNECT_REFUSED, 0.3))
                    .run(run -> comesBack(run, given));
        }
    }

    private static void comesBack(Simulation run, long seed) throws Exception {
        Server server = server(run);
        Connector connector = connector(run);
        List<Reconnector> links = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            links.add(connector.keep(ADDRESS, backOff(seed), status -> {}));
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 10; i++) {
            Reconnector one = links.get(random.nextInt(3));
            run.after(Duration.ofMillis(random.nextInt(60_000)), () -> {
                Connection connection = one.status().connection();
                if (connection != null && random.nextBoolean()) {
                    connection.abort();
                } else if (connection != null) {
                    connection.close();
                }
            });
        }
        run.run(A_MINUTE);
        run.faults(Faults.none());
        run.runUntil(
                "all are connected",
                () -> links.stream().allMatch(link -> link.status().state() == State.CONNECTED),
                Duration.ofMinutes(3));
        run.run(A_MINUTE);
        assertEquals(3, connector.connections());
        links.get(0).close();
        run.run(A_MINUTE);
        assertEquals(2, connector.connections());
        connector.close();
        server.stop(Duration.ZERO);
        run.runUntilStopped(A_MINUTE);
        links.forEach(link -> assertEquals(State.ENDED, link.status().state()));
        assertEquals(0, run.openSockets());
    }
}
