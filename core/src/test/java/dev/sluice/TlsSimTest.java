// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import dev.sluice.tls.ServerTls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/**
 * TLS under faults, with seeds, both sides being ours: each line comes once and in its order, a stream that was cut is never
 * taken for a whole one on either side, and at the end nothing is left. Keys and signatures are drawn by the JDK, so a seed
 * doesn't repeat a run to the byte.
 */
class TlsSimTest {
    private static final int SEEDS = 40;
    private static final int LINES = 40;
    private static final int UNDER_WAY = 4;
    private static final int LONGEST_LINE = 30_000;

    private TlsSimRun run;
    private SplittableRandom random; // of it, as is the next
    private Simulation sim;
    private int opened;
    private int closed;
    private int wholeEnds;
    private int cutEnds;
    private int lines;

    /** What the two sides of TLS do alike: they pause, and move, at random. */
    private abstract class Side implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        void meddle(Connection connection) {
            switch (random.nextInt(60)) {
                case 0 -> {
                    connection.pause();
                    sim.after(Duration.ofMillis(random.nextInt(1, 3000)), connection::resume);
                }
                case 1 -> {
                    Reader own = connection.reader();
                    connection.moveTo(readers(own)[random.nextInt(readers(own).length)]);
                }
                default -> {}
            }
        }
    }

    private Reader[] readers(Reader own) {
        boolean isServers = run.server.readers().contains(own);
        return (isServers ? run.server.readers() : run.connector.readers()).toArray(new Reader[0]);
    }

    /** Sends each line back. "bye" is answered by "done" and the end; behind "last" the client ends. */
    private final class Echo extends Side {
        private final class Heard {
            private boolean last;
        }

        @Override
        public void opened(Connection connection) {
            opened++;
            connection.attach(new Heard());
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            String text = text(line);
            if (text.equals("bye")) {
                connection.send(bytes("done"), LineEncoder.LF);
                connection.close();
            } else if (text.equals("last")) {
                ((Heard) connection.attachment()).last = true;
            } else {
                connection.send(line, LineEncoder.LF);
            }
            meddle(connection);
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed++;
            assertTrue(!(reason instanceof CloseReason.HandlerFailed), reason::toString);
            if (reason instanceof CloseReason.PeerClosed) {
                assertTrue(((Heard) connection.attachment()).last, "what the client sent was taken for all");
            }
        }
    }

    /** One client's lines. */
    private final class Talk {
        private final ArrayDeque<String> sent = new ArrayDeque<>();
        private int number;
        private boolean bye;
        private boolean done;

        void goOn(Connection connection) {
            while (number < LINES && sent.size() < UNDER_WAY) {
                int longest = random.nextInt(8) == 0 ? LONGEST_LINE : 50;
                String line = number++ + " " + "x".repeat(random.nextInt(longest));
                sent.add(line);
                connection.send(bytes(line), LineEncoder.LF);
            }
            if (sent.isEmpty() && !bye) {
                bye = true;
                if (random.nextBoolean()) {
                    connection.send(bytes("bye"), LineEncoder.LF);
                } else {
                    connection.send(bytes("last"), LineEncoder.LF);
                    connection.close();
                }
            }
        }
    }

    private final class Talks extends Side {
        @Override
        public void opened(Connection connection) {
            opened++;
            ((Talk) connection.attachment()).goOn(connection);
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            Talk talk = (Talk) connection.attachment();
            if (talk.bye) {
                assertEquals("done", text(line));
                talk.done = true;
            } else {
                assertEquals(talk.sent.poll(), text(line));
                lines++;
                talk.goOn(connection);
            }
            meddle(connection);
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed++;
            assertTrue(!(reason instanceof CloseReason.HandlerFailed), reason::toString);
            if (reason instanceof CloseReason.PeerClosed) {
                assertTrue(((Talk) connection.attachment()).done, "what the server sent was taken for all");
                wholeEnds++;
            } else if (!(reason instanceof CloseReason.ClosedHere)) {
                cutEnds++;
            }
        }
    }

    private static long sum(Map<?, Long> numbers) {
        return numbers.values().stream().mapToLong(Long::longValue).sum();
    }

    private void someTime(Runnable task, boolean rejects) {
        if (rejects && random.nextInt(100) == 0) {
            throw new RejectedExecutionException("of a test");
        }
        sim.after(Duration.ofMillis(random.nextInt(random.nextInt(100) == 0 ? 20_000 : 200)), task);
    }

    private void run(int seed, Faults faults) throws Exception {
        run = new TlsSimRun(seed, faults);
        random = run.random;
        sim = run.sim;
        boolean rejects = faults != Faults.none() && seed % 5 == 0;
        Executor tasks = seed % 2 == 0 ? Runnable::run : task -> someTime(task, rejects);
        ServerTls tls =
                TlsKeys.ofLocalhost().serverBuilder().handshakeTasks(tasks).build();
        run.start(
                random.nextInt(256 << 10, 4 << 20),
                endpoint -> endpoint.withTls(tls),
                new Echo(),
                Connector.builder(new Talks())
                        .tls(run.client().handshakeTasks(tasks).build()));
        run.run(Talk::new);
        assertEquals(opened, closed);
        assertEquals(
                sum(run.server.closed()),
                sum(run.server.counters().handshakes().ended()),
                "each handshake has one end");
    }

    @Test
    void nothingIsLostOrTakenForWholeThatIsNot() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, Faults.mixed());
        }
        assertTrue(lines > 1000, () -> lines + " lines");
        assertTrue(wholeEnds > 10, () -> wholeEnds + " ends in order");
        assertTrue(cutEnds > 5, () -> cutEnds + " connections were cut");
    }

    @Test
    void withoutFaultsAllComes() throws Exception {
        for (int seed = 0; seed < 6; seed++) {
            run(seed, Faults.none());
        }
        assertEquals(0, cutEnds);
    }
}
