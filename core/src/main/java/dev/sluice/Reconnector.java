// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import dev.sluice.outbound.BackOff;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps one connection of a {@link Connector}: connects again whenever it has ended, after times that a {@link BackOff} draws.
 * A connection that has held for as long as the longest of them starts these over; one that is ended at once each time
 * doesn't.
 *
 * <pre>{@code
 * BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(30), new SplittableRandom());
 * Reconnector link = connector.keep(address, backOff, status -> log.info("{}", status));
 * Connection connection = link.status().connection(); // null unless it is connected
 * }</pre>
 *
 * <p>What was sent on a connection that has ended may have arrived or not: nothing is sent again here. Not for many connections
 * to the same place, of which any will do; those are pooled. The methods may be called from any thread.
 */
public final class Reconnector implements AutoCloseable {
    /** Where it is. */
    public enum State {
        /** A connect is under way. To CONNECTED, to WAITING, or to ENDED. */
        CONNECTING,
        /** There is a connection. To WAITING when it ends, or to ENDED. */
        CONNECTED,
        /** The next connect is to come. To CONNECTING, or to ENDED. */
        WAITING,
        /** It was closed, or the connector was stopped. Stays so. */
        ENDED
    }

    /**
     * What has become of it.
     *
     * @param state where it is
     * @param connection the connection, if it is CONNECTED; else null
     * @param failures how many connects have failed since it was last CONNECTED
     * @param delay the time until the next connect, if it is WAITING; else null
     * @param failure what the latest connect failed with, if that is why it is in this state; else null
     * @param reason why the latest connection ended, if that is why it is in this state; else null
     */
    public record Status(
            State state, Connection connection, int failures, Duration delay, Throwable failure, CloseReason reason) {}

    private final Connector connector;
    private final Reader reader;
    private final SocketAddress remote;
    private final Supplier<?> attachments;
    private final BackOff backOff;
    private final Consumer<Status> told;

    // any thread; written by the Reader's
    private volatile Status status = new Status(State.CONNECTING, null, 0, null, null, null);

    // loop thread
    private final Work atEnd = new Step(() -> {}); // which fails when the Reader ends
    private final Timer timer = new Timer(new Step(this::connect));
    private CompletableFuture<Connection> connecting; // null unless one is
    private long connectedNanos;

    Reconnector(
            Connector connector,
            Reader reader,
            SocketAddress remote,
            Supplier<?> attachments,
            BackOff backOff,
            Consumer<Status> told) {
        this.connector = connector;
        this.reader = reader;
        this.remote = remote;
        this.attachments = attachments;
        this.backOff = backOff;
        this.told = told;
    }

    /** Something on the loop. If the loop has ended before, all has. */
    private final class Step implements Work {
        private final Runnable action;

        Step(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            action.run();
        }

        @Override
        public void failed(Throwable cause) {
            end(cause, null);
        }
    }

    /** What has become of it; from other threads than its Reader's a recent value. */
    public Status status() {
        return status;
    }

    /** Connects no more, and {@linkplain Connection#close closes} the connection if there is one. */
    @Override
    public void close() {
        if (reader.loop.onLoop()) {
            closeNow();
        } else {
            reader.loop.post(new Step(this::closeNow)); // a loop that has ended has told this
        }
    }

    private void closeNow() {
        Connection connection = status.connection();
        if (end(null, null) && connection != null) {
            connection.close();
        }
    }

    // ---- loop thread

    /** Any thread. */
    void begin() {
        Step first = new Step(() -> {
            reader.waits(atEnd);
            connect();
        });
        if (!reader.loop.post(first)) {
            end(new IllegalStateException(reader.loop.name() + " has ended"), null);
        }
    }

    private void connect() {
        if (status.state() == State.ENDED) {
            return;
        }
        become(new Status(State.CONNECTING, null, status.failures(), null, null, null));
        if (status.state() == State.ENDED) {
            return; // by whoever was told
        }
        Object attachment;
        try {
            attachment = attachments.get();
        } catch (RuntimeException | Error e) {
            connected(null, e);
            return;
        }
        connecting = connector.connect(null, remote, attachment);
        connecting.whenComplete(this::connected);
    }

    private void connected(Connection connection, Throwable failure) {
        connecting = null;
        if (status.state() == State.ENDED) {
            if (connection != null) {
                connection.close();
            }
        } else if (connection != null) {
            connectedNanos = reader.loop.now();
            connector.admission().keep(connection, this);
            become(new Status(State.CONNECTED, connection, 0, null, null, null));
        } else {
            again(status.failures() + 1, failure, null);
        }
    }

    /** Its connection has ended. Thread of the Reader that this belonged to. */
    void ended(CloseReason reason) {
        if (reader.loop.onLoop()) {
            lost(reason);
        } else {
            reader.loop.post(new Step(() -> lost(reason)));
        }
    }

    private void lost(CloseReason reason) {
        if (status.state() == State.CONNECTED) {
            backOff.held(Duration.ofNanos(Math.max(0, reader.loop.now() - connectedNanos)));
            again(0, null, reason);
        }
    }

    private void again(int failures, Throwable failure, CloseReason reason) {
        if (reader.isDraining() || reader.hasEnded()) {
            end(failure, reason);
            return;
        }
        Duration delay = backOff.next();
        reader.loop.timers().arm(timer, reader.loop.now() + delay.toNanos());
        become(new Status(State.WAITING, null, failures, delay, failure, reason));
    }

    /** Returns whether it had not ended before. */
    private boolean end(Throwable failure, CloseReason reason) {
        Status last = status;
        if (last.state() == State.ENDED) {
            return false;
        }
        status = new Status(State.ENDED, null, last.failures(), null, failure, reason);
        if (reader.loop.onLoop()) { // else it has never begun
            reader.waitsNoMore(atEnd);
            reader.loop.timers().disarm(timer);
            if (last.connection() != null) {
                connector.admission().keepNoMore(last.connection());
            }
            if (connecting != null) {
                connecting.cancel(false); // and is closed should it come to be
            }
        }
        tell(status);
        return true;
    }

    private void become(Status next) {
        status = next;
        tell(next);
    }

    private void tell(Status now) {
        try {
            told.accept(now);
        } catch (RuntimeException | Error e) {
            reader.warnings.warn("{}: who was told of {} has failed", reader, now.state(), LoggedFailure.of(e));
        }
    }
}
