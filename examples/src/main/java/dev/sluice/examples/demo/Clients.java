// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import dev.sluice.Connector;
import dev.sluice.Limits;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * The client side of the demo, on one Reader of Sluice's own: opens connections, and asks over some of them while the
 * others are idle. For one thread.
 */
final class Clients implements AutoCloseable {
    /** Connections being opened at once: fewer than any backlog, so that no client's first packet is dropped. */
    private static final int OPENING = 100;

    private static final long DEADLINE_SECONDS = 60;

    private final SocketAddress server;
    private final Connector connector;
    private final List<Client> clients = new ArrayList<>();
    private final CompletableFuture<Void> failure = new CompletableFuture<>(); // completed by failures only

    Clients(SocketAddress server, int connections) throws IOException {
        this.server = server;
        this.connector = Connector.builder(new Client.Lines(failure::completeExceptionally))
                .name("demo-client")
                .limits(Limits.defaults().withConnections(connections))
                .start();
    }

    /**
     * What was answered.
     *
     * @param nanos how long each answer took
     * @param seconds from the first question to the last answer
     */
    record Answers(Histogram nanos, double seconds) {
        double perSecond() {
            return nanos.getTotalCount() / seconds;
        }

        double microsAtPercentile(double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e3;
        }
    }

    /**
     * Opens connections, and asks over each of them once.
     *
     * @param onEach called for each when it has been answered, on the Reader's thread
     */
    void open(int number, Runnable onEach) throws IOException, InterruptedException {
        Semaphore opening = new Semaphore(OPENING);
        for (int i = 0; i < number; i++) {
            take(opening, 1);
            Client client = new Client(nanos -> {
                opening.release();
                onEach.run();
                return false;
            });
            clients.add(client);
            connector.connect(null, server, client).whenComplete((connection, e) -> {
                if (e != null) {
                    failure.completeExceptionally(e);
                }
            });
        }
        take(opening, OPENING);
    }

    /** Asks over the first connections again and again, for a time. */
    Answers ask(int active, Duration time) throws IOException, InterruptedException {
        Histogram histogram = new Histogram(3);
        Semaphore quiet = new Semaphore(0);
        AtomicBoolean goOn = new AtomicBoolean(true);
        long begun = System.nanoTime();
        for (Client client : clients.subList(0, active)) {
            client.ask(nanos -> {
                histogram.recordValue(nanos);
                if (goOn.get()) {
                    return true;
                }
                quiet.release();
                return false;
            });
        }
        awaitFailure(time);
        goOn.set(false);
        take(quiet, active);
        return new Answers(histogram, (System.nanoTime() - begun) / 1e9);
    }

    private void take(Semaphore permits, int number) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!permits.tryAcquire(number, 100, TimeUnit.MILLISECONDS)) {
            awaitFailure(Duration.ZERO);
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the demo's server gave no answer within " + DEADLINE_SECONDS + " s");
            }
        }
    }

    /** Waits for so long, and throws if anything has failed by then. */
    private void awaitFailure(Duration time) throws IOException, InterruptedException {
        try {
            failure.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return; // as it should be
        } catch (ExecutionException e) {
            throw new IOException("the demo's client failed: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** Resets all connections, which leaves none of their ports waiting. */
    @Override
    public void close() {
        clients.forEach(Client::abort);
        connector.close();
    }
}
