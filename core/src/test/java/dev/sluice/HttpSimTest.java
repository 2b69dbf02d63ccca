// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameView;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * HTTP under faults, with seeds. Each request has a number that no other has, and each reply is compared byte for byte: so none
 * is joined to another, none is answered twice or on another connection. The server holds each number to be new, too.
 */
class HttpSimTest {
    private static final int SEEDS = 60;
    private static final int CLIENTS = 6;
    private static final int REQUESTS = 12;
    private static final long MILLIS = 784_111_777_000L;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private long number;

    private void note(String target) {
        assertTrue(seen.add(target), () -> target + " was seen twice");
    }

    /** The target, and then the body. */
    private static ByteBuffer answer(String target, ByteBuffer body) {
        byte[] text = FrameView.copy(body).array();
        return ByteBuffer.wrap((target + '\n' + new String(text, ISO_8859_1)).getBytes(ISO_8859_1));
    }

    private HttpProtocol gathering() {
        return HttpProtocol.gathering((request, reply) -> {
            note(request.target());
            if (request.target().endsWith("0")) {
                reply.defer().send("t/t", answer(request.target(), request.body()));
            } else {
                reply.send("t/t", answer(request.target(), request.body()));
            }
        });
    }

    private HttpProtocol streaming() {
        return HttpProtocol.streaming((request, reply) -> {
            String target = request.target();
            note(target);
            StringBuilder body = new StringBuilder();
            return (content, later) -> {
                body.append(new String(FrameView.copy(content.bytes()).array(), ISO_8859_1));
                if (content.isLast()) {
                    later.send(
                            "t/t",
                            answer(target, ByteBuffer.wrap(body.toString().getBytes(ISO_8859_1))));
                }
            };
        });
    }

    private Conversation.Exchange exchange(RandomGenerator random) {
        String target = "/" + number++;
        String body = "x".repeat(random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(40));
        StringBuilder request = new StringBuilder(body.isEmpty() ? "GET " : "POST ");
        request.append(target).append(" HTTP/1.1\r\nHost: h\r\n");
        if (body.isEmpty()) {
            request.append("\r\n");
        } else if (random.nextBoolean()) {
            request.append("Content-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
        } else {
            request.append("Transfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < body.length(); ) {
                int bytes = Math.min(body.length() - at, 1 + random.nextInt(5000));
                request.append(Integer.toHexString(bytes)).append(random.nextBoolean() ? ";a=\"b\"\r\n" : "\r\n");
                request.append(body, at, at + bytes).append("\r\n");
                at += bytes;
            }
            request.append("0\r\n").append(random.nextBoolean() ? "T: v\r\n\r\n" : "\r\n");
        }
        String answer = target + '\n' + body;
        String reply = HttpServer.reply("200 OK", "Content-Type: t/t", "Content-Length: " + answer.length()) + answer;
        return new Conversation.Exchange(request.toString().getBytes(ISO_8859_1), reply.getBytes(ISO_8859_1));
    }

    private void run(int seed, HttpProtocol protocol) throws Exception {
        seen.clear();
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(seed % 2 == 0 ? Topology.singleThread() : Topology.acceptorAndReaders(2))
                .poisonBuffers(true)
                .listen(
                        Endpoint.tcp("10.0.0.1", 7000),
                        protocol.withClock(() -> MILLIS).withLimits(HttpLimits.defaults()))
                .start();
        RandomClients clients =
                sim.randomClients(CLIENTS, server.address(), this::exchange).requests(REQUESTS);
        sim.runClients(Duration.ofHours(2));
        assertTrue(clients.replies() > 0);
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(10));
        assertEquals(0, server.connections());
    }

    @Test
    void gatheredRequestsAreAnsweredOnceAndByTheirOwnReply() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, gathering());
        }
    }

    @Test
    void streamedRequestsAreAnsweredOnceAndByTheirOwnReply() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, streaming());
        }
    }
}
