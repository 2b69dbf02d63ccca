// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Two servers of the same, of which one drains while clients ask both through something that stands in front. */
final class Backends implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final Duration WINDOW = Duration.ofSeconds(1);

    final Server first;
    final Server second;
    private final AtomicInteger byFirst = new AtomicInteger();
    private final AtomicInteger bySecond = new AtomicInteger();
    private final Set<String> handled = ConcurrentHashMap.newKeySet(); // targets of POST
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    Backends() throws IOException {
        first = server(byFirst);
        second = server(bySecond);
    }

    private Server server(AtomicInteger count) throws IOException {
        return Http.server(Endpoint.tcp("127.0.0.1", 0), (request, reply) -> answer(request, reply, count))
                .start();
    }

    private void answer(HttpRequest request, HttpReply reply, AtomicInteger count) {
        if (request.method().equals("POST") && !handled.add(request.target())) {
            errors.add(request.target() + " came twice");
        }
        count.incrementAndGet();
        reply.send("text/plain", request.body());
    }

    /**
     * Drains the first while clients ask, and until they have asked the second often. Each GET must be answered: what the
     * first didn't take, the second can be asked again. A POST can't be, if it may have been taken. So one may be lost, when
     * it comes just as its connection ends, but then no server has handled it.
     *
     * @return what went wrong
     */
    String drainTheFirstUnderLoad(int port) throws Exception {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            clients.add(new Thread(() -> askUntilStopped(port, client), "client-" + i));
        }
        clients.forEach(Thread::start);
        try {
            await(() -> byFirst.get() > 100 && bySecond.get() > 100, () -> "answers of both, " + errors);
            first.drain(WINDOW);
            int before = bySecond.get();
            await(() -> bySecond.get() > before + 200, () -> "answers of the second, " + errors);
        } finally {
            stopped = true;
            for (Thread client : clients) {
                client.join();
            }
        }
        return String.join("\n", errors);
    }

    private void askUntilStopped(int port, int client) {
        try {
            for (int i = 0; !stopped && errors.size() < 10; i++) {
                String target = "/" + client + "/" + i;
                if (i % 4 == 3) {
                    post(port, target);
                } else {
                    expect(200, "", Asking.ask("GET", port, target));
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            errors.add(e.toString());
        }
    }

    private void post(int port, String target) throws IOException, InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = Asking.ask("POST", port, target, BodyPublishers.ofString(target));
        } catch (IOException e) { // nginx answers with 502, HAProxy just ends the connection
            if (handled.contains(target)) {
                throw e;
            }
            return;
        }
        if (response.statusCode() != 502 || handled.contains(target)) {
            expect(200, target, response);
        }
    }

    private void expect(int status, String body, HttpResponse<byte[]> response) {
        String got = new String(response.body(), ISO_8859_1);
        if (response.statusCode() != status || !got.equals(body)) {
            errors.add(response + ": " + got);
        }
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
