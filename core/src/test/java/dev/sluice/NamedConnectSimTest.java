// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import dev.sluice.outbound.NameCache;
import dev.sluice.prelude.IpText;
import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connects to names: lookups, and the race of the addresses, to the millisecond. */
class NamedConnectSimTest {
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final String CLIENT = "10.0.0.9";
    private static final String SIX = "2001:db8::1";
    private static final String FOUR = "10.0.0.1";

    private final Simulation sim = Simulation.seed(1).keepEvents(200).build();
    private final List<Server> servers = new ArrayList<>();
    private final List<String> opened = new ArrayList<>(); // attachments, by the connector's protocol
    private Connector connector;

    private final class Caller implements DuplexProtocol<ByteBuffer> {
        @Override
        public LineFramer newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            opened.add(String.valueOf(connection.attachment()));
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {}
    }

    private void connector(Limits limits) throws IOException {
        connector = Connector.builder(new Caller())
                .environment(sim.environment(CLIENT))
                .limits(limits)
                .start();
    }

    private Server server(String host) throws Exception {
        Server server = Server.builder()
                .environment(sim.environment(host))
                .topology(Topology.singleThread())
                .listen(Endpoint.tcp(host, 7000), Protocol.of(LineFramer::new, (line, reply) -> {}))
                .start();
        servers.add(server);
        return server;
    }

    private CompletableFuture<Connection> connect(String host) {
        return connector.connect(null, InetSocketAddress.createUnresolved(host, 7000), "it");
    }

    private static String host(Connection connection) {
        return IpText.text(((InetSocketAddress) connection.remoteAddress()).getAddress());
    }

    private Throwable failure(CompletableFuture<Connection> connect, Duration within) {
        sim.runUntil("the connect has come to nothing", connect::isDone, within);
        Throwable failure = connect.handle((connection, why) -> why).join();
        assertInstanceOf(IOException.class, failure);
        return failure;
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (Server server : servers) {
            server.stop(Duration.ZERO);
        }
        connector.close();
        sim.runUntilStopped(A_MINUTE);
        assertEquals(0, connector.connections());
        assertEquals(0, sim.openSockets());
    }

    @Test
    void aNameIsLookedUpAndConnectedTo() throws Exception {
        connector(Limits.defaults());
        Server server = server(FOUR);
        sim.name("db.example", FOUR);
        CompletableFuture<Connection> connect = connect("db.example");
        assertEquals(1, connector.connections());
        sim.runUntil("it is open", connect::isDone, Duration.ofMillis(10));
        assertEquals(FOUR, host(connect.join()));
        assertEquals(List.of("it"), opened);
        sim.run(Duration.ofSeconds(1));
        assertEquals(1, connector.connections());
        assertEquals(1, server.connections());
    }

    @Test
    void aLiteralThatNobodyResolvedIsAskedOfNobody() throws Exception {
        connector(Limits.defaults());
        server(FOUR);
        CompletableFuture<Connection> connect = connect(FOUR);
        sim.runUntil("it is open", connect::isDone, Duration.ofMillis(10));
        assertEquals(FOUR, host(connect.join()));
    }

