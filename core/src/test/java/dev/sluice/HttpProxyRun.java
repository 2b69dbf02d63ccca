// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.HttpProxyCase.Strain;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpBackendsStatus;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.PoolStatus;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One case of a reverse proxy from start to end: clients, the proxy, and backends. */
final class HttpProxyRun {
    private static final String HOST = "10.0.0.1";

    final Simulation sim;
    final HttpProxyCase given;
    final SplittableRandom random;
    final List<Asked> requests = new ArrayList<>();
    final List<Answer> answers = new ArrayList<>();
    final List<Connection> atBackends = new ArrayList<>();
    private final List<HttpProxyClient> clients = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final MemoryBudget budget;
    private Server server;
    private Connector connector;
    private HttpBackends backends;
    private Upstream upstream;
    private AssertionError wrong; // what somebody found out in a callback, whose exceptions end connections only
    private boolean calm;
    private boolean mayFail;
    long answered; // whole

    /** A request that a client makes. */
    static final class Asked {
        final int number;
        final String method;
        final boolean http10;
        final boolean chunked;
        final boolean upgrades;
        final byte[] body;
        int arrivals; // of heads

        Asked(int number, String method, boolean http10, boolean chunked, boolean upgrades, byte[] body) {
            this.number = number;
            this.method = method;
            this.http10 = http10;
            this.chunked = chunked;
            this.upgrades = upgrades;
            this.body = body;
        }

        boolean isIdempotent() {
            return !method.equals("POST");
        }
    }

    /** A response that a backend makes. */
    record Answer(int number, Asked to, byte[] body) {}

    HttpProxyRun(HttpProxyCase given, Simulation sim) {
        this.given = given;
        this.sim = sim;
        this.random = new SplittableRandom(~given.seed());
        this.budget = MemoryBudget.ofBytes(given.budgetBytes());
        this.mayFail = !given.isGentle() && given.strain() != Strain.DRAINED;
    }

    /** Runs it; what goes wrong is an AssertionError. */
    void run() throws IOException, InterruptedException {
        startBackends();
        startProxy();
        for (int i = 0; i < given.clients(); i++) {
            sim.after(millis(5000), this::startClient);
        }
        if (given.strain().is(Strain.UNRULY_BACKENDS)) {
            for (int i = random.nextInt(10); i > 0; i--) {
                sim.after(millis(20_000), this::resetOne);
            }
        }
        if (given.strain().is(Strain.LIMITS) && random.nextBoolean()) {
            Duration begin = millis(3000);
            sim.after(begin, () -> sim.descriptors(2 + random.nextInt(8)));
            sim.after(begin.plus(millis(5000)), () -> sim.descriptors(Integer.MAX_VALUE));
        }
        if (given.strain().is(Strain.CLOSED)) {
            sim.after(millis(10_000), backends::close);
        }
        sim.run(Duration.ofMillis(random.nextInt(given.strain().is(Strain.DRAINED) ? 10_000 : 60_000)));
        if (given.strain().is(Strain.DRAINED)) {
            boolean patient = random.nextBoolean();
            mayFail |= !patient;
            server.beginDrain(patient ? Duration.ofMinutes(5) : millis(3000));
        }
        sim.run(Duration.ofMinutes(1));
        calm = true;
        sim.faults(Faults.none());
        if (!given.strain().is(Strain.FAULTS)) {
            sim.run(Duration.ofMinutes(10)); // much less than what ends idle connections
            nothingIsPooled();
        }
        sim.run(Duration.ofHours(2));
        check();
        quiet();
        backends.close();
        connector.close();
        server.stop(Duration.ZERO);
        for (Server each : servers) {
            each.stop(Duration.ZERO);
        }
        sim.runUntilStopped(Duration.ofMinutes(10));
        check();
        if (sim.openSockets() != 0 || budget.usedBytes() != 0) {
            throw new AssertionError(
                    sim.openSockets() + " sockets are open, and " + budget.usedBytes() + " bytes are held");
        }
    }

    private void startBackends() throws IOException {
        List<Backend> list = new ArrayList<>();
        for (int i = 0; i < given.backends(); i++) {
            String host = "10.0.1." + (1 + i);
            servers.add(Server.builder()
                    .environment(sim.environment(host))
                    .topology(Topology.singleThread())
                    .limits(Limits.defaults().withMarks(10 << 20, 1 << 20).withOutboundBytes(20 << 20))
                    .deadlines(HttpProxyCase.LONG.withIdle(Duration.ofHours(5)))
                    .listen(Endpoint.tcp(host, 9000), new Raw())
                    .start());
            list.add(Backend.of("b" + i, new InetSocketAddress(host, 9000)));
        }
        if (given.strain().is(Strain.UNRULY_BACKENDS) && random.nextBoolean()) {
            list.add(Backend.of("nobody", new InetSocketAddress("10.0.1.99", 9000)));
        }
        upstream = Upstream.builder("test")
                .backends(list)
                .environment(sim.environment("10.0.0.8"))
                .build();
    }

