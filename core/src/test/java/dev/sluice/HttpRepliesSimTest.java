// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.sim.Client;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Replies given in each way and at each time, by Readers, workers and other threads, under faults, with seeds. Each exchange
 * has a number, and each byte of its reply is known.
 */
class HttpRepliesSimTest {
    private static final int SEEDS = 100;
    private static final long MILLIS = 784_111_777_000L;

    /** When and how a request is answered: what its path begins with. */
    private enum Way {
        AT_ONCE,
        EARLY,
        UNWANTED,
        LAST,
        ELSEWHERE,
        ELSEWHERE_EARLY,
        CHUNKS,
        CHUNKS_ELSEWHERE,
        CHUNKS_WHILE_IT_COMES
    }

    private final AtomicInteger begun = new AtomicInteger(); // bodies
    private final AtomicInteger ended = new AtomicInteger(); // received whole, or told that they will not be
    private final LoggedRequests log = new LoggedRequests();
    private Executor elsewhere;
    private long number;

    private HttpReceiver handle(HttpRequest request, HttpReply reply) {
        String text = request.target();
        log.handled(text);
        Way way = Way.valueOf(text.substring(1, text.indexOf('/', 1)));
        boolean hasBody = request.contentLength() > 0 || request.isChunked();
        switch (way) {
            case AT_ONCE, UNWANTED -> reply.send("t/t", text);
            case EARLY -> reply.send("t/t", text);
            case ELSEWHERE_EARLY -> {
                HttpReply later = reply.defer();
                elsewhere.execute(() -> later.send("t/t", text));
            }
            case CHUNKS -> chunks(reply, text);
            default -> {
                // with the last piece
            }
        }
        if (way == Way.AT_ONCE && !hasBody || way == Way.UNWANTED) {
            return null;
        }
        begun.incrementAndGet();
        return new Receiver(way, text, way == Way.CHUNKS_WHILE_IT_COMES ? reply.stream("t/t") : null);
    }

    private static void chunks(HttpReply reply, String text) {
        HttpReplyStream stream = reply.stream("t/t");
        stream.write(TestServer.bytes(text.substring(0, 1)));
        stream.write(TestServer.bytes(text.substring(1)));
        stream.end();
    }

    private final class Receiver implements HttpReceiver {
        private final Way way;
        private final String text;
        private final HttpReplyStream stream; // or null
        private boolean over;

        Receiver(Way way, String text, HttpReplyStream stream) {
            this.way = way;
            this.text = text;
            this.stream = stream;
        }

        @Override
        public void receive(HttpContent part, HttpReply reply) {
            assertTrue(!over, "a piece behind the last, or behind the end");
            if (!part.isLast()) {
                return;
            }
            end();
            switch (way) {
                case LAST -> reply.send("t/t", text);
                case ELSEWHERE -> {
                    HttpReply later = reply.defer();
                    elsewhere.execute(() -> later.send("t/t", text));
                }
                case CHUNKS_ELSEWHERE -> {
                    HttpReply later = reply.defer();
                    elsewhere.execute(() -> chunks(later, text));
                }
                case CHUNKS_WHILE_IT_COMES -> {
                    stream.write(TestServer.bytes(text.substring(0, 1)));
                    stream.write(TestServer.bytes(text.substring(1)));
                    stream.end();
                }
                default -> {
                    // was given before
                }
            }
        }

        @Override
        public void ended() {
            assertTrue(!over, "an end behind the last piece, or behind another end");
            end();
        }

        private void end() {
            over = true;
            ended.incrementAndGet();
        }
    }

    private Conversation.Exchange exchange(RandomGenerator random) {
        return exchange(random, "");
    }

