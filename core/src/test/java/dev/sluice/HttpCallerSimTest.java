// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.http.HttpResponse;
import dev.sluice.http.HttpResponseHandler;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Clients and servers of HTTP under faults, with seeds. Each request has a number that no other has: so each is told one end, its own
 * response or that there is none, and responses come in the order of the requests.
 */
class HttpCallerSimTest {
    private static final int SEEDS = 80;
    private static final int CONNECTIONS = 6;
    private static final int REQUESTS = 12;

    private SplittableRandom random;
    private Connector connector;
    private Server server;
    private int connectionsLeft;
    private int number;
    private int answered;
    private int failed;
    private int sent;

    /** As a body of one part, of several, or later; and sometimes as the last reply. */
    private void answer(HttpRequest request, HttpReply reply) {
        String text = request.target() + "\n" + text(request.body());
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        switch (random.nextInt(8)) {
            case 0 -> reply.defer().send("t/t", body);
            case 1 -> {
                HttpReplyStream stream = reply.stream("t/t");
                stream.write(body.duplicate().limit(1));
                stream.write(body.duplicate().position(1));
                stream.end();
            }
            case 2 -> (random.nextInt(10) == 0 ? reply.thenClose() : reply).send("t/t", body);
            default -> reply.send("t/t", body);
        }
    }

    /** One connection, which is replaced when it ends. */
    private final class Calls {
        private final HttpCaller caller;
        private int left = REQUESTS;
        private int lastTold = -1;

        Calls(HttpCaller caller) {
            this.caller = caller;
        }

        void goOn() {
            for (int i = random.nextInt(3); i >= 0 && left > 0; i--, left--) {
                if (!new One(this).send()) {
                    return;
                }
            }
        }

        void told(int n) {
            assertTrue(n > lastTold, () -> n + " was told behind " + lastTold);
            lastTold = n;
        }
    }

    private final class One implements HttpResponseHandler {
        private final Calls calls;
        private final int n = number++;
        private final String body = "x".repeat(random.nextInt(6) == 0 ? random.nextInt(20_000) : random.nextInt(30));
        private final boolean head = random.nextInt(5) == 0;
        private final StringBuilder got = new StringBuilder();
        private boolean over;

        One(Calls calls) {
            this.calls = calls;
        }

        boolean send() {
            ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(ISO_8859_1));
            HttpRequestHead request = HttpRequestHead.of(head ? "HEAD" : "POST", "/" + n, "h");
            boolean accepted = calls.caller.send(request, bytes, this);
            sent += accepted ? 1 : 0;
            return accepted;
        }

        @Override
        public void response(HttpResponse response) {
            assertFalse(over);
            assertEquals(200, response.status());
            got.append(text(response.body()));
            if (!response.hasBody()
                    || response.contentLength() == 0
                    || response.body().hasRemaining()) {
                whole();
            }
        }

        @Override
        public void content(HttpContent part) {
            assertFalse(over);
            got.append(text(part.bytes()));
            if (part.isLast()) {
                whole();
            }
        }

        private void whole() {
            over = true;
            answered++;
            calls.told(n);
            assertEquals(head ? "" : "/" + n + "\n" + body, got.toString());
            boolean isLast = calls.caller.unanswered() == 1; // this one, until the call is over
            if (isLast && calls.left == 0) {
                calls.caller.connection().close();
            } else if (isLast) {
                calls.goOn();
            }
        }

        @Override
        public void failed(CloseReason reason) {
            assertFalse(over);
            over = true;
            failed++;
            calls.told(n);
        }
    }

    private void connect() {
        if (connectionsLeft-- > 0) {
            connector.connect(server.address()).whenComplete((connection, failure) -> {
                if (failure != null) {
                    connect();
                } else {
                    new Calls(HttpCaller.of(connection)).goOn();
                }
            });
        }
    }

    private void run(int seed, HttpClientProtocol protocol) throws Exception {
        random = new SplittableRandom(seed);
        number = 0;
        answered = 0;
        failed = 0;
        sent = 0;
        connectionsLeft = 4 * CONNECTIONS;
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        server = Server.builder()
                .environment(sim.environment())
                .poisonBuffers(true)
                .listen(Endpoint.tcp("10.0.0.1", 7000), HttpProtocol.gathering(this::answer))
                .start();
        connector = server.connector(protocol);
        for (int i = 0; i < CONNECTIONS; i++) {
            connect();
        }
        sim.run(Duration.ofMinutes(30));
        assertTrue(answered > 0, () -> "seed " + seed + ": nothing was answered");
        assertEquals(sent, answered + failed, () -> "seed " + seed + ": a request was told no end");
        assertEquals(0, server.connections(), () -> "seed " + seed);
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(10));
    }

    @Test
    void gatheredResponsesAreThoseOfTheirRequests() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, HttpClientProtocol.gathering());
        }
    }

    @Test
    void streamedResponsesAreThoseOfTheirRequests() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, HttpClientProtocol.streaming());
        }
    }
}
