// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.SimulatedCase.ClosePath;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.sim.Client;
import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RoughClient;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** One case from start to end: a server that echoes in every way there is, rough clients, and at times a connector. */
final class SimulatedRun {
    private static final String HOST = "10.0.0.1";
    private static final String HOST_OF_CONNECTOR = "10.3.0.1";

    final Simulation sim;
    final ServerInvariants invariants;
    private final SimulatedCase given;
    private final SplittableRandom random;
    private final Whims whims;
    private final MemoryBudget budget;
    private final List<SocketAddress> addresses = new ArrayList<>();
    private final List<RoughClient> clients = new ArrayList<>();
    private ConnectorClients callers; // may be null
    private SourceAddresses sources; // of theirs; null if the kernel chooses
    private Server server;
    private boolean stopping;

    /** Makes a run in a simulation of the case's own: see {@link SimulatedCase#simulation}. */
    SimulatedRun(SimulatedCase given, Simulation sim) {
        this.given = given;
        this.sim = sim;
        this.random = new SplittableRandom(~given.seed());
        boolean onReaders = given.shape() != SimulatedCase.Shape.WORKERS;
        this.budget = MemoryBudget.ofBytes(given.budgetBytes());
        this.invariants = new ServerInvariants(sim, given.limits(), budget, onReaders);
        this.whims = new Whims(given, sim, invariants, random.split());
    }

    /** Runs it; what goes wrong is an AssertionError. */
    void run() throws IOException, InterruptedException {
        start();
        sim.run(Duration.ofMillis(random.nextInt(longestRunMillis())));
        if (given.path().endsQuietly) {
            becomeQuiet();
        }
        stopping = true;
        server.stop(Duration.ofMillis(random.nextInt(3000)));
        if (callers != null) {
            callers.connector().stop(Duration.ofMillis(random.nextInt(3000)));
        }
        sim.runUntilStopped(Duration.ofMinutes(1)); // grace and linger are less
        stopClients();
        sim.faults(Faults.none());
        sim.run(Duration.ofHours(1)); // what was sent to those who have gone
        invariants.atTheEnd();
        clients.forEach(RoughClient::atTheEnd);
        if (callers != null) {
            callers.atTheEnd();
        }
        if (sources != null) {
            allPortsAreGivenBack();
        }
    }

    private int longestRunMillis() {
        return switch (given.path()) {
            case STOPPED -> 8000;
            case HANDLER_CLOSES -> 600_000;
            case IO_FAILS -> 3_000_000;
            default -> 60_000;
        };
    }

    long moves() {
        return whims.moves;
    }

    long heard() {
        long heard = callers == null ? 0 : callers.heard();
        return heard + clients.stream().mapToLong(RoughClient::heard).sum();
    }

    private void start() throws IOException {
        Server.Builder builder = Server.builder()
                .environment(sim.environment(HOST))
                .topology(given.shape().topology(sim))
                .readerChoice(ReaderChoice.values()[random.nextInt(ReaderChoice.values().length)])
                .limits(given.limits())
                .budget(budget)
                .deadlines(given.deadlines())
                .poisonBuffers(true);
        List<Protocol<ByteBuffer>> protocols = protocols();
        for (int i = 0; i < protocols.size(); i++) {
            addresses.add(new InetSocketAddress(HOST, 7000 + i));
            Endpoint endpoint = Endpoint.tcp(HOST, 7000 + i).withConnections(given.listenerConnections());
            builder.listen(endpoint, protocols.get(i));
        }
        server = builder.start();
        invariants.watch(server);
        int number = 1 + random.nextInt(6);
        for (int i = 0; i < number; i++) {
            SocketAddress address = addresses.get(i % addresses.size());
            clients.add(new RoughClient(
                    sim,
                    i,
                    address,
                    random.split(),
                    20 + random.nextInt(80),
                    this::step,
                    this::serverMayEnd,
                    invariants));
        }
        startCallers();
        if (given.scarce()) {
            runOutOfDescriptors(new SplittableRandom(given.seed() ^ 0xFDL));
        }
    }

    private List<Protocol<ByteBuffer>> protocols() {
        RequestEcho requests = new RequestEcho(given.framing(), whims, given.shape() != SimulatedCase.Shape.WORKERS);
        DuplexEcho duplex = new DuplexEcho(given.framing(), whims);
        return switch (given.speaking()) {
            case REQUESTS -> List.of(requests);
            case DUPLEX -> List.of(duplex);
            case BOTH -> List.of(requests, duplex);
        };
    }

    private void startCallers() throws IOException {
        if (given.connecting() == SimulatedCase.Connecting.NOBODY) {
            return;
        }
        SplittableRandom dice = random.split();
        callers = new ConnectorClients(
                this::connector,
                addresses,
                () -> given.framing().request("r" + payload(dice)),
                this::serverMayEnd,
                whims);
        if (given.connecting() == SimulatedCase.Connecting.WITH_OWN_READERS) {
            invariants.watch(callers.connector());
        }
        callers.start(1 + random.nextInt(3));
    }

