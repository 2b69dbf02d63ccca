// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.SimulatedCase.ClosePath;
import dev.sluice.SimulatedCase.Framing;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.Framer;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RoughClient;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** One case from start to end: an echo server that answers in every way there is, and rough clients. */
final class SimulatedRun {
    private static final String REPEAT =
            "mvn -B verify -pl core -Dtest=ServerSimTest -Dsluice.sim.first={seed} -Dsluice.sim.seeds=1";
    private static final int LONGEST_LATER_MILLIS = 300;

    final Simulation sim;
    final ServerInvariants invariants;
    private final SimulatedCase given;
    private final SplittableRandom random;
    private final SplittableRandom handlers;
    private final List<RoughClient> clients = new ArrayList<>();
    private Server server;
    private boolean stopping;

    SimulatedRun(SimulatedCase given, Consumer<String> events) {
        this.given = given;
        this.random = new SplittableRandom(~given.seed());
        this.handlers = random.split();
        this.sim = Simulation.seed(given.seed())
                .faults(given.faults())
                .bufferBytes(given.bufferBytes())
                .repeatWith(REPEAT)
                .eventsTo(events)
                .build();
        this.invariants = new ServerInvariants(sim, given.limits(), given.shape() != SimulatedCase.Shape.WORKERS);
    }

    /** Runs it; what goes wrong is an AssertionError that tells the seed. */
    void run() throws IOException, InterruptedException {
        try {
            start();
            sim.run(Duration.ofMillis(random.nextInt(longestRunMillis())));
            if (given.path() != ClosePath.STOPPED) {
                becomeQuiet();
            }
            stopping = true;
            server.stop(Duration.ofMillis(random.nextInt(3000)));
            sim.runUntilStopped(Duration.ofHours(1));
            clients.forEach(RoughClient::stop);
            sim.run(Duration.ofHours(1)); // what was sent to those who have gone
            invariants.atTheEnd();
        } catch (AssertionError e) {
            String told = e.getMessage() + "\n  case " + given;
            String repeat = REPEAT.replace("{seed}", Long.toString(given.seed()));
            throw new AssertionError(told.contains(repeat) ? told : told + "\n  repeat with: " + repeat, e);
        }
    }

    private int longestRunMillis() {
        return switch (given.path()) {
            case STOPPED -> 8000;
            case HANDLER_CLOSES -> 600_000;
            default -> 60_000;
        };
    }

    long heard() {
        return clients.stream().mapToLong(RoughClient::heard).sum();
    }

    private void start() throws IOException {
        server = Server.builder()
                .environment(sim.environment())
                .topology(given.shape().topology(sim))
                .readerChoice(ReaderChoice.values()[random.nextInt(ReaderChoice.values().length)])
                .limits(given.limits())
                .poisonBuffers(true)
                .listen(Endpoint.tcp("10.0.0.1", 7000), new Echo())
                .start();
        invariants.watch(server);
        int number = 1 + random.nextInt(6);
        for (int i = 0; i < number; i++) {
            clients.add(new RoughClient(
                    sim, i, server.address(), random.split(), 20 + random.nextInt(80), this::step, this::serverMayEnd));
        }
    }

