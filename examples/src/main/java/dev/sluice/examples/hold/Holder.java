// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.Limits;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/** Opens connections and keeps them, a bounded number at a time, with a Connector of Sluice's. For one thread. */
final class Holder implements AutoCloseable {
    /** Questions under way at once. */
    private static final int ASKING = 1000;

    private static final long ANSWER_SECONDS = 30;

    private final Plan plan;
    private final Tally tally = new Tally();
    private final Connector connector;
    private final Spare spare = new Spare();

    // any thread
    private final AtomicReferenceArray<Connection> held;
    private final AtomicInteger heldNow = new AtomicInteger();
    private final Semaphore opening;
    private final Semaphore asking = new Semaphore(ASKING);
    private final AtomicInteger answers = new AtomicInteger();
    private volatile boolean outOfDescriptors;
    private volatile boolean closing;

    /**
     * What is to be held.
     *
     * @param connections how many
     * @param opening how many are being opened at once
     * @param sources where they come from, in turn
     * @param targets where they go to; the next one has its turn when every source had one
     */
    record Plan(int connections, int opening, Sources sources, List<InetSocketAddress> targets) {
        InetSocketAddress target(int i) {
            return targets.get(i / sources.size() % targets.size());
        }
    }

    Holder(Plan plan) throws IOException {
        rehearse();
        this.plan = plan;
        this.held = new AtomicReferenceArray<>(plan.connections);
        this.opening = new Semaphore(plan.opening);
        this.connector = Connector.builder(new Lines())
                .name("hold")
                .limits(Limits.defaults().withConnections(plan.connections))
                .start();
    }

    /**
     * Opens all, and returns when each is open or has failed.
     *
     * @param goOn asked before each
     * @param onEach told the number of each that has been opened, or has failed, on any thread
     */
    void open(BooleanSupplier goOn, IntConsumer onEach) throws InterruptedException {
        int begun = 0;
        while (begun < plan.connections && goOn.getAsBoolean() && !outOfDescriptors) {
            if (opening.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                open(begun++, onEach);
            }
        }
        while (!opening.tryAcquire(plan.opening, 100, TimeUnit.MILLISECONDS) && goOn.getAsBoolean()) {
            // those that are under way end by themselves, at the latest by the kernel's own time-out
        }
        if (outOfDescriptors) {
            spare.close();
            tally.add(Obstacle.NO_DESCRIPTOR, plan.connections - begun, "not tried any more");
        }
    }

    /** How many are held now. */
    int held() {
        return heldNow.get();
    }

    Tally tally() {
        return tally;
    }

    /** Sends a line over each that is held, and returns how many came back. */
    int verify() throws InterruptedException {
        answers.set(0);
        for (int i = 0; i < plan.connections; i++) {
            Connection connection = held.get(i);
            if (connection != null) {
                if (!asking.tryAcquire(ANSWER_SECONDS, TimeUnit.SECONDS)) {
                    return answers.get();
                }
                connection.send(question(i));
            }
        }
        asking.tryAcquire(ASKING, ANSWER_SECONDS, TimeUnit.SECONDS);
        return answers.get();
    }

    /** Resets all: an end in order would keep the port of each waiting for a minute. */
    @Override
    public void close() {
        closing = true;
        for (int i = 0; i < plan.connections; i++) {
            Connection connection = held.get(i);
            if (connection != null) {
                connection.abort();
            }
        }
        connector.close();
        spare.close();
    }

    private void open(int i, IntConsumer onEach) {
        connector.connect(plan.sources.of(i), plan.target(i), i).whenComplete((connection, failure) -> {
            try {
                if (failure != null) {
                    failed(failure);
                }
                onEach.accept(i);
            } finally {
                opening.release();
            }
        });
    }

    private void failed(Throwable failure) {
        Obstacle obstacle = Obstacle.of(failure);
        outOfDescriptors |= obstacle.stays();
        tally.add(obstacle, 1, failure.getMessage());
    }

    /** Loads the classes that failures need: it takes a descriptor, and then there may be none. */
    private static void rehearse() {
        Tally tally = new Tally();
        tally.add(Obstacle.of(new IOException("nothing")), 1, "nothing");
        tally.lines(Bounds.read());
    }

    private static ByteBuffer question(int i) {
        return ByteBuffer.wrap(("still there, " + i + "?\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** What is spoken: lines, each of which comes back. The number of a connection is attached to it. */
    private final class Lines implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            held.set((Integer) connection.attachment(), connection);
            heldNow.incrementAndGet();
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            int i = (Integer) connection.attachment();
            ByteBuffer expected = question(i);
            if (line.equals(expected.limit(expected.limit() - 1))) {
                answers.incrementAndGet();
            }
            asking.release();
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            held.set((Integer) connection.attachment(), null);
            heldNow.decrementAndGet();
            if (!closing) {
                Obstacle obstacle = obstacle(reason);
                tally.add(obstacle, 1, reason.kind() + " after " + reason.at().bytesRead() + " bytes read");
            }
        }

        private Obstacle obstacle(CloseReason reason) {
            return switch (reason.kind()) {
                case PEER_CLOSED, CLOSED_HERE -> Obstacle.CLOSED_BY_PEER; // here it is closed only after the peer did
                case PEER_RESET -> Obstacle.RESET;
                case IO_FAILED -> Obstacle.of(((CloseReason.IoFailed) reason).cause());
                default -> Obstacle.OTHER;
            };
        }
    }
}
