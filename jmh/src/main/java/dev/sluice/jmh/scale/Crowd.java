// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** The unmodified server, on one loop, with very many simulated connections. */
public final class Crowd implements Trial {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Simulation sim = Simulation.seed(1).keepEvents(0).build();
    private final Echo echo = new Echo();
    private final Server server;
    private final SimulatedClients clients;
    private volatile int done;

    /** Starts the server, for {@code most} connections. */
    public Crowd(int most) throws IOException {
        server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.singleThread())
                .limits(Limits.defaults().withConnections(most))
                .deadlines(Deadlines.defaults().withFirstByte(Duration.ofHours(1))) // most of them never speak
                .listen(Endpoint.tcp("10.0.0.1", 7000), echo)
                .start();
        clients = new SimulatedClients(sim, server.address(), most);
    }

    private static final class Echo implements RequestProtocol<ByteBuffer> {
        private int opened;
        private int ending;
        private int closed;

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void handle(ByteBuffer request, Reply reply) {
            reply.send(request);
        }

        @Override
        public void opened(Connection connection) {
            opened++;
        }

        @Override
        public AfterGoodbye draining(Connection connection) {
            ending++;
            return AfterGoodbye.END_WHEN_IDLE;
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed++;
        }
    }

    @Override
    public void run(Phase phase, int number) throws Exception {
        switch (phase) {
            case ACCEPT -> accept(number);
            case WAKE_UP -> wakeUp(number);
            case ARM -> arm();
            case FIRE -> fire();
        }
    }

    private void accept(int number) throws IOException {
        for (done = 0; done < number; ) {
            int batch = Math.min(SimulatedClients.AT_ONCE, number - done);
            clients.connect(batch);
            sim.runUntil("the server has accepted them", () -> echo.opened == clients.connected(), LIMIT);
            clients.checkConnected(batch);
            done += batch;
        }
    }

    private void wakeUp(int number) throws IOException {
        for (done = 0; done < number; ) {
            int batch = Math.min(SimulatedClients.AT_ONCE, number - done);
            clients.ask(batch);
            done += batch;
        }
    }

    // The server ends its side of each connection; no client answers, so that the server has to wait for a deadline.
    private void arm() throws InterruptedException {
        server.stop(Duration.ofHours(1));
        sim.runUntil("each connection is being ended", () -> echo.ending == clients.connected(), LIMIT);
    }

    private void fire() {
        sim.runUntil("each deadline has fired", () -> echo.closed == clients.connected(), LIMIT);
        sim.runUntilStopped(LIMIT);
    }

    @Override
    public void end() throws IOException {
        clients.close();
    }

    @Override
    public int done() {
        return done;
    }
}
