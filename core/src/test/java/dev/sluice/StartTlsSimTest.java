// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Connections that go over to TLS in the midst of requests, under faults, with seeds: what was asked in clear is answered in clear,
 * what was asked by TLS is answered by TLS, each once and in its order, and at the end nothing is left. Some clients break the rule
 * and send on behind STARTTLS: none of that is answered by TLS. Keys are drawn by the JDK, so a seed doesn't repeat a run to the byte.
 */
class StartTlsSimTest {
    private static final int SEEDS = 12;
    private static final int LINES = 20;

    private SplittableRandom random;
    private Simulation sim;
    private int opened;
    private int closed;
    private int wentOver;
    private int injectors;
    private int refused;
    private int whole;

    /** Answers each line with itself and how it came: at once or later. */
    private final class Answering implements RequestProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            opened++;
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            String text = text(line);
            boolean byTls = reply.connection().tlsInfo() != null;
            assertEquals(byTls, text.startsWith("secret"), "what comes by TLS was said by TLS");
            if (text.equals("STARTTLS")) {
                reply.thenStartTls();
            }
            String answer = text + (byTls ? " by TLS" : " in clear");
            if (random.nextInt(4) == 0) {
                Reply later = reply.defer();
                sim.after(Duration.ofMillis(random.nextInt(1, 3000)), () -> {
                    if (later.isOpen()) {
                        later.send(bytes(answer), LineEncoder.LF);
                    }
                });
            } else {
                reply.send(bytes(answer), LineEncoder.LF);
            }
        }

        @Override
        public void secured(Connection connection) {
            assertNotNull(connection.tlsInfo());
            wentOver++;
            if (random.nextInt(4) == 0) {
                connection.pause();
                sim.after(Duration.ofMillis(random.nextInt(1, 3000)), connection::resume);
            }
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed++;
            assertTrue(!(reason instanceof CloseReason.HandlerFailed), reason::toString);
        }
    }

    /** One client's questions. */
    private final class Talk {
        private final ArrayDeque<String> answers = new ArrayDeque<>();
        private final boolean injects = random.nextInt(4) == 0;
        private boolean byTls;
        private boolean done;

        void ask(Connection connection, String line) {
            answers.add(line + (byTls ? " by TLS" : " in clear"));
            connection.send(bytes(line), LineEncoder.LF);
        }
    }

    private final class Asking implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            opened++;
            Talk talk = (Talk) connection.attachment();
            for (int i = random.nextInt(LINES); i > 0; i--) {
                talk.ask(connection, i + "x".repeat(random.nextInt(4000)));
            }
            talk.ask(connection, "STARTTLS");
            if (talk.injects) {
                injectors++;
                connection.send(bytes("injected\n"));
            }
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            Talk talk = (Talk) connection.attachment();
            String text = text(line);
            if (talk.injects && (text.startsWith("\25") || text.equals("injected in clear"))) {
                return; // an alert in clear, or a reply that was to be refused
            }
            assertEquals(talk.answers.poll(), text);
            if (text.startsWith("STARTTLS") && !talk.injects) {
                connection.startTls();
                talk.byTls = true;
                talk.ask(connection, "secret 1");
            } else if (talk.byTls && talk.answers.isEmpty()) {
                talk.done = true;
                connection.close();
            }
        }

        @Override
        public void secured(Connection connection) {
            Talk talk = (Talk) connection.attachment();
            for (int i = random.nextInt(LINES); i > 0; i--) {
                talk.ask(connection, "secret " + "y".repeat(random.nextInt(4000)));
            }
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            closed++;
            Talk talk = (Talk) connection.attachment();
            assertTrue(!(reason instanceof CloseReason.HandlerFailed), reason::toString);
            if (talk.injects) {
                refused++;
            } else if (talk.done) {
                whole++;
            }
        }
    }

    private void run(int seed, Faults faults) throws Exception {
        TlsSimRun run = new TlsSimRun(seed, faults);
        random = run.random;
        sim = run.sim;
        ServerTls tls = TlsKeys.ofLocalhost().server();
        run.start(
                4 << 20,
                endpoint -> endpoint.withStartTls(tls),
                new Answering(),
                Connector.builder(new Asking()).startTls(run.client().build()));
        run.run(Talk::new);
        assertEquals(opened, closed);
    }

    @Test
    void nothingOfTheOneSideIsTakenForTheOthers() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, Faults.mixed());
        }
        assertTrue(whole > 10, () -> whole + " ended in order");
        assertTrue(injectors > 10, () -> injectors + " have sent on");
    }

    @Test
    void withoutFaultsAllGoOverWhoKeepTheRule() throws Exception {
        for (int seed = 0; seed < 8; seed++) {
            run(seed, Faults.none());
        }
        assertEquals(8 * TlsSimRun.CLIENTS, whole + refused);
        assertEquals(injectors, refused);
        assertEquals(whole, wentOver);
        assertTrue(injectors > 5, () -> injectors + " have sent on");
    }
}