    private void becomeQuiet() {
        clients.forEach(RoughClient::stop);
        sim.faults(Faults.none());
        sim.run(Duration.ofHours(2));
        invariants.whenQuiet();
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
        int longest = given.path() == ClosePath.OUTBOUND_LIMIT ? 3900 : dice.nextInt(20) == 0 ? 900 : 60;
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
            case OUTBOUND_LIMIT -> client.toggleReading();
            case HANDLER_CLOSES -> client.fallAsleep(); // who is closed then has somebody who doesn't read
            default -> {
                if (client.random().nextInt(8) == 0) {
                    client.hangUp(client.random().nextBoolean());
                }
                return false;
            }
        }
        return true;
    }

    private static void endOutput(RoughClient client) {
        try {
            client.endOutput();
        } catch (IOException e) {
            client.hangUp(true); // it was reset by a fault meanwhile
        }
    }

    private void badFrame(RoughClient client) {
        if (given.framing() == Framing.RAW) {
            client.hangUpIfAnswered(); // no byte is bad there
        } else if (client.random().nextBoolean()) {
            client.send(given.framing().request("x".repeat(1500)));
        } else {
            client.send(Framing.bytes("\0")); // an unfinished frame
            endOutput(client);
        }
    }

    // ---- what the server does

    private final class Echo implements RequestProtocol<ByteBuffer> {
        private final Encoder<ByteBuffer> encoder = given.framing().encoder();

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return given.framing().framer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            invariants.opened(connection);
            mayThrow();
        }

        @Override
        public void handle(ByteBuffer request, Reply reply) {
            Connection connection = reply.connection();
            invariants.delivered(connection);
            switch (handlers.nextInt(8)) {
                case 0 -> later(request, reply, handlers.nextInt(LONGEST_LATER_MILLIS));
                case 1 -> onAWorker(request, reply);
                case 2 -> inParts(request, reply);
                case 3 -> whenWritable(request, reply);
                default -> {
                    pauseSometimes(connection);
                    endSometimes(connection);
                    invariants.answering(connection);
                    reply.send(request, encoder);
                }
            }
        }

        private void later(ByteBuffer request, Reply reply, int millis) {
            ByteBuffer copy = copy(request);
            Reply deferred = reply.defer();
            sim.after(Duration.ofMillis(millis), () -> answer(copy, deferred));
        }

        private void onAWorker(ByteBuffer request, Reply reply) {
            ByteBuffer copy = copy(request);
            Reply deferred = reply.defer();
            sim.executor().execute(() -> answer(copy, deferred));
        }

        private void inParts(ByteBuffer request, Reply reply) {
            ByteBuffer wire = wire(request);
            int cut = handlers.nextInt(wire.remaining() + 1);
            Reply deferred = reply.defer();
            deferred.write(wire.duplicate().limit(cut));
            sim.after(Duration.ofMillis(handlers.nextInt(LONGEST_LATER_MILLIS)), () -> {
                deferred.write(wire.position(cut));
                invariants.answering(deferred.connection());
                deferred.end();
            });
        }

        private void whenWritable(ByteBuffer request, Reply reply) {
            ByteBuffer copy = copy(request);
            Reply deferred = reply.defer();
            deferred.whenWritable(() -> answer(copy, deferred));
        }

        private void answer(ByteBuffer request, Reply deferred) {
            invariants.answering(deferred.connection());
            deferred.send(request, encoder);
        }

        private void pauseSometimes(Connection connection) {
            if (handlers.nextInt(8) == 0) {
                connection.pause();
                invariants.paused(connection, true);
                sim.after(Duration.ofMillis(handlers.nextInt(LONGEST_LATER_MILLIS)), () -> {
                    invariants.paused(connection, false);
                    connection.resume();
                });
            }
        }

        private void endSometimes(Connection connection) {
            if (!given.path().serverEnds || handlers.nextInt(12) != 0) {
                return;
            }
            switch (given.path()) {
                case HANDLER_CLOSES -> {
                    invariants.closing(connection);
                    connection.close();
                }
                case CLOSED_FROM_OUTSIDE ->
                    sim.after(Duration.ofMillis(handlers.nextInt(LONGEST_LATER_MILLIS)), connection::close);
                case ABORTED -> connection.abort();
                case HANDLER_THROWS -> throw new ServerInvariants.Deliberate();
                default -> {
                    // its connections end in other ways
                }
            }
        }

        @Override
        public void inputEnded(Connection connection) {
            mayThrow();
        }

        @Override
        public void writable(Connection connection) {
            mayThrow();
        }

        @Override
        public void draining(Connection connection) {
            mayThrow();
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            invariants.closed(connection, reason);
            mayThrow();
        }

        private void mayThrow() {
            if (given.path() == ClosePath.HOOKS_THROW && handlers.nextInt(10) == 0) {
                throw new ServerInvariants.Deliberate();
            }
        }

        private ByteBuffer copy(ByteBuffer bytes) {
            return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
        }

        private ByteBuffer wire(ByteBuffer request) {
            byte[] payload = new byte[request.remaining()];
            request.duplicate().get(payload);
            return ByteBuffer.wrap(given.framing().request(new String(payload, StandardCharsets.ISO_8859_1)));
        }
    }
}
