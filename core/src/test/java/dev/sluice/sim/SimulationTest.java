// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scripts, clock, determinism, and what a failure tells. */
class SimulationTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Simulation sim = Simulation.seed(42).build();

    // ---- scripts

    @Test
    void aScriptedClientTalksToAServer() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        Client client = sim.client("10.0.1.7")
                .connect("10.0.0.1", 7000)
                .send("hello\n")
                .expect("hello\n")
                .send("one\ntwo\n")
                .expect("one\n")
                .expect("two\n")
                .close();
        assertFalse(client.isDone());
        sim.runClients(MINUTE);
        assertTrue(client.isDone());
        assertEquals("hello\none\ntwo\n", new String(client.received(), StandardCharsets.ISO_8859_1));
        assertFalse(client.wasCut());
        echo.stop();
        assertEquals(1, echo.server.closed().values().stream().mapToLong(n -> n).sum());
    }

    @Test
    void aHalfCloseIsAnsweredAndThenEnded() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.client("10.0.1.7")
                .connect(echo.server.address())
                .send("a\nb\n")
                .endOutput()
                .expect("a\nb\n")
                .expectEnd()
                .close();
        sim.runClients(MINUTE);
        assertEquals(1, echo.server.closed().get(CloseReason.Kind.PEER_CLOSED));
        echo.stop();
    }

    @Test
    void aResetByTheClientIsTheServersReason() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.client("10.0.1.7").connect(echo.server.address()).send("half").reset();
        sim.run(MINUTE);
        assertEquals(1, echo.server.closed().get(CloseReason.Kind.PEER_RESET));
        echo.stop();
    }

    @Test
    void aClientThatDoesNotReadIsNotReadEitherAndLosesNothing() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        String line = "x".repeat(9999) + "\n";
        int lines = 200;
        Client sender = sim.client("10.0.1.7").connect(echo.server.address()).stopReading();
        for (int i = 0; i < lines; i++) {
            sender.send(line);
        }
        sim.run(MINUTE);
        assertFalse(sender.isDone());
        long unread = echo.server.readers().get(0).bytesRead();
        assertTrue(unread < (long) lines * line.length() / 2, () -> unread + " bytes were read");
        Client resumed = sim.client("10.0.1.8").connect(echo.server.address()).send("still there?\n");
        resumed.expect("still there?\n").close();
        sim.runUntil("the other is served", resumed::isDone, MINUTE);
        echo.stop();
    }

    @Test
    void aServerThatIsNotThereRefuses() {
        sim.client("10.0.1.7").connect("10.0.0.1", 7000);
        AssertionError e = assertThrows(AssertionError.class, () -> sim.run(MINUTE));
        assertTrue(e.getMessage().startsWith("client 10.0.1.7 could not connect"), e.getMessage());
    }

    @Test
    void theScriptOfFaultsIsFollowed() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.after(Duration.ofSeconds(1), () -> sim.partition("10.0.0.1", "10.0.1.7"));
        sim.after(Duration.ofSeconds(20), () -> sim.heal("10.0.0.1", "10.0.1.7"));
        long[] answered = {0};
        sim.client("10.0.1.7")
                .connect(echo.server.address())
                .pause(Duration.ofSeconds(2))
                .send("x\n")
                .expect("x\n")
                .run(() -> answered[0] = sim.now().toSeconds())
                .close();
        sim.client("10.0.1.8")
                .connect(echo.server.address())
                .pause(Duration.ofSeconds(2))
                .within(Duration.ofSeconds(1))
                .send("y\n")
                .expect("y\n")
                .close();
        sim.runClients(MINUTE);
        assertTrue(answered[0] >= 20, () -> "answered after " + answered[0] + " s");
        echo.stop();
    }

    @Test
    void aPartitionThatLastsEndsTheConnection() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        Client client = sim.client("10.0.1.7").connect(echo.server.address()).within(Duration.ofHours(2));
        client.pause(Duration.ofSeconds(1)).send("x\n").expect("x\n");
        sim.after(Duration.ofMillis(500), () -> sim.partition("10.0.1.7", "10.0.0.1"));
        sim.run(Duration.ofHours(1));
        assertTrue(client.wasCut());
    }

    // ---- clock

    @Test
    void anIdleHourTakesNoTime() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.ACCEPTOR_AND_READERS);
        for (int i = 0; i < 100; i++) {
            sim.client("10.0.1." + i).connect(echo.server.address()).send("x\n").expect("x\n");
        }
        sim.runClients(MINUTE);
        long turns = sim.turns();
        long start = System.nanoTime();
        sim.run(EchoServer.HOUR);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 1000, () -> millis + " ms");
        assertTrue(sim.turns() - turns < 100, () -> sim.turns() - turns + " turns");
        assertEquals(100, echo.server.connections());
        echo.stop();
    }

    @Test
    void runTakesExactlyItsTime() {
        sim.run(Duration.ofMillis(1500));
        assertEquals(Duration.ofMillis(1500), sim.now());
        List<Duration> times = new ArrayList<>();
        sim.after(Duration.ofMillis(500), () -> times.add(sim.now()));
        sim.after(Duration.ofMillis(501), () -> times.add(sim.now()));
        sim.run(Duration.ofMillis(500));
        assertEquals(List.of(Duration.ofSeconds(2)), times);
    }

    @Test
    void aSelectOutsideOfLoopsLetsTheSimulationRun() throws Exception {
        SelectorProvider provider = sim.environment("10.0.0.9").selectorProvider();
        try (ServerSocketChannel listener = provider.openServerSocketChannel();
                Selector selector = provider.openSelector()) {
            listener.configureBlocking(false);
            listener.bind(new InetSocketAddress("10.0.0.9", 80));
            listener.register(selector, SelectionKey.OP_ACCEPT);
            sim.client("10.0.1.7").pause(Duration.ofSeconds(3)).connect("10.0.0.9", 80);
            assertEquals(1, selector.select());
            assertEquals(3, sim.now().toSeconds());
            listener.accept().close();
            assertEquals(0, selector.select(2000));
            assertEquals(5, sim.now().toSeconds());
        }
    }

    // ---- determinism

    @Test
    void theSameSeedGivesTheSameEvents() {
        assertEquals(eventsOf(7), eventsOf(7));
        assertNotEquals(eventsOf(7), eventsOf(8));
    }

    /** With a server of a few lines, so that it changes only with the simulation itself: then take the new value over. */
    @Test
    void theEventsAreTheSameOnEveryJdk() throws IOException {
        Simulation rough = Simulation.seed(7).faults(Faults.mixed()).build();
        SelectorProvider provider = rough.environment().selectorProvider();
        try (ServerSocketChannel listener = provider.openServerSocketChannel();
                Selector selector = provider.openSelector()) {
            listener.configureBlocking(false);
            listener.bind(new InetSocketAddress("10.0.0.1", 7000));
            listener.register(selector, SelectionKey.OP_ACCEPT);
            RandomClients clients = rough.randomClients(20, listener.getLocalAddress(), Conversation.echoedLines(80))
                    .requests(100);
            while (!clients.isDone()) {
                selector.select(SimulationTest::echo, 1000);
            }
        }
        assertEquals("37199cec331dd73a", rough.fingerprint());
    }

    private static void echo(SelectionKey key) {
        try {
            if (key.channel() instanceof ServerSocketChannel listener) {
                SocketChannel accepted = listener.accept();
                accepted.configureBlocking(false);
                accepted.register(key.selector(), SelectionKey.OP_READ, ByteBuffer.allocate(1000));
                return;
            }
            SocketChannel channel = (SocketChannel) key.channel();
            ByteBuffer bytes = (ByteBuffer) key.attachment();
            if (key.isReadable() && channel.read(bytes) < 0) {
                channel.close();
                return;
            }
            channel.write(bytes.flip());
            bytes.compact();
            key.interestOps(bytes.position() == 0 ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
        } catch (IOException e) {
            if (key.channel() instanceof SocketChannel channel) {
                close(channel);
            }
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> eventsOf(long seed) {
        List<String> events = new ArrayList<>();
        roughSimulation(seed, events);
        return events;
    }

    private static Simulation roughSimulation(long seed, List<String> events) {
        Simulation rough = Simulation.seed(seed)
                .faults(Faults.mixed())
                .eventsTo(events == null ? null : events::add)
                .build();
        EchoServer echo = new EchoServer(rough, EchoServer.Kind.WORKERS);
        echo.clients(20).requests(100);
        rough.runClients(EchoServer.HOUR);
        echo.stop();
        return rough;
    }

    // ---- failures

    @Test
    void aFailureTellsSeedEventsAndHowToRepeatIt() {
        Simulation failing = Simulation.seed(99)
                .faults(Faults.none().with(Fault.SHORT_READ, 0.5))
                .build();
        EchoServer echo = new EchoServer(failing, EchoServer.Kind.SINGLE_THREAD);
        failing.client("10.0.1.7")
                .connect(echo.server.address())
                .send("hello\n")
                .expect("hullo\n");
        AssertionError e = assertThrows(AssertionError.class, () -> failing.runClients(MINUTE));
        String message = e.getMessage();
        assertTrue(message.contains("client 10.0.1.7 expected 'hullo\\n' and got 'h"), message);
        assertTrue(message.contains("seed 99"), message);
        assertTrue(message.contains("connect c0 10.0.1.7:32768 10.0.0.1:7000"), message);
        assertTrue(message.contains("Simulation.seed(99L).faults(Faults.parse(\"shortRead=0.5\"))"), message);
    }

    @Test
    void theCommandThatRepeatsARunIsToldWithTheSeed() {
        Simulation failing =
                Simulation.seed(5).repeatWith("mvn test -Dseed={seed}").build();
        failing.check(() -> {
            throw new AssertionError("deliberate");
        });
        failing.after(Duration.ZERO, () -> {});
        AssertionError e = assertThrows(AssertionError.class, () -> failing.run(MINUTE));
        assertTrue(e.getMessage().startsWith("deliberate\n"), e.getMessage());
        assertTrue(e.getMessage().endsWith("mvn test -Dseed=5"), e.getMessage());
    }

    @Test
    void anExpectationThatIsNeverMetFailsAtItsLimit() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.client("10.0.1.7")
                .connect(echo.server.address())
                .within(Duration.ofSeconds(5))
                .send("no line")
                .expect("no line\n");
        AssertionError e = assertThrows(AssertionError.class, () -> sim.runClients(MINUTE));
        assertTrue(e.getMessage().contains("could not expect 'no line\\n' within PT5S"), e.getMessage());
    }

    @Test
    void aFaultThatCutsAClientIsNoFailure() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        Client client = sim.client("10.0.1.7").connect(echo.server.address());
        sim.runClients(MINUTE);
        sim.force(Fault.RESET, 1);
        client.send("x\n").expect("x\n").close();
        sim.runClients(MINUTE);
        assertTrue(client.wasCut());
        assertEquals(1, sim.happened(Fault.RESET));
        echo.stop();
    }

    @Test
    void aScriptThatThrowsIsReportedWithItsSeed() {
        sim.after(Duration.ofSeconds(1), () -> {
            throw new IllegalStateException("deliberate");
        });
        AssertionError e = assertThrows(AssertionError.class, () -> sim.run(MINUTE));
        assertTrue(e.getMessage().startsWith("java.lang.IllegalStateException: deliberate\n  seed 42"), e.getMessage());
    }

    @Test
    void whoeverSpinsIsFound() {
        spin();
        AssertionError e = assertThrows(AssertionError.class, () -> sim.run(MINUTE));
        assertTrue(e.getMessage().contains("somebody spins, of [worker]"), e.getMessage());
    }

    private void spin() {
        sim.executor().execute(this::spin);
    }

    @Test
    void onlyLoopsAreRun() {
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> sim.environment().threadFactory().newThread(() -> {}));
        assertTrue(e.getMessage().startsWith("the simulation runs loops of servers and connectors only"));
    }

    @Test
    void anotherThreadIsRefused() throws InterruptedException {
        List<Throwable> thrown = new ArrayList<>();
        Thread other = new Thread(() -> {
            try {
                sim.executor().execute(() -> {});
            } catch (IllegalStateException e) {
                thrown.add(e);
            }
        });
        other.start();
        other.join();
        assertEquals(1, thrown.size());
    }

    @Test
    void aPartitionIsHealedInEitherDirection() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.partition("10.0.0.1", "10.0.1.7");
        sim.heal("10.0.1.7", "10.0.0.1");
        Client client = sim.client("10.0.1.7")
                .connect(echo.server.address())
                .send("x\n")
                .expect("x\n")
                .close();
        sim.runClients(MINUTE);
        assertFalse(client.wasCut());
        echo.stop();
    }

    @Test
    void itRunsForEverIfNothingHappens() {
        sim.run(Duration.ofDays(400_000));
        assertEquals(0, sim.turns());
    }

    @Test
    void aConnectionThatIsThereIsNotConnectedAgain() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.client("10.0.1.7").connect(echo.server.address()).connect(echo.server.address());
        AssertionError e = assertThrows(AssertionError.class, () -> sim.runClients(MINUTE));
        assertTrue(e.getMessage().contains("it is connected already"), e.getMessage());
    }

    @Test
    void readingMayBeResumedBeforeThereIsAnythingToRead() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        sim.client("10.0.1.7")
                .resumeReading()
                .connect(echo.server.address())
                .send("x\n")
                .expect("x\n")
                .close();
        sim.runClients(MINUTE);
        echo.stop();
    }

    @Test
    void repliesMayBeEmpty() {
        EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
        Conversation nothing = random -> new Conversation.Exchange(new byte[0], new byte[0]);
        RandomClients clients =
                sim.randomClients(1, echo.server.address(), nothing).requests(30);
        sim.runClients(MINUTE);
        assertEquals(30, clients.replies());
        echo.stop();
    }

    @Test
    void runningWithinARunIsRefused() {
        sim.after(Duration.ZERO, () -> assertThrows(IllegalStateException.class, () -> sim.run(MINUTE)));
        sim.run(MINUTE);
    }

    @Test
    void workersRunTheirTasksInAnOrderDrawnFromTheSeed() {
        assertArrayEquals(orderOfTasks(1), orderOfTasks(1));
        assertFalse(java.util.Arrays.equals(orderOfTasks(1), orderOfTasks(2)));
    }

    private static Object[] orderOfTasks(long seed) {
        Simulation tasks = Simulation.seed(seed).build();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int task = i;
            tasks.executor().execute(() -> order.add(task));
        }
        tasks.run(Duration.ofSeconds(1));
        assertEquals(20, order.size());
        return order.toArray();
    }

    @Test
    void everyTopologyAnswers() {
        for (EchoServer.Kind kind : EchoServer.Kind.values()) {
            Simulation each = Simulation.seed(3).build();
            EchoServer echo = new EchoServer(each, kind);
            RandomClients clients = echo.clients(10).requests(20);
            each.runClients(EchoServer.HOUR);
            assertEquals(200, clients.replies(), kind.name());
            echo.stop();
        }
    }
}
