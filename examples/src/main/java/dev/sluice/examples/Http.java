// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyFields;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpRouter;
import dev.sluice.http.HttpTarget;
import dev.sluice.prelude.IpText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * An application's server over HTTP: replies at once, later, and in parts. Try it with
 * {@code curl -N http://127.0.0.1:7004/events}.
 *
 * <ul>
 *   <li>{@code GET /plaintext}, {@code GET /json}: a greeting.
 *   <li>{@code POST /echo}: the body that was sent.
 *   <li>{@code GET /slow?ms=N}: a reply after N milliseconds, 0 to 10,000, for 10,000 clients at a time.
 *   <li>{@code GET /stream?lines=N}: a line at once and each second, 1 to 3,600 of them, 10 unless told.
 *   <li>{@code GET /events}: server-sent events, one at once and each second for as long as the client stays.
 * </ul>
 */
public final class Http {
    private static final String TEXT = "text/plain";
    private static final String BYTES = "application/octet-stream";
    private static final HttpReplyFields FIELDS = HttpReplyFields.of("Server", "sluice");
    private static final HttpReplyFields NO_STORE = HttpReplyFields.of("Cache-Control", "no-store");
    private static final int MOST_MILLIS = 10_000;
    private static final int MOST_LINES = 3_600;
    private static final int MOST_AT_A_TIME = 10_000;

    private final ScheduledExecutorService scheduler;
    private final AtomicInteger waiting = new AtomicInteger(); // replies that this owes

    private Http(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /** A server of all of this, still to be started. */
    public static Server.Builder server(Endpoint endpoint) {
        return server(endpoint, application());
    }

    /** A server with another handler, still to be started. */
    public static Server.Builder server(Endpoint endpoint, HttpHandler handler) {
        return Server.builder().listen(endpoint, HttpProtocol.gathering(handler));
    }

    /** All of this. What is given later is given by a thread that doesn't keep the process alive. */
    public static HttpHandler application() {
        Http http = new Http(Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "http-later");
            thread.setDaemon(true);
            return thread;
        }));
        return HttpRouter.builder()
                .route("GET", "/plaintext", (request, reply) -> reply.fields(FIELDS)
                        .send(TEXT, "Hello, World!"))
                .route("GET", "/json", (request, reply) -> reply.fields(FIELDS)
                        .send("application/json", "{\"message\":\"Hello, World!\"}"))
                .route("POST", "/echo", Http::echo)
                .route("GET", "/slow", http::slow)
                .route("GET", "/stream", http::stream)
                .route("GET", "/events", http::events)
                .build();
    }

    /** Sends each request's body back, whatever its path. */
    public static void echo(HttpRequest request, HttpReply reply) {
        if (request.method().equals("CONNECT")) {
            reply.status(501).send(TEXT, "no tunnels here\n");
        } else {
            reply.send(BYTES, request.body());
        }
    }

    /** Tells each client its address. */
    public static void whoAmI(HttpRequest request, HttpReply reply) {
        if (request.method().equals("CONNECT")) {
            reply.status(501).send(TEXT, "no tunnels here\n");
        } else if (reply.connection().remoteAddress() instanceof InetSocketAddress remote) {
            reply.send(TEXT, IpText.text(remote.getAddress()) + ":" + remote.getPort() + "\n");
        } else {
            reply.send(TEXT, "a process of this machine\n"); // by a Unix domain socket
        }
    }

    private void slow(HttpRequest request, HttpReply reply) {
        int millis = number(request, "ms", 0, 0, MOST_MILLIS);
        if (millis < 0) {
            reply.status(400).send(TEXT, "ms must be 0 to " + MOST_MILLIS + "\n");
        } else if (mayWait(reply)) {
            HttpReply later = reply.defer();
            Runnable send = () -> {
                waiting.decrementAndGet();
                later.send(TEXT, millis + " ms later\n");
            };
            scheduler.schedule(send, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void stream(HttpRequest request, HttpReply reply) {
        int lines = number(request, "lines", 10, 1, MOST_LINES);
        if (lines < 0) {
            reply.status(400).send(TEXT, "lines must be 1 to " + MOST_LINES + "\n");
        } else if (mayWait(reply)) {
            new Ticks(reply.fields(NO_STORE).stream(TEXT), lines, i -> "line " + i + "\n").run();
        }
    }

    private void events(HttpRequest request, HttpReply reply) {
        if (mayWait(reply)) {
            HttpReplyStream stream = reply.fields(NO_STORE).stream("text/event-stream");
            new Ticks(stream, Long.MAX_VALUE, i -> "id: " + i + "\ndata: tick " + i + "\n\n").run();
        }
    }

    /** Counts one more that is owed something, or tells it to come again. */
    private boolean mayWait(HttpReply reply) {
        if (waiting.incrementAndGet() <= MOST_AT_A_TIME) {
            return true;
        }
        waiting.decrementAndGet();
        reply.status(503).field("Retry-After", "1").send(TEXT, "too many are waiting\n");
        return false;
    }

    /** A parameter of the query, or -1 if it is not in the range. */
    private static int number(HttpRequest request, String name, int otherwise, int least, int most) {
        String text =
                HttpTarget.of(request).flatMap(target -> target.parameter(name)).orElse("" + otherwise);
        if (!text.matches("[0-9]{1,9}")) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number >= least && number <= most ? number : -1;
    }

    /** Writes something at once and each second, until all is written, the client has gone, or the server drains. */
    private final class Ticks implements Runnable {
        private final HttpReplyStream stream;
        private final long last;
        private final LongFunction<String> text;
        private long tick;
        private volatile boolean full; // the client doesn't read; ticks are left out until it does

        Ticks(HttpReplyStream stream, long last, LongFunction<String> text) {
            this.stream = stream;
            this.last = last;
            this.text = text;
        }

        @Override
        public void run() {
            tick++;
            if (!full && !stream.write(ByteBuffer.wrap(text.apply(tick).getBytes(StandardCharsets.UTF_8)))) {
                full = true;
                stream.whenWritable(() -> full = false);
            }
            if (tick == last || !stream.isOpen() || stream.connection().isDraining()) {
                waiting.decrementAndGet();
                stream.end();
            } else {
                scheduler.schedule(this, 1, TimeUnit.SECONDS);
            }
        }
    }

    /** Listens on the port that is the first argument, or on 7004. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7004;
        Server server = server(Endpoint.tcp("127.0.0.1", port)).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
