// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.RelayCase.Strain;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayRequest;
import dev.sluice.relay.RelayTarget;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.sim.Talker;
import dev.sluice.sim.TalkersHost;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** One case of a relay from start to end: clients that talk, a relay, backends that talk. */
final class RelayRun {
    private static final String HOST = "10.0.0.1";
    /** Most that comes beside what is read at once: a hello that was held, in the smallest records, and an opening. */
    private static final int PRELUDE_BYTES = 4096;

    private static final int HELLO_BYTES = 16 << 10;
    private static final int RECORD_BYTES = 17 << 10;
    /** What is sealed takes more than what it is made from, and messages of the handshake are none of that. */
    private static final int SEALING_BYTES = 8 << 10;

    final Simulation sim;
    final RelayCase given;
    final Map<CloseReason.Kind, Long> ends = new EnumMap<>(CloseReason.Kind.class);
    long inOrder; // relays of which both streams came through whole
    long heard;
    private final SplittableRandom random;
    private final MemoryBudget budget;
    private final List<TalkersHost> hosts = new ArrayList<>();
    private final List<RelayClient> clients = new ArrayList<>();
    private final List<RelayBackend> backends = new ArrayList<>();
    private final Map<SocketAddress, RelayClient> byAddress = new HashMap<>(); // as the server sees them
    private final Map<List<SocketAddress>, RelayBackend> byUpstream = new HashMap<>(); // by both ends' addresses
    private final List<Told> targets = new ArrayList<>();
    private final SSLContext peers; // these two are null where nobody speaks TLS
    private final ClientTls toBackends;
    private Server server;

    RelayRun(RelayCase given, Simulation sim) {
        this.given = given;
        this.sim = sim;
        this.random = new SplittableRandom(~given.seed());
        this.budget = MemoryBudget.ofBytes(given.budgetBytes());
        try {
            this.peers = given.hasTls() ? TlsKeys.ofLocalhost().context() : null;
            this.toBackends = given.tlsOut()
                    ? TlsKeys.ofLocalhost().client().serverName("localhost").build()
                    : null;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs it; what goes wrong is an AssertionError. */
    void run() throws IOException, InterruptedException {
        startBackends();
        startServer();
        for (int i = 0; i < given.clients(); i++) {
            int number = i;
            sim.after(Duration.ofMillis(random.nextInt(5000)), () -> startClient(number));
        }
        if (given.strain().is(Strain.UNRULY_BACKENDS)) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                sim.after(Duration.ofMillis(random.nextInt(20_000)), this::disturb);
            }
        }
        if (given.strain().is(Strain.LIMITS) && random.nextBoolean()) {
            Duration begin = Duration.ofMillis(random.nextInt(3000));
            sim.after(begin, () -> sim.descriptors(2 + random.nextInt(8)));
            sim.after(begin.plusMillis(random.nextInt(5000)), () -> sim.descriptors(Integer.MAX_VALUE));
        }
        sim.run(Duration.ofMillis(5000 + random.nextInt(40_000)));
        boolean drained = given.strain().is(Strain.DRAINED) && random.nextInt(3) > 0;
        if (drained) {
            server.stop(Duration.ofMillis(random.nextInt(5000)));
            sim.run(Duration.ofMillis(random.nextInt(5000)));
        }
        finish();
        if (!drained) {
            sim.run(Duration.ofHours(1));
            quiet();
            server.stop(Duration.ZERO);
        }
        sim.runUntilStopped(Duration.ofMinutes(1));
        sim.run(Duration.ofHours(1));
        atTheEnd();
    }

    private void startBackends() throws IOException {
        for (int i = 0; i < given.backends(); i++) {
            InetSocketAddress address = new InetSocketAddress("10.0.1." + (1 + i), 9000);
            hosts.add(new TalkersHost(sim, address, random.split(), this::manners, (host, talker) -> {
                RelayBackend backend = new RelayBackend(this, backends.size(), talker);
                if (given.tlsOut()) {
                    talker.secure(engine(false), new byte[0], given.proxyOut());
                }
                backends.add(backend);
                byUpstream.put(List.of(talker.remote(), talker.local()), backend);
                return backend;
            }));
        }
    }

    private SSLEngine engine(boolean isClients) {
        SSLEngine engine = peers.createSSLEngine("localhost", 7000);
        engine.setUseClientMode(isClients);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"}); // in which an end of one stream isn't that of both
        return engine;
    }