    private Conversation.Exchange exchange(RandomGenerator random, String field) {
        Way way = Way.values()[random.nextInt(Way.values().length)];
        String target = "/" + way + "/" + number++;
        String body = "x".repeat(random.nextInt(3) == 0 ? random.nextInt(30_000) : random.nextInt(3));
        String request = "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + field;
        if (random.nextBoolean()) {
            request += "Content-Length: " + body.length() + "\r\n\r\n" + body;
        } else {
            String chunk = body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
            request += "Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n";
        }
        List<String> fields = new ArrayList<>();
        if (!field.isEmpty()) {
            fields.add("Connection: close");
        }
        fields.add("Content-Type: t/t");
        String reply = target;
        if (way.name().startsWith("CHUNKS")) {
            fields.add("Transfer-Encoding: chunked");
            String rest = target.substring(1);
            reply = "1\r\n/\r\n" + Integer.toHexString(rest.length()) + "\r\n" + rest + "\r\n0\r\n\r\n";
        } else {
            fields.add("Content-Length: " + target.length());
        }
        String head = HttpServer.reply("200 OK", fields.toArray(new String[0]));
        return new Conversation.Exchange(request.getBytes(ISO_8859_1), (head + reply).getBytes(ISO_8859_1));
    }

    private Server start(Simulation sim, int seed) throws IOException {
        elsewhere = sim.executor();
        number = 0; // so that a seed alone repeats a run
        Topology topology =
                switch (seed % 3) {
                    case 0 -> Topology.singleThread();
                    case 1 -> Topology.acceptorAndReaders(2);
                    default -> Topology.workers(2, elsewhere);
                };
        Limits limits = Limits.defaults();
        return Server.builder()
                .environment(sim.environment())
                .topology(topology)
                .limits(seed % 2 == 0 ? limits : limits.withRepliesInFlight(2).withRequestsPerTurn(1))
                .deadlines(Deadlines.defaults().withLinger(Duration.ofMinutes(2))) // more than the clock ever jumps
                .poisonBuffers(true)
                .listen(
                        Endpoint.tcp("10.0.0.1", 7000),
                        HttpProtocol.streaming(this::handle)
                                .withClock(() -> MILLIS)
                                .withAccessLog(HttpAccessLog.common(log)))
                .start();
    }

    private void stop(Simulation sim, Server server) throws InterruptedException {
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(10));
        assertEquals(0, server.connections());
        assertEquals(0, server.closed().get(CloseReason.Kind.HANDLER_FAILED));
        assertEquals(0, server.closed().get(CloseReason.Kind.BAD_FRAME));
        assertEquals(begun.get(), ended.get(), "each body ends once");
        log.check();
    }

    @Test
    void eachRequestGetsItsReplyInWhateverWayItIsGiven() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
            Server server = start(sim, seed);
            RandomClients clients =
                    sim.randomClients(8, server.address(), this::exchange).requests(20);
            sim.runClients(Duration.ofHours(2));
            assertTrue(clients.replies() > 0);
            stop(sim, server);
            assertTrue(log.whole() >= clients.replies(), "lines of whole replies");
            log.clear();
        }
    }

    @Test
    void theLastRequestGetsItsReplyAndThenTheEnd() throws Exception {
        int whole = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
            Server server = start(sim, seed);
            RandomGenerator random = new SplittableRandom(seed);
            List<Client> clients = new ArrayList<>();
            List<List<String>> asked = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Conversation.Exchange first = exchange(random);
                Conversation.Exchange last = exchange(random, "Connection: close\r\n");
                asked.add(List.of(target(first), target(last)));
                Client client = sim.client("10.0.1." + (i + 1))
                        .connect(server.address())
                        .send(join(first.request(), last.request()))
                        .expect(join(first.reply(), last.reply()))
                        .expectEnd()
                        .close();
                clients.add(client);
            }
            sim.runClients(Duration.ofHours(2));
            whole += (int) clients.stream().filter(c -> !c.wasCut()).count();
            stop(sim, server);
            for (int i = 0; i < clients.size(); i++) {
                if (!clients.get(i).wasCut()) {
                    asked.get(i).forEach(target -> assertTrue(log.isWhole(target), target));
                }
            }
            log.clear();
        }
        assertTrue(whole > SEEDS, "clients that were not cut");
    }

    private static String target(Conversation.Exchange exchange) {
        return new String(exchange.request(), ISO_8859_1).split(" ", 3)[1];
    }

    private static byte[] join(byte[] one, byte[] other) {
        return ByteBuffer.allocate(one.length + other.length)
                .put(one)
                .put(other)
                .array();
    }
}
