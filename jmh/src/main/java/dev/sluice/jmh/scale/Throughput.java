// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import dev.sluice.Connection;
import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * How fast the simulation is: requests per second of real time, with a hundred clients and faults of all kinds, and the
 * real time of an hour in which nothing happens but that a thousand connections await their deadlines. Ends with 1 if it
 * is slower than promised.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.scale.Throughput
 * }</pre>
 */
public final class Throughput {
    private static final int ROUNDS = 9;
    private static final int WARM_UPS = 6;
    private static final int CLIENTS = 100;
    private static final int REQUESTS_EACH = 3_000;
    private static final int IDLE = 1_000;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final double LEAST_REQUESTS_PER_SECOND = 100_000;
    private static final double MOST_SECONDS_PER_HOUR = 1;

    private Throughput() {}

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error"); // faults make the server warn
        double[] requests = new double[ROUNDS];
        double[] seconds = new double[ROUNDS];
        for (int i = -WARM_UPS; i < ROUNDS; i++) {
            double requestsPerSecond = requestsPerSecond(i);
            double secondsPerHour = secondsPerHour(i);
            if (i >= 0) {
                requests[i] = requestsPerSecond;
                seconds[i] = secondsPerHour;
                System.out.printf(
                        "round %d: %,.0f requests per second, an idle hour in %.3f s%n",
                        i, requestsPerSecond, secondsPerHour);
            }
        }
        double perSecond = median(requests);
        double perHour = median(seconds);
        System.out.printf(
                "median: %,.0f requests per second, an idle hour in %.3f s; JDK %s%n",
                perSecond, perHour, Runtime.version());
        if (perSecond < LEAST_REQUESTS_PER_SECOND || perHour > MOST_SECONDS_PER_HOUR) {
            System.out.printf(
                    "FAILED: at least %,.0f requests per second and at most %.0f s were promised%n",
                    LEAST_REQUESTS_PER_SECOND, MOST_SECONDS_PER_HOUR);
            System.exit(1);
        }
    }

    private static double requestsPerSecond(long seed) throws IOException, InterruptedException {
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .listen(
                        Endpoint.tcp("10.0.0.1", 7000),
                        Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF)))
                .start();
        RandomClients clients = sim.randomClients(CLIENTS, server.address(), Conversation.echoedLines(80))
                .requests(REQUESTS_EACH);
        long start = System.nanoTime();
        sim.runClients(Duration.ofDays(10));
        double took = (System.nanoTime() - start) / 1e9;
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(10));
        return clients.replies() / took;
    }

    /** Ends each connection as soon as it is open; the client doesn't answer, so that a deadline has to end it. */
    private static final class EndsAtOnce implements RequestProtocol<ByteBuffer> {
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
            connection.close();
        }
    }

    static double secondsPerHour(long seed) throws IOException, InterruptedException {
        Simulation sim = Simulation.seed(seed).build();
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .deadlines(Deadlines.defaults().withLinger(HOUR))
                .listen(Endpoint.tcp("10.0.0.1", 7000), new EndsAtOnce())
                .start();
        SimulatedClients clients = new SimulatedClients(sim, server.address(), IDLE);
        clients.connect(IDLE);
        sim.client("10.2.0.1").connect(server.address()).pause(HOUR).expectEnd();
        sim.run(Duration.ofSeconds(1));
        if (server.connections() != IDLE + 1) {
            throw new IllegalStateException(server.connections() + " connections are open");
        }
        long start = System.nanoTime();
        // Long deadlines fire late by up to a fifteenth.
        sim.runUntil("all deadlines have fired", () -> server.connections() == 0, HOUR.plus(HOUR.dividedBy(15)));
        double took = (System.nanoTime() - start) / 1e9;
        server.stop(Duration.ZERO);
        sim.runUntilStopped(Duration.ofMinutes(1));
        return took;
    }

    private static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
