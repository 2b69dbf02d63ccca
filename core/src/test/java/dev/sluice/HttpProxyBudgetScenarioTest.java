// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HeldBytes;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpBackendsStatus;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.Health;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A reverse proxy whose memory budget is small, while long bodies go both ways and many clients don't read. */
class HttpProxyBudgetScenarioTest {
    private static final int BUDGET = 1 << 20;
    private static final int HOARDERS = 24;
    private static final int BODY = 400_000;
    private static final int SMALL = 4096;

    private final MemoryBudget budget = MemoryBudget.ofBytes(BUDGET);
    private final AtomicLong mostUsed = new AtomicLong();
    private final List<Client> hoarders = new ArrayList<>();

    /** Sends back each body while it comes. */
    private void echoAll(ServerSocket listener) {
        try {
            while (true) {
                Client accepted = new Client(listener.accept());
                daemon(() -> echo(accepted));
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private void echo(Client accepted) {
        byte[] bytes = new byte[8192];
        try (accepted) {
            accepted.socket.setSoTimeout(0);
            while (true) {
                String head = accepted.readThrough("\r\n\r\n");
                long left = Long.parseLong(head.replaceFirst("(?s).*Content-Length: ([0-9]+).*", "$1"));
                accepted.send("HTTP/1.1 200 OK\r\nContent-Length: " + left + "\r\n\r\n");
                while (left > 0) {
                    int n = accepted.socket.getInputStream().read(bytes, 0, (int) Math.min(left, bytes.length));
                    if (n < 0) {
                        return;
                    }
                    accepted.send(Arrays.copyOf(bytes, n));
                    left -= n;
                    mostUsed.accumulateAndGet(budget.usedBytes(), Math::max);
                }
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void send(Client to, int length, byte[] body, AtomicBoolean enough) {
        try {
            to.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
            for (int at = 0; at < length && !enough.get(); at += body.length) {
                to.send(body);
            }
        } catch (IOException e) {
            // it was cut
        }
    }

    /** Whether all of it has come back; if not, the connection has ended, and what has come is right up to there. */
    private static boolean comesBack(TestServer server, byte[] body) throws Exception {
        try (Client client = new Client(server.server)) {
            Thread sender = daemon(() -> send(client, body.length, body, new AtomicBoolean()));
            try {
                String head = client.readThrough("\r\n\r\n");
                if (!head.startsWith("HTTP/1.1 200 ")) {
                    assertTrue(head.startsWith("HTTP/1.1 50"), head);
                    return false;
                }
                byte[] got = client.socket.getInputStream().readNBytes(body.length);
                assertTrue(Arrays.equals(got, 0, got.length, body, 0, got.length), "other bytes came back");
                return got.length == body.length;
            } catch (java.net.SocketTimeoutException e) {
                throw new AssertionError("neither an answer nor an end", e);
            } catch (IOException e) {
                return false; // it was reset
            } finally {
                client.close();
                sender.join();
            }
        }
    }

    @Test
    void bodiesThatGoBothWaysStayWithinTheBudgetAndNothingIsLeftOfThem() throws Exception {
        byte[] body = new byte[BODY];
        new Random(11).nextBytes(body);
        AtomicBoolean enough = new AtomicBoolean();
        HttpBackends backends;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            daemon(() -> echoAll(listener));
            Upstream upstream = Upstream.builder("test")
                    .backends(List.of(Backend.of("one", listener.getLocalSocketAddress())))
                    .health(Health.withoutEjection())
                    .build();
            backends = HttpBackends.of(upstream);
            HttpProtocol http = HttpProtocol.streaming(HttpProxy.to(backends));
            List<Thread> senders = new ArrayList<>();
            try (TestServer server = new TestServer(
                    http.withLimits(dev.sluice.http.HttpLimits.defaults().withBodyBytes(1L << 40)),
                    builder -> builder.budget(budget))) {
                for (int i = 0; i < HOARDERS; i++) {
                    Client hoarder = new Client(server.server, SMALL);
                    hoarders.add(hoarder);
                    senders.add(daemon(() -> send(hoarder, Integer.MAX_VALUE, body, enough)));
                }
                Await.until(
                        "the budget is used up",
                        () -> server.server.closed().get(CloseReason.Kind.BUDGET_EXHAUSTED) > 0);
                int whole = 0;
                for (int i = 0; i < 5; i++) {
                    whole += comesBack(server, body) ? 1 : 0;
                }
                assertTrue(mostUsed.get() <= BUDGET, () -> "used up to " + mostUsed);
                enough.set(true);
                for (Client hoarder : hoarders) {
                    hoarder.reset();
                }
                for (Thread sender : senders) {
                    sender.join();
                }
                Await.until("they are gone", () -> isQuiet(backends));
                assertTrue(comesBack(server, body), "nobody else is there, and " + whole + " came back before");
                System.out.printf("budget: %d of 5 came back beside %d who don't read%n", whole, HOARDERS);
            }
            assertEquals(
                    0,
                    upstream.status().stream().mapToInt(BackendStatus::active).sum());
        }
        assertTrue(isQuiet(backends), () -> backends.status().toString());
        assertEquals(0, HeldBytes.of(backends));
        assertEquals(0, budget.usedBytes());
    }

    private static boolean isQuiet(HttpBackends backends) {
        HttpBackendsStatus status = backends.status();
        return status.requests()
                == status.responses()
                        + status.badGateway()
                        + status.unavailable()
                        + status.timeouts()
                        + status.brokenOff()
                        + status.abandoned();
    }
}
