// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is refused at start, and in which words. */
class ConfigurationTest {
    private static final Protocol<ByteBuffer> LINES = Protocol.of(LineFramer::new, TestServer::echo);

    private static String refusal(UnaryOperator<Server.Builder> configuration) {
        Server.Builder builder = Server.builder().listen(Endpoint.tcp("127.0.0.1", 0), LINES);
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> configuration.apply(builder).start().close())
                .getMessage();
    }

    private static String refusal(Limits limits) {
        return refusal(builder -> builder.limits(limits));
    }

    @Test
    void limitsOutOfRangeAreNamedWithValueAndRange() {
        Limits limits = Limits.defaults();
        assertEquals("limits.connections: 0 is not within 1 to 100000000", refusal(limits.withConnections(0)));
        assertEquals(
                "limits.connectionsPerSource: 0 is not within 1 to 100000000",
                refusal(limits.withConnectionsPerSource(0)));
        assertEquals("limits.acceptsPerSecond: 0 is not within 1 to 1000000", refusal(limits.withAcceptRate(0, 1)));
        assertEquals(
                "limits.acceptBurst: 1000001 is not within 1 to 1000000", refusal(limits.withAcceptRate(1, 1000001)));
        assertEquals("limits.handshakes: 0 is not within 1 to 1000000", refusal(limits.withHandshakes(0)));
        assertEquals(
                "limits.handshakesPerSecond: 1000001 is not within 1 to 1000000",
                refusal(limits.withHandshakesPerSecond(1_000_001)));
        assertEquals("limits.whenFull: missing", refusal(limits.withWhenFull(null)));
        assertEquals("limits.acceptsPerPass: 0 is not within 1 to 65536", refusal(limits.withAcceptsPerPass(0)));
        assertEquals("limits.frameBytes: -1 is not within 1 to 268435456", refusal(limits.withFrameBytes(-1)));
        assertEquals("limits.repliesInFlight: 0 is not within 1 to 1000000", refusal(limits.withRepliesInFlight(0)));
        assertEquals("limits.requestsPerTurn: 0 is not within 1 to 1000000", refusal(limits.withRequestsPerTurn(0)));
        assertEquals(
                "limits.outboundBytes: 1023 is not within 1024 to 268435456", refusal(limits.withOutboundBytes(1023)));
        assertEquals(
                "limits.highMark: 4194305 is above limits.outboundBytes of 4194304; set lower ones withMarks",
                refusal(limits.withMarks(4194305, 1)));
        assertEquals("limits.lowMark: 100 is not within 0 to 99", refusal(limits.withMarks(100, 100)));
    }

    @Test
    void limitsThatContradictEachOtherAreNamed() {
        Limits limits = Limits.defaults();
        assertEquals(
                "limits.acceptBurst: 19 is below 20, which come together in a rest of 20 ms;"
                        + " limits.acceptsPerSecond of 1000 could not be reached",
                refusal(limits.withAcceptRate(1000, 19)));
        assertEquals(
                "limits.whenTooFast: EVICT_IDLEST makes nothing slower; use WAIT or REFUSE",
                refusal(limits.withWhenTooFast(WhenFull.EVICT_IDLEST)));
        assertEquals(
                "endpoint.connections of 127.0.0.1:0: 0 is not within 1 to 100000000",
                refusal(b -> b.listen(Endpoint.tcp("127.0.0.1", 0).withConnections(0), LINES)));
    }

    @Test
    void deadlinesOutOfRangeAreNamedWithValueAndRange() {
        Deadlines deadlines = Deadlines.defaults();
        assertEquals(
                "deadlines.linger: PT0.009S is not within PT0.01S to PT1H",
                refusal(builder -> builder.deadlines(deadlines.withLinger(Duration.ofMillis(9)))));
        assertEquals(
                "deadlines.connect: PT2H is not within PT0.01S to PT1H",
                refusal(builder -> builder.deadlines(deadlines.withConnect(Duration.ofHours(2)))));
        assertEquals(
                "deadlines.firstByte: PT0S is not within PT0.01S to PT8760H",
                refusal(builder -> builder.deadlines(deadlines.withFirstByte(Duration.ZERO))));
        assertEquals(
                "deadlines.frame: PT-1S is not within PT0.01S to PT8760H",
                refusal(builder -> builder.deadlines(deadlines.withFrame(Duration.ofSeconds(-1)))));
        assertEquals(
                "deadlines.idle: PT8784H is not within PT0.01S to PT8760H",
                refusal(builder -> builder.deadlines(deadlines.withIdle(Duration.ofDays(366)))));
        assertEquals(
                "deadlines.writeStall: PT0S is not within PT0.01S to PT8760H",
                refusal(builder -> builder.deadlines(deadlines.withWriteStall(Duration.ZERO))));
        assertEquals(
                "deadlines.minBytesPerSecond: 0 is not within 1 to 1000000000",
                refusal(builder -> builder.deadlines(deadlines.withMinBytesPerSecond(0))));
        assertEquals(
                "deadlines.idle: missing",
                assertThrows(IllegalArgumentException.class, () -> deadlines.withIdle(null))
                        .getMessage());
    }

    @Test
    void aBudgetOutOfRangeIsNamedWithValueAndRange() {
        assertEquals(
                "budget.limitBytes: 16383 is not within 16384 to 1125899906842624",
                assertThrows(IllegalArgumentException.class, () -> MemoryBudget.ofBytes(16_383))
                        .getMessage());
    }

    @Test
    void theBudgetOfTheProcessIsAQuarterOfItsHeap() {
        long quarter = Runtime.getRuntime().maxMemory() / 4;
        assertEquals(Math.max(4 << 20, quarter), MemoryBudget.ofProcess().limitBytes());
    }

    @Test
    void aTimeAfterWhichALoopIsBlockedOutOfRangeIsNamed() {
        assertEquals("blockedAfter: missing", refusal(builder -> builder.blockedAfter(null)));
        assertEquals(
                "blockedAfter: PT0.000999S is neither zero nor within PT0.001S to PT1H",
                refusal(builder -> builder.blockedAfter(Duration.ofNanos(999_000))));
    }

    @Test
    void rebalancingTooOftenIsRefused() {
        assertEquals(
                "rebalance: PT0.009S is not within PT0.01S to PT1H", refusal(b -> b.rebalance(Duration.ofMillis(9))));
        assertEquals("rebalance: missing", refusal(b -> b.rebalance(null)));
    }

    @Test
    void aTopologyWithoutReadersIsRefused() {
        assertEquals(
                "topology.readers: 0 is not within 1 to 1024",
                refusal(builder -> builder.topology(Topology.acceptorAndReaders(0))));
        assertEquals(
                "topology.readers: -3 is not within 1 to 1024",
                refusal(builder -> builder.topology(Topology.reusePort(-3))));
        assertEquals(
                "topology.readers: 0 is not within 1 to 1024",
                refusal(builder -> builder.topology(new Topology(List.of(Topology.Roles.ACCEPTS), false, null))));
    }

    @Test
    void aTopologyWithoutAcceptorIsRefused() {
        assertEquals(
                "topology.loops: none of [READS] accepts",
                refusal(builder -> builder.topology(new Topology(List.of(Topology.Roles.READS), false, null))));
    }

    @Test
    void workersWithoutExecutorAreRefused() {
        assertEquals("topology.executor: missing", refusal(b -> b.topology(Topology.workers(1, null))));
    }

    @Test
    void missingValuesAreNamed() {
        assertEquals("topology: missing", refusal(b -> b.topology(null)));
        assertEquals("limits: missing", refusal(b -> b.limits(null)));
        assertEquals("budget: missing", refusal(b -> b.budget(null)));
        assertEquals("readerChoice: missing", refusal(b -> b.readerChoice(null)));
        assertEquals("environment: missing", refusal(b -> b.environment(null)));
        assertEquals("name: missing", refusal(b -> b.name(null)));
        assertEquals("protocol: missing", refusal(b -> b.listen(Endpoint.tcp("127.0.0.1", 0), null)));
        assertEquals("endpoint: missing", refusal(b -> b.listen(null, LINES)));
    }

    @Test
    void aServerWithoutEndpointIsRefused() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> Server.builder().start().close());
        assertEquals("listen: missing; a server needs at least one endpoint", e.getMessage());
    }

    @Test
    void reusePortOnAUnixSocketIsRefused() {
        String message =
                refusal(b -> b.topology(Topology.reusePort(2)).listen(Endpoint.unix(Path.of("x.sock")), LINES));
        assertTrue(message.startsWith("endpoint.address: x.sock cannot be used with Topology.reusePort"), message);
    }

    @Test
    void anUnresolvedAddressIsRefused() {
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertEquals(
                "endpoint.address: nowhere.invalid has no address here",
                refusal(b -> b.listen(Endpoint.of(nowhere), LINES)));
    }

    @Test
    void aBacklogOutOfRangeIsRefused() {
        assertEquals(
                "endpoint.backlog of 127.0.0.1:0: 0 is not within 1 to 65535",
                refusal(b -> b.listen(Endpoint.tcp("127.0.0.1", 0).withBacklog(0), LINES)));
    }

    @Test
    void aPortThatIsTakenIsNamedAndNothingIsLeftOpen() throws Exception {
        List<Thread> started = new CopyOnWriteArrayList<>();
        try (TestServer test = new TestServer(TestServer::echo)) {
            int taken = test.server.port();
            Server.Builder builder = Server.builder()
                    .environment(Environment.system().withThreadFactory(task -> {
                        Thread thread = new Thread(task);
                        started.add(thread);
                        return thread;
                    }))
                    .listen(Endpoint.tcp("127.0.0.1", 0), LINES)
                    .listen(Endpoint.tcp("127.0.0.1", taken), LINES);
            BindException e = assertThrows(BindException.class, builder::start);
            assertTrue(e.getMessage().startsWith("cannot listen on 127.0.0.1:" + taken + ": "), e.getMessage());
            assertFalse(e.getMessage().contains("\n"));
            assertTrue(started.isEmpty());
        }
    }

    @Test
    void connectorsCheckTheirConfigurationToo() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> Connector.builder(LINES).readers(0).start().close());
        assertEquals("connector.readers: 0 is not within 1 to 1024", e.getMessage());
    }

    @Test
    void addressesAreWrittenWithoutAskingForNames() {
        assertEquals("tcp://127.0.0.1:7000", Endpoint.tcp("127.0.0.1", 7000).toString());
        assertEquals("tcp://[::1]:7000", Endpoint.tcp("::1", 7000).toString());
        assertEquals("unix:/run/x.sock", Endpoint.unix(Path.of("/run/x.sock")).toString());
    }
}
