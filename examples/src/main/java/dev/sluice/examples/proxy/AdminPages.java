// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpRouter;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A proxy's pages, by a server of their own: {@code /} for people, {@code /metrics} for scrapers, {@code /health} for whoever
 * is in front, {@code /config}, and {@code POST /reload}. There is no password: it is for addresses that only those can reach
 * who may see and do all of this.
 */
public final class AdminPages implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";

    /** Whose pages they are. Any thread. */
    public interface Shown {
        /** Its figures. */
        Snapshot snapshot();

        /** The configuration that is in use, as a file that reads the same. */
        String config();

        /** Writes metrics that others don't have. */
        void metrics(Exposition out);

        /** Whether it is ending. */
        boolean isDraining();

        /** Reads its file again. May take seconds. */
        Reloads.Outcome reload();
    }

    private final Words words;
    private final Shown proxy;
    private final ExecutorService later;
    private final Server server;

    /** Opens them. */
    public AdminPages(HostPort address, Words words, Shown proxy) throws IOException {
        this.words = words;
        this.proxy = proxy;
        later = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, words.proxy() + "-reload");
            thread.setDaemon(true);
            return thread;
        });
        HttpHandler pages = HttpRouter.builder()
                .route("GET", "/", this::status)
                .route("GET", "/metrics", this::metrics)
                .route("GET", "/health", this::health)
                .route("GET", "/config", (request, reply) -> reply.send(TEXT, proxy.config()))
                .route("POST", "/reload", this::reload)
                .build();
        server = Server.builder()
                .name(words.proxy() + "-admin")
                .listen(Endpoint.parse("tcp://" + address), HttpProtocol.gathering(pages))
                .topology(Topology.singleThread())
                .start();
    }

    /** Where they are. */
    public String address() {
        return server.listeners().get(0).toString();
    }

    private void status(HttpRequest request, HttpReply reply) {
        reply.send(TEXT, StatusPage.of(proxy.snapshot(), words));
    }

    private void metrics(HttpRequest request, HttpReply reply) {
        reply.send(Exposition.CONTENT_TYPE, MetricsPage.of(proxy.snapshot(), words, proxy::metrics));
    }

    private void health(HttpRequest request, HttpReply reply) {
        if (proxy.isDraining()) {
            reply.status(503).send(TEXT, "ending\n");
        } else {
            reply.send(TEXT, "ok\n");
        }
    }

    private void reload(HttpRequest request, HttpReply reply) {
        if (request.field("Origin") != null) {
            reply.status(403).send(TEXT, "not for pages of browsers\n"); // somebody else's page could send that
            return;
        }
        HttpReply answer = reply.defer();
        later.execute(() -> {
            Reloads.Outcome outcome = proxy.reload();
            answer.status(outcome.taken() ? 200 : 409).send(TEXT, outcome.text() + "\n");
        });
    }

    @Override
    public void close() {
        later.shutdown();
        server.close();
    }
}