    // With low marks and small buffers both ends might wait for each other to read, for ever.
    private Connector connector(Protocol<ByteBuffer> protocol) throws IOException {
        boolean withServers = given.connecting() == SimulatedCase.Connecting.WITH_THE_SERVERS;
        SplittableRandom dice =
                new SplittableRandom(given.seed() ^ 0x50127); // so that seeds stand for what they stood for
        if (dice.nextInt(3) > 0) {
            String host = withServers ? HOST : HOST_OF_CONNECTOR;
            sources = SourceAddresses.parse(host + ":20000-" + (20_000 + dice.nextInt(60)));
        }
        if (withServers) {
            return sources == null
                    ? server.connector(protocol)
                    : server.connector(protocol, TcpOptions.defaults(), sources);
        }
        Connector.Builder builder = Connector.builder(protocol)
                .environment(sim.environment(HOST_OF_CONNECTOR))
                .readers(1 + random.nextInt(2))
                .budget(budget)
                .deadlines(given.deadlines())
                .limits(given.limits().withOutboundBytes(1 << 20).withMarks(1 << 19, 1 << 18));
        return (sources == null ? builder : builder.sources(sources)).start();
    }

    private void allPortsAreGivenBack() {
        for (SocketAddress address : addresses) {
            int held = sources.usage((InetSocketAddress) address).held();
            if (held != 0) {
                throw new AssertionError(held + " source ports are held for " + address);
            }
        }
    }

    private void runOutOfDescriptors(SplittableRandom dice) {
        Duration begin = Duration.ofMillis(dice.nextInt(2000));
        Duration end = begin.plusMillis(dice.nextInt(5000));
        sim.after(begin, () -> sim.descriptors(2 + dice.nextInt(8)));
        sim.after(end, () -> sim.descriptors(Integer.MAX_VALUE));
    }

    private void stopClients() {
        clients.forEach(RoughClient::stop);
        if (callers != null) {
            callers.stop();
        }
    }

    private void becomeQuiet() {
        stopClients();
        sim.faults(Faults.none());
        sim.run(Duration.ofHours(12)); // some are accepted only when others have met their deadlines
        invariants.whenQuiet();
        if (given.path() != ClosePath.IO_FAILS && !given.path().serverEnds && sim.happened(Fault.PARTITION) == 0) {
            invariants.noDeadlineHasPassed();
        }
        for (int i = 0; i < addresses.size(); i++) { // it still serves whoever comes
            Client client = sim.client("10.4.0." + (1 + i)).connect(addresses.get(i));
            if (!given.path().serverEnds) {
                byte[] request = given.framing().request("still there?");
                client.send(request).expect(request);
            }
            client.endOutput().expectEnd().close();
            sim.runClients(Duration.ofMinutes(1));
            sim.run(Duration.ofSeconds(2)); // so that the next one doesn't come too fast
        }
    }

    private boolean serverMayEnd() {
        return stopping || given.path().serverEnds;
    }

    // ---- what clients do

    private void step(RoughClient client) {
        SplittableRandom dice = client.random();
        if (dice.nextInt(6) == 0 && end(client)) {
            return;
        }
        if (dice.nextInt(10) == 0) {
            client.toggleReading();
        }
        for (int i = dice.nextInt(4); i >= 0; i--) {
            client.send(given.framing().request(payload(dice)));
        }
    }

    private String payload(SplittableRandom dice) {
        boolean large = given.path() == ClosePath.OUTBOUND_LIMIT || given.path() == ClosePath.BUDGET_EXHAUSTED;
        int longest = large ? 3900 : dice.nextInt(20) == 0 ? 900 : 60;
        StringBuilder payload = new StringBuilder();
        for (int i = dice.nextInt(longest); i > 0; i--) {
            payload.append((char) ('a' + dice.nextInt(26)));
        }
        return payload.toString();
    }

    /** Returns whether it was this path's way to end one. */
    private boolean end(RoughClient client) {
        switch (given.path()) {
            case PEER_CLOSES -> client.hangUpIfAnswered();
            case PEER_ENDS_ITS_STREAM -> endOutput(client);
            case PEER_RESETS -> client.hangUp(true);
            case BAD_FRAME -> badFrame(client);
            case IO_FAILS -> cutOff(client);
            case OUTBOUND_LIMIT, BUDGET_EXHAUSTED -> client.toggleReading();
            case DEADLINE_PASSES -> beSlow(client);
            case STOPPED, HANDLER_CLOSES -> client.fallAsleep(); // who is closed then has somebody who doesn't read
            default -> {
                if (client.random().nextInt(8) == 0) {
                    client.hangUp(client.random().nextBoolean());
                }
                return false;
            }
        }
        return true;
    }

    /** It says nothing, or not all, or doesn't read the answers. */
    private void beSlow(RoughClient client) {
        SplittableRandom dice = client.random();
        switch (dice.nextInt(3)) {
            case 0 -> client.send(Arrays.copyOf(given.framing().request(payload(dice) + "end"), 1 + dice.nextInt(3)));
            case 1 -> {
                for (int i = 0; i < 8; i++) {
                    client.send(given.framing().request(payload(dice)));
                }
            }
            default -> {
                // nothing is said
            }
        }
        client.fallAsleep();
    }

    /** Between the request and its reply its host is cut off, until TCP has given up. */
    private void cutOff(RoughClient client) {
        client.send(given.framing().request(payload(client.random())));
        sim.after(
                Duration.ofNanos(20_000 + client.random().nextInt(400_000)), () -> sim.partition(HOST, client.host()));
        sim.after(Duration.ofMinutes(16), () -> sim.heal(HOST, client.host()));
    }

    private static void endOutput(RoughClient client) {
        try {
            client.endOutput();
        } catch (IOException e) {
            client.hangUp(true); // it was reset by a fault meanwhile
        }
    }

    private void badFrame(RoughClient client) {
        if (client.random().nextBoolean() && given.framing().hasLongFrames()) {
            client.send(given.framing().request("x".repeat(1500)));
        } else if (given.framing().hasUnfinishedFrames()) {
            client.send(given.framing().unfinished());
            endOutput(client);
        } else {
            client.hangUpIfAnswered();
        }
    }
}