    private void startServer() throws IOException {
        Endpoint inClear = Endpoint.tcp(HOST, 7000);
        Endpoint endpoint =
                given.tlsIn() ? inClear.withTls(TlsKeys.ofLocalhost().server()) : inClear;
        server = Server.builder()
                .environment(sim.environment(HOST))
                .topology(given.shape().topology(sim))
                .limits(given.limits())
                .budget(budget)
                .deadlines(given.deadlines())
                .poisonBuffers(true)
                .listen(
                        given.proxyIn()
                                ? endpoint.withProxyProtocol(ProxyProtocol.requiredFrom("10.2.0.0/16"))
                                : endpoint,
                        given.hello() ? Relay.byHello(this::route) : Relay.to(this::route))
                .start();
        sim.check(this::afterEachTurn);
    }

    private void startClient(int number) {
        try {
            RelayClient client = new RelayClient(this, number, new SplittableRandom(given.seed() + number));
            client.talker = Talker.connect(
                    sim,
                    "client " + number,
                    "10.2.0." + (1 + number),
                    new InetSocketAddress(HOST, 7000),
                    random.split(),
                    mannersOf(client),
                    client);
            if (given.tlsIn()) {
                client.talker.secure(engine(true), client.inClear, false);
            }
            clients.add(client);
            byAddress.put(given.proxyIn() ? client.source : client.talker.local(), client);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Talker.Manners mannersOf(RelayClient client) {
        Talker.Manners drawn = manners();
        return new Talker.Manners(
                drawn.steps(),
                drawn.pieces(),
                Math.max(drawn.leastBytes(), client.leastBytes()),
                drawn.unruly(),
                drawn.sleepy(),
                drawn.silent(),
                drawn.deaf());
    }

    private Talker.Manners manners() {
        boolean unruly = given.peersAreUnruly();
        boolean bulk = given.bufferBytes() > 1000 && random.nextInt(4) == 0;
        return new Talker.Manners(
                1 + random.nextInt(60),
                bulk ? 60_000 : given.bufferBytes() > 1000 || random.nextInt(3) == 0 ? 3000 : 200,
                random.nextInt(3) == 0
                        ? random.nextInt(Math.min(100_000, 20 * given.bufferBytes()))
                        : random.nextInt(5),
                unruly && random.nextBoolean() ? 10 + random.nextInt(50) : 0,
                random.nextInt(3) == 0 ? 3 + random.nextInt(20) : 0,
                random.nextInt(6) == 0,
                (unruly || given.strain().is(Strain.DEADLINES)) && random.nextInt(8) == 0);
    }

    private void disturb() {
        TalkersHost host = hosts.get(random.nextInt(hosts.size()));
        try {
            switch (random.nextInt(5)) {
                case 0 -> host.stop();
                case 1 -> host.resetAll();
                case 2 -> host.slow(true);
                case 3 -> host.slow(false);
                default -> host.start();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void finish() throws IOException {
        sim.faults(Faults.none());
        for (TalkersHost host : hosts) {
            host.start();
            host.slow(false);
        }
        finishing = true;
        clients.forEach(client -> client.talker.finish());
        backends.forEach(backend -> backend.talker.finish());
    }

    private boolean finishing;

    boolean isFinishing() {
        return finishing;
    }

    // ---- routing

    private RelayTarget route(RelayRequest request) {
        RelayClient client = client(request.client().remoteAddress());
        client.routed(request.hello());
        if (given.strain().is(Strain.HOOKS_THROW)) {
            switch (random.nextInt(10)) {
                case 0 -> throw new ServerInvariants.Deliberate();
                case 1 -> {
                    client.mayBeRefused = true;
                    return null;
                }
                default -> {
                    // it is routed
                }
            }
        }
        if (given.strain().is(Strain.HOOKS_THROW) && random.nextInt(4) == 0) { // while it is being connected, or later
            Duration when = Duration.ofNanos(random.nextInt(random.nextBoolean() ? 600_000 : 600_000_000));
            sim.after(when, request.client()::abort);
        }
        return target(client, 0);
    }

    RelayClient client(SocketAddress seen) {
        RelayClient client = byAddress.get(seen);
        if (client == null) {
            throw new AssertionError("nobody comes from " + seen);
        }
        return client;
    }

    RelayClient client(int id) {
        for (RelayClient client : clients) {
            if (client.id == id) {
                return client;
            }
        }
        throw new AssertionError("there is no client " + id);
    }

    RelayBackend backend(int id) {
        if (id < 0 || id >= backends.size()) {
            throw new AssertionError("there is no backend's connection " + id);
        }
        return backends.get(id);
    }

    private Told target(RelayClient client, int tries) {
        Told target = new Told(client, hosts.get(random.nextInt(hosts.size())).address(), tries);
        targets.add(target);
        return target;
    }

    private void throwSometimes() {
        if (given.strain().is(Strain.HOOKS_THROW) && random.nextInt(8) == 0) {
            throw new ServerInvariants.Deliberate();
        }
    }

    /** A target that notes what it is told. */
    private final class Told implements RelayTarget {
        private final RelayClient client;
        private final InetSocketAddress address;
        private final int tries;
        private int failed;
        private int connected;
        private int ended;

        Told(RelayClient client, InetSocketAddress address, int tries) {
            this.client = client;
            this.address = address;
            this.tries = tries;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public ClientTls tls() {
            return toBackends;
        }

        @Override
        public ByteBuffer opening(Connection connection) {
            throwSometimes();
            if (client(connection.remoteAddress()) != client) {
                throw new AssertionError("another client");
            }
            return given.proxyOut() ? ByteBuffer.wrap(client.opening()) : null;
        }

        @Override
        public void connected(Connection upstream) {
            connected++;
            client.upstream = List.of(upstream.localAddress(), address);
            throwSometimes();
        }

        @Override
        public RelayTarget failed(Throwable why) {
            failed++;
            client.failure = why;
            throwSometimes();
            return tries < 3 && random.nextInt(4) > 0 ? target(client, tries + 1) : null;
        }

        @Override
        public void ended(RelayReport report) {
            ended++;
            client.report = report;
            count(report.client());
            count(report.upstream());
            throwSometimes();
        }

        private void count(CloseReason reason) {
            if (reason != null) {
                ends.merge(reason.kind(), 1L, Long::sum);
                if (reason instanceof CloseReason.HandlerFailed failure
                        && !(failure.cause() instanceof ServerInvariants.Deliberate)) {
                    throw new AssertionError("somebody failed who must not", failure.cause());
                }
            }
        }

        void atTheEnd() {
            if (failed + ended != 1 || connected > ended) {
                throw new AssertionError("the target of " + client.talker + " was told failed " + failed
                        + " times, connected " + connected + " times, ended " + ended + " times");
            }
        }
    }

    // ---- rules

    private void afterEachTurn() {
        if (server.connections() > given.limits().connections()) {
            throw new AssertionError(server.connections() + " connections");
        }
        if (budget.usedBytes() > budget.limitBytes()) {
            throw new AssertionError("the budget has " + budget);
        }
        for (Reader reader : server.readers()) {
            for (SocketConnection c = reader.first(); c != null; c = c.next) {
                if (!c.state().isOver() && c.interest() != c.wantedOps()) {
                    throw new AssertionError(c + " is interested in " + c.interest() + ", needs " + c.wantedOps());
                }
                // Below the mark there is one read more, and what was written before it may be held only behind it.
                int read = given.bufferBytes() + PRELUDE_BYTES + (given.hello() ? HELLO_BYTES : 0);
                read += given.hasTls() ? RECORD_BYTES : 0; // it is opened when it is whole
                int most = Math.min(
                        Math.max(given.limits().highMark(), read) + read,
                        given.limits().outboundBytes());
                most += given.hasTls() ? SEALING_BYTES + most / 50 : 0;
                if (c.unsentBytes() < 0 || c.unsentBytes() > most) {
                    throw new AssertionError(c + " has " + c.unsentBytes() + " unsent");
                }
            }
        }
    }

    private void quiet() {
        if (server.connections() != 0) {
            StringBuilder held = new StringBuilder("all peers have finished, and connections are held:");
            for (Reader reader : server.readers()) {
                for (SocketConnection c = reader.first(); c != null; c = c.next) {
                    held.append("\n  ").append(c).append(' ').append(c.state());
                    held.append(" pauses ").append(c.pauses()).append(' ').append(c.circumstances());
                }
            }
            clients.forEach(client -> held.append("\n  ").append(client.talker));
            backends.forEach(backend -> held.append("\n  ").append(backend.talker));
            throw new AssertionError(held.toString());
        }
        nothingIsHeld();
        for (Reader reader : server.readers()) {
            if (reader.loop.timers().armed() != 0) {
                throw new AssertionError(reader + " has timers");
            }
        }
    }

    private void nothingIsHeld() {
        for (Reader reader : server.readers()) {
            if (reader.lentBuffers() != 0 || reader.lentBytes() != 0 || reader.paused() != 0) {
                throw new AssertionError(reader + " has lent " + reader.lentBuffers() + " buffers, of "
                        + reader.lentBytes() + " bytes; " + reader.paused() + " are paused");
            }
        }
    }

    private void atTheEnd() {
        nothingIsHeld();
        if (server.connections() != 0 || sim.openSockets() != 0 || budget.usedBytes() != 0) {
            throw new AssertionError(server.connections() + " permits, " + sim.openSockets() + " sockets, "
                    + budget.usedBytes() + " bytes are held");
        }
        targets.forEach(Told::atTheEnd);
        long failures = server.closed().get(CloseReason.Kind.HANDLER_FAILED);
        if (failures != 0 && !given.strain().is(Strain.HOOKS_THROW)) {
            throw new AssertionError(failures + " connections have failed, and nobody throws");
        }
        HandshakeCounters handshakes = server.counters().handshakes();
        if (handshakes.underWay() != 0 || handshakes.waiting() != 0) {
            throw new AssertionError("at the end there are " + handshakes);
        }
        for (RelayClient client : clients) {
            RelayBackend backend = client.upstream == null ? null : byUpstream.get(client.upstream);
            whole(client, backend);
            heard += client.talker.heard();
        }
        for (RelayBackend backend : backends) {
            heard += backend.talker.heard();
        }
    }

    private void whole(RelayClient client, RelayBackend backend) {
        if (!client.talker.isDone() || backend != null && !backend.talker.isDone()) {
            throw new AssertionError("not done: " + client.talker + ", " + (backend == null ? "" : backend.talker));
        }
        if (backend == null) {
            if (given.isGentle() && !client.garbage) {
                throw new AssertionError(client.talker + " had no backend", client.failure);
            }
            return;
        }
        if (client.backend != null && client.backend != backend) {
            throw new AssertionError(
                    client.talker + " has heard " + client.backend.talker + " instead of " + backend.talker);
        }
        if (backend.client != null && backend.client != client) {
            throw new AssertionError(
                    backend.talker + " has heard " + backend.client.talker + " instead of " + client.talker);
        }
        long toBackend = client.bodyBytes() + (given.proxyOut() ? client.opening().length : 0);
        boolean upWhole = client.talker.ended() && backend.talker.heard() == toBackend;
        boolean downWhole = backend.talker.ended() && client.talker.heard() == backend.talker.said();
        boolean idle = mayHaveBeenIdle(client.report);
        if (backend.talker.heardEnd() && !upWhole && !idle) {
            throw new AssertionError("a stream that was cut looks whole to " + backend.talker + ", its client is "
                    + client.talker + ", " + client.report);
        }
        if (client.talker.heardEnd() && !downWhole && !idle) {
            throw new AssertionError("a stream that was cut looks whole to " + client.talker + ", its backend is "
                    + backend.talker + ", " + client.report);
        }
        if (backend.talker.heardEnd() && !client.talker.ended() && dropped(client.report)) {
            throw new AssertionError(
                    "bytes of " + backend.talker + " were dropped without a word to it: " + client.report);
        }
        boolean bothHeard = client.talker.heardEnd() && backend.talker.heardEnd();
        inOrder += bothHeard && upWhole && downWhole ? 1 : 0;
        boolean undisturbed = !client.talker.wasCut()
                && !backend.talker.wasCut()
                && !client.talker.hasReset()
                && !backend.talker.hasReset();
        boolean closedInOrder = client.report != null
                && client.report.client() instanceof CloseReason.PeerClosed
                && client.report.upstream() instanceof CloseReason.PeerClosed;
        if ((given.isGentle() || closedInOrder) && undisturbed && !(upWhole && downWhole && bothHeard)) {
            throw new AssertionError(
                    "not all came through: " + client.talker + ", " + backend.talker + ", " + client.report);
        }
    }

    /** An idle relay is ended in order; and if bytes come at that very moment, for which it is too late, with resets. */
    private boolean mayHaveBeenIdle(RelayReport report) {
        boolean bothAborted = report != null
                && given.strain().is(Strain.DEADLINES)
                && report.client() instanceof CloseReason.Aborted
                && report.upstream() instanceof CloseReason.Aborted;
        return bothAborted || report != null && (isIdle(report.client()) || isIdle(report.upstream()));
    }

    /** Whether more was read from the backend than the client's socket has taken. */
    private boolean dropped(RelayReport report) {
        return report != null
                && !given.hasTls() // where bytes of sockets are others than those that are relayed
                && report.upstream() != null
                && !isIdle(report.upstream())
                && report.upstream().at().bytesRead() > report.client().at().bytesWritten();
    }

    private static boolean isIdle(CloseReason reason) {
        return reason instanceof CloseReason.DeadlinePassed passed && passed.deadline() == CloseReason.Deadline.IDLE;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