    @Test
    void anAddressWithoutAnAnswerGetsARivalAfterAQuarterOfASecond() throws Exception {
        connector(Limits.defaults());
        server(SIX);
        Server four = server(FOUR);
        sim.name("db.example", SIX, FOUR);
        sim.partition(CLIENT, SIX);
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofMillis(250));
        assertFalse(connect.isDone());
        sim.runUntil("it is open", connect::isDone, Duration.ofMillis(20));
        assertEquals(FOUR, host(connect.join()));
        sim.run(Duration.ofSeconds(20));
        assertEquals(List.of("it"), opened);
        assertEquals(1, connector.connections(), "the loser's permit is given back");
        assertEquals(1, four.connections());
        assertEquals(2, sim.openSockets() - servers.size(), "the loser is closed");
        assertEquals(1, connector.readers().get(0).closed(CloseReason.Kind.CLOSED_HERE));
    }

    @Test
    void theFirstThatAnswersWinsThoughItWasTriedFirst() throws Exception {
        connector(Limits.defaults());
        server(SIX);
        sim.name("db.example", SIX, "10.0.0.2", "10.0.0.3");
        sim.partition(CLIENT, SIX);
        sim.partition(CLIENT, "10.0.0.2");
        sim.partition(CLIENT, "10.0.0.3");
        sim.after(Duration.ofMillis(900), () -> sim.heal(CLIENT, SIX));
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofMillis(800));
        assertEquals(3, connector.connections());
        sim.runUntil("it is open", connect::isDone, Duration.ofSeconds(1));
        assertEquals(SIX, host(connect.join()));
        sim.run(Duration.ofSeconds(1));
        assertEquals(1, connector.connections());
    }

    @Test
    void anAddressThatFailsIsFollowedAtOnce() throws Exception {
        connector(Limits.defaults());
        server(FOUR);
        sim.name("db.example", SIX, FOUR);
        CompletableFuture<Connection> connect = connect("db.example");
        sim.runUntil("it is open", connect::isDone, Duration.ofMillis(20));
        assertEquals(FOUR, host(connect.join()));
    }

    @Test
    void eachAddressThatFailedIsTold() throws Exception {
        connector(Limits.defaults());
        sim.name("db.example", SIX, FOUR, "10.0.0.2");
        sim.partition(CLIENT, "10.0.0.2");
        Throwable why = failure(connect("db.example"), Duration.ofSeconds(11));
        assertEquals(
                "cannot connect to db.example:7000: [2001:db8::1]:7000: Connection refused; "
                        + "10.0.0.1:7000: Connection refused; "
                        + "10.0.0.2:7000: no answer within deadlines.connect of PT10S",
                why.getMessage());
        assertInstanceOf(ConnectException.class, why.getCause());
        assertEquals(3, why.getSuppressed().length);
        assertEquals(
                "cannot connect to 10.0.0.2:7000: no answer within deadlines.connect of PT10S",
                why.getSuppressed()[2].getMessage());
        assertInstanceOf(SocketTimeoutException.class, why.getSuppressed()[2].getCause());
        assertTrue(opened.isEmpty());
    }

    @Test
    void theDeadlineIsForAllAddressesTogether() throws Exception {
        connector(Limits.defaults());
        String[] addresses = new String[60];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = "10.0.1." + i;
            sim.partition(CLIENT, addresses[i]);
        }
        sim.name("db.example", addresses);
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofMillis(9900));
        assertFalse(connect.isDone());
        assertTrue(connector.connections() > 35, () -> connector.connections() + " are tried");
        Throwable why = failure(connect, Duration.ofSeconds(1));
        assertTrue(why.getSuppressed().length < 41, () -> why.getSuppressed().length + " were tried");
        assertEquals(0, connector.connections());
    }

    @Test
    void aRaceTakesNoMorePermitsThanThereAre() throws Exception {
        connector(Limits.defaults().withConnections(2));
        sim.name("db.example", FOUR, "10.0.0.2", "10.0.0.3");
        sim.partition(CLIENT, FOUR);
        sim.partition(CLIENT, "10.0.0.2");
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofSeconds(1));
        assertEquals(2, connector.connections());
        Throwable why = failure(connect, Duration.ofSeconds(10));
        assertTrue(why.getMessage().contains("10.0.0.3:7000: limits.connections of 2 are held"), why::toString);
    }

    @Test
    void aNameThatNobodyHasIsToldToAllWhoAsk() throws Exception {
        connector(Limits.defaults());
        Throwable why = failure(connect("no.example"), Duration.ofMillis(10));
        assertEquals("cannot connect to no.example:7000: there is no such host (no.example)", why.getMessage());
        assertInstanceOf(UnknownHostException.class, why.getCause());
        assertEquals(0, connector.connections());
    }

    @Test
    void aLookupWithoutAnAnswerIsGivenUpAtTheDeadline() throws Exception {
        connector = Connector.builder(new Caller())
                .environment(sim.environment(CLIENT).withResolver(host -> new CompletableFuture<>()))
                .deadlines(Deadlines.defaults().withConnect(Duration.ofSeconds(3)))
                .start();
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofSeconds(3));
        assertFalse(connect.isDone());
        Throwable why = failure(connect, Duration.ofMillis(20));
        assertInstanceOf(SocketTimeoutException.class, why.getCause());
        assertEquals(
                "cannot connect to db.example:7000: its name was not looked up within deadlines.connect of PT3S",
                why.getMessage());
    }

    @Test
    void stoppingEndsLookupsThatAreUnderWay() throws Exception {
        connector = Connector.builder(new Caller())
                .environment(sim.environment(CLIENT).withResolver(host -> new CompletableFuture<>()))
                .start();
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofSeconds(1));
        connector.close();
        failure(connect, Duration.ofSeconds(1));
    }

    @Test
    void fromAnAddressOfOneFamilyOnlyThatOneIsTried() throws Exception {
        connector(Limits.defaults());
        server(FOUR);
        sim.name("db.example", SIX, FOUR);
        sim.name("six.example", SIX);
        InetSocketAddress local = new InetSocketAddress("10.0.0.7", 0);
        CompletableFuture<Connection> connect =
                connector.connect(local, InetSocketAddress.createUnresolved("db.example", 7000), null);
        sim.runUntil("it is open", connect::isDone, Duration.ofMillis(10));
        assertEquals(FOUR, host(connect.join()));
        Throwable why = failure(
                connector.connect(local, InetSocketAddress.createUnresolved("six.example", 7000), null),
                Duration.ofMillis(10));
        assertTrue(why.getMessage().endsWith("it has no address that can be reached from 10.0.0.7:0"), why::toString);
    }

    @Test
    void whoGivesUpEndsTheRaceAtTheNextAddress() throws Exception {
        connector(Limits.defaults());
        sim.name("db.example", FOUR, "10.0.0.2");
        sim.partition(CLIENT, FOUR);
        CompletableFuture<Connection> connect = connect("db.example");
        sim.run(Duration.ofMillis(100));
        connect.cancel(false);
        sim.run(Duration.ofMillis(200));
        assertEquals(0, connector.connections());
        assertEquals(0, sim.openSockets());
    }

    @Test
    void aCacheBeforeTheResolverAsksItOnce() throws Exception {
        server(FOUR);
        sim.name("db.example", FOUR);
        Environment environment = sim.environment(CLIENT);
        NameCache cache = NameCache.of(environment.resolver(), environment.nanoClock());
        connector = Connector.builder(new Caller())
                .environment(environment.withResolver(cache))
                .readers(2)
                .start();
        List<CompletableFuture<Connection>> connects = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            connects.add(connect("db.example"));
        }
        sim.run(Duration.ofMillis(100));
        connects.add(connect("db.example"));
        sim.run(Duration.ofMillis(100));
        connects.forEach(connect -> assertEquals(FOUR, host(connect.join())));
        assertEquals(
                1,
                sim.lastEvents().stream()
                        .filter(event -> event.contains("lookup"))
                        .count());
    }

    /** Whatever goes wrong, each connect has an outcome, and nothing is left of it. */
    @Test
    void underFaultsEachConnectHasAnOutcomeAndNothingIsLeft() throws Exception {
        connector(Limits.defaults()); // for nothingIsLeft
        int open = 0;
        int failed = 0;
        for (long seed = 0; seed < 300; seed++) {
            int[] outcomes = new int[2];
            Simulation.seed(seed)
                    .faults(Faults.mixed()
                            .with(Fault.CONNECT_REFUSED, 0.2)
                            .with(Fault.CONNECT_TIMEOUT, 0.2)
                            .with(Fault.CONNECT_DELAY, 0.3))
                    .run(run -> manyConnects(run, outcomes));
            open += outcomes[0];
            failed += outcomes[1];
        }
        assertTrue(open > 1000, open + " were open");
        assertTrue(failed > 100, failed + " failed");
    }

    private static void manyConnects(Simulation run, int[] outcomes) throws Exception {
        outcomes[0] = 0; // it may be run again, to be shrunk
        outcomes[1] = 0;
        Server server = Server.builder()
                .environment(run.environment(FOUR))
                .topology(Topology.singleThread())
                .listen(Endpoint.tcp(FOUR, 7000), Protocol.of(LineFramer::new, (line, reply) -> {}))
                .listen(Endpoint.tcp("10.0.0.2", 7000), Protocol.of(LineFramer::new, (line, reply) -> {}))
                .start();
        List<Connection> opened = new ArrayList<>();
        DuplexProtocol<ByteBuffer> protocol = new DuplexProtocol<>() {
            @Override
            public LineFramer newFramer(int maxFrameBytes) {
                return new LineFramer(maxFrameBytes);
            }

            @Override
            public void opened(Connection connection) {
                opened.add(connection);
            }

            @Override
            public void received(ByteBuffer frame, Connection connection) {}
        };
        Environment environment = run.environment(CLIENT);
        SplittableRandom random = new SplittableRandom(environment.random().nextLong());
        Connector connector = Connector.builder(protocol)
                .environment(environment.withResolver(NameCache.of(environment.resolver(), environment.nanoClock())
                        .withAges(Duration.ofSeconds(2), Duration.ofSeconds(1))))
                .readers(2)
                .limits(Limits.defaults().withConnections(8))
                .start();
        run.name("two.example", FOUR, "10.0.0.2");
        run.name("mixed.example", SIX, FOUR, "10.0.0.3", "10.0.0.2");
        run.name("dead.example", SIX, "10.0.0.3");
        List<String> hosts = List.of("two.example", "mixed.example", "dead.example", "no.example", FOUR);
        List<CompletableFuture<Connection>> connects = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String host = hosts.get(random.nextInt(hosts.size()));
            run.after(Duration.ofMillis(random.nextInt(5000)), () -> {
                CompletableFuture<Connection> connect =
                        connector.connect(InetSocketAddress.createUnresolved(host, 7000));
                connects.add(connect);
                if (random.nextInt(6) == 0) {
                    run.after(Duration.ofMillis(random.nextInt(400)), () -> connect.cancel(false));
                }
            });
        }
        boolean stopsEarly = random.nextInt(4) == 0;
        run.run(stopsEarly ? Duration.ofMillis(random.nextInt(6000)) : Duration.ofSeconds(40));
        if (!stopsEarly) {
            int stillOpen = (int) opened.stream().filter(Connection::isOpen).count();
            assertTrue(connects.stream().allMatch(CompletableFuture::isDone), "one has no outcome");
            assertTrue(connector.connections() <= stillOpen + 1, () -> connector.connections() + " are held");
        }
        connector.close();
        server.stop(Duration.ZERO);
        run.runUntilStopped(A_MINUTE);
        run.run(Duration.ofSeconds(10)); // those that were to come do, and fail
        for (CompletableFuture<Connection> connect : connects) {
            assertTrue(connect.isDone(), "one has no outcome");
            boolean fails = connect.isCompletedExceptionally();
            outcomes[fails ? 1 : 0]++;
            assertTrue(fails || opened.contains(connect.join()));
        }
        assertEquals(0, connector.connections());
        assertEquals(0, run.openSockets());
    }
}