    private void startProxy() throws IOException {
        backends = HttpBackends.builder(upstream)
                .pool(pool -> pool.connections(given.connections())
                        .queue(given.queue())
                        .longestIdle(Duration.ofMillis(1 + random.nextInt(20_000))))
                .heldBytes(given.heldBytes())
                .retries(given.retries())
                .responseTimeout(given.responseTimeout())
                .tunnelIdle(Duration.ofMinutes(1))
                .upgrades("test")
                .build();
        server = Server.builder()
                .environment(sim.environment(HOST))
                .topology(given.shape().topology(sim))
                .limits(given.limits())
                .budget(budget)
                .deadlines(HttpProxyCase.LONG)
                .poisonBuffers(true)
                .listen(Endpoint.tcp(HOST, 7000), HttpProtocol.streaming(HttpProxy.to(backends)))
                .start();
        sim.check(this::staysWithinTheBudget);
        connector = Connector.builder(new Raw())
                .environment(sim.environment("10.2.0.1"))
                .readers(1)
                .limits(Limits.defaults().withMarks(10 << 20, 1 << 20).withOutboundBytes(20 << 20))
                .deadlines(HttpProxyCase.LONG)
                .start();
    }

    private void staysWithinTheBudget() {
        if (budget.usedBytes() > budget.limitBytes()) {
            throw new AssertionError("the budget has " + budget);
        }
    }

    private void startClient() {
        HttpProxyClient client = new HttpProxyClient(this, random.split());
        clients.add(client);
        connector
                .connect(null, new InetSocketAddress(HOST, 7000), client)
                .whenComplete((connection, failure) -> client.isOver |= failure != null);
    }

    private void resetOne() {
        if (!atBackends.isEmpty() && !calm) {
            atBackends.get(random.nextInt(atBackends.size())).abort();
        }
    }

    Duration millis(int most) {
        return Duration.ofMillis(random.nextInt(most));
    }

    /** Whether nobody misbehaves any more. */
    boolean isCalm() {
        return calm;
    }

    /** Whether a request may get an error for its answer. */
    boolean mayFail() {
        return mayFail;
    }

    Asked ask(String method, boolean http10, boolean chunked, boolean upgrades, byte[] body) {
        Asked asked = new Asked(requests.size(), method, http10, chunked, upgrades, body);
        requests.add(asked);
        return asked;
    }

    Answer answer(Asked to, byte[] body) {
        Answer answer = new Answer(answers.size(), to, body);
        answers.add(answer);
        return answer;
    }

    /** Bytes that are nobody else's. */
    static byte[] bytes(String whose, int number, int length) {
        String name = whose + number + ' ';
        return name.repeat(length / name.length() + 1).substring(0, length).getBytes(ISO_8859_1);
    }

    int length() {
        return random.nextInt(5) == 0 ? random.nextInt(100_000) : random.nextInt(60);
    }

    void found(AssertionError what) {
        if (wrong == null) {
            wrong = what;
        }
    }

    private void check() {
        if (wrong != null) {
            throw wrong;
        }
        for (HttpProxyClient client : clients) {
            if (!client.isOver) {
                throw new AssertionError("a client still waits: " + client + "\n" + server.explain());
            }
        }
        Long failed = server.closed().get(CloseReason.Kind.HANDLER_FAILED);
        if (failed != null && failed > 0) {
            throw new AssertionError("a handler of the proxy has failed");
        }
        if (given.isGentle() && answered != requests.size()) {
            throw new AssertionError(answered + " of " + requests.size() + " were answered by " + clients);
        }
    }

    private void nothingIsPooled() {
        for (PoolStatus pool : backends.status().pools()) {
            if (pool.connections() != 0 || pool.idle() != 0 || pool.waiting() != 0) {
                throw new AssertionError("long after the last request: " + pool);
            }
        }
    }

    private void quiet() {
        HttpBackendsStatus status = backends.status();
        long outcomes = status.responses()
                + status.badGateway()
                + status.unavailable()
                + status.timeouts()
                + status.brokenOff()
                + status.abandoned();
        if (outcomes != status.requests()) {
            throw new AssertionError("some requests have no outcome: " + status);
        }
        nothingIsPooled();
        for (BackendStatus backend : upstream.status()) {
            if (backend.active() != 0) {
                throw new AssertionError("in use: " + backend);
            }
        }
        if (server.connections() != 0) {
            throw new AssertionError("connections are left: " + server.explain());
        }
        for (Reader reader : server.readers()) {
            if (reader.lentBuffers() != 0 || reader.lentBytes() != 0 || reader.paused() != 0) {
                throw new AssertionError(reader + " has lent " + reader.lentBuffers());
            }
        }
    }

    /** Who is at the end of a connection. */
    interface End {
        void opened(Connection itself);

        void received(ByteBuffer bytes);

        void inputEnded();

        void closed(CloseReason reason);
    }

    /** Bytes as they come; clients are attached already, backends are made here. */
    private final class Raw implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            if (connection.attachment() == null) {
                connection.attach(new HttpProxyBackend(HttpProxyRun.this, random.split()));
                atBackends.add(connection);
            }
            end(connection).opened(connection);
        }

        private End end(Connection connection) {
            return (End) connection.attachment();
        }

        @Override
        public void received(ByteBuffer frame, Connection connection) {
            guarded(() -> end(connection).received(frame));
        }

        @Override
        public void inputEnded(Connection connection) {
            guarded(() -> end(connection).inputEnded());
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            atBackends.remove(connection);
            guarded(() -> end(connection).closed(reason));
        }
    }

    void guarded(Runnable action) {
        try {
            action.run();
        } catch (AssertionError e) {
            found(e);
        } catch (RuntimeException e) {
            found(new AssertionError("the test itself has failed", e));
        }
    }
}
