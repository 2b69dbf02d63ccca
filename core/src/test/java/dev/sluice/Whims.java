// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.SimulatedCase.ClosePath;
import dev.sluice.loop.Loop;
import dev.sluice.loop.Work;
import dev.sluice.sim.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;

/** What a protocol under test does at random beside answering: it pauses, ends connections, and throws. */
final class Whims {
    private static final int LONGEST_LATER_MILLIS = 300;

    final Simulation sim;
    final ServerInvariants invariants;
    private final SimulatedCase given;
    private final SplittableRandom random;
    long moves; // that came to something

    Whims(SimulatedCase given, Simulation sim, ServerInvariants invariants, SplittableRandom random) {
        this.given = given;
        this.sim = sim;
        this.invariants = invariants;
        this.random = random;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Does something a little later, on the Reader or not, as it comes. */
    void later(Runnable action) {
        sim.after(Duration.ofMillis(below(LONGEST_LATER_MILLIS)), action);
    }

    void onAWorker(Runnable action) {
        sim.executor().execute(action);
    }

    /** Does something as another thread would while the Reader is in the middle of a callback. */
    void elsewhere(Connection connection, Runnable action) {
        Loop loop = connection.reader().loop;
        if (!loop.onLoop()) {
            action.run(); // on a worker, which is elsewhere already
            return;
        }
        loop.release();
        try {
            action.run();
        } finally {
            loop.claim();
        }
    }

    void pauseSometimes(Connection connection) {
        if (below(8) == 0) {
            pauseForAWhile(connection);
        }
    }

    private void pauseForAWhile(Connection connection) {
        connection.pause();
        invariants.paused(connection, true);
        later(() -> {
            invariants.resuming(connection, 1);
            connection.resume(); // which takes effect when the loop gets to it, just before the next
            connection.reader().loop.post(new Resumed(invariants, connection));
        });
    }

    private record Resumed(ServerInvariants invariants, Connection connection) implements Work {
        @Override
        public void run() {
            invariants.resuming(connection, -1);
        }

        @Override
        public void failed(Throwable cause) {
            run(); // the loop has ended
        }
    }

    /** Pauses or resumes another connection of the Reader that this is on, if there is one. */
    void meddleSometimes() {
        if (below(20) > 0) {
            return;
        }
        Connection other = invariants.anyOpen(below(Integer.MAX_VALUE));
        if (other == null || !other.reader().loop.onLoop()) {
            return;
        }
        if (below(2) == 0) {
            pauseForAWhile(other);
        } else {
            invariants.paused(other, false);
            other.resume();
        }
    }

    /** At times moves it, from its Reader or from another thread, at once or a little later. */
    void moveSometimes(Connection connection) {
        if (below(6) > 0) {
            return;
        }
        Reader target = invariants.anyReaderOf(connection, below(Integer.MAX_VALUE));
        switch (below(3)) {
            case 0 -> move(connection, target);
            case 1 -> elsewhere(connection, () -> move(connection, target));
            default -> later(() -> move(connection, target));
        }
    }

    private void move(Connection connection, Reader target) {
        Reader from = connection.reader();
        connection.moveTo(target).thenAccept(is -> {
            if (is && from != target) {
                moves++;
            }
        });
    }

    void endSometimes(Connection connection) {
        if (!given.path().serverEnds || below(12) != 0) {
            return;
        }
        switch (given.path()) {
            case HANDLER_CLOSES -> {
                invariants.closing(connection);
                connection.close();
            }
            case CLOSED_FROM_OUTSIDE -> later(connection::close);
            case ABORTED -> connection.abort();
            case HANDLER_THROWS -> throw new ServerInvariants.Deliberate();
            default -> {
                // its connections end in other ways
            }
        }
    }

    /** In a hook. */
    void throwSometimes() {
        if (given.path() == ClosePath.HOOKS_THROW && below(10) == 0) {
            throw new ServerInvariants.Deliberate();
        }
    }

    static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }

    /** A frame as it came. */
    ByteBuffer wire(ByteBuffer frame) {
        byte[] payload = new byte[frame.remaining()];
        frame.duplicate().get(payload);
        return ByteBuffer.wrap(given.framing().request(new String(payload, StandardCharsets.ISO_8859_1)));
    }
}
