// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

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
 * The proxy's pages, by a server of their own: {@code /} for people, {@code /metrics} for scrapers, {@code /health} for whoever
 * is in front, {@code /config}, and {@code POST /reload}. There is no password: it is for addresses that only those can reach
 * who may see and do all of this.
 */
final class AdminPages implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final L4Proxy proxy;
    private final Reloads reloads;
    private final ExecutorService later = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "l4-reload");
        thread.setDaemon(true);
        return thread;
    });
    private final Server server;

    /** Opens them. */
    AdminPages(HostPort address, L4Proxy proxy, Reloads reloads) throws IOException {
        this.proxy = proxy;
        this.reloads = reloads;
        HttpHandler pages = HttpRouter.builder()
                .route("GET", "/", (request, reply) -> reply.send(TEXT, StatusPage.of(snapshot())))
                .route(
                        "GET",
                        "/metrics",
                        (request, reply) -> reply.send(Exposition.CONTENT_TYPE, MetricsPage.of(snapshot())))
                .route("GET", "/health", this::health)
                .route("GET", "/config", (request, reply) -> reply.send(TEXT, ConfigText.of(proxy.config())))
                .route("POST", "/reload", this::reload)
                .build();
        server = Server.builder()
                .name("l4-admin")
                .listen(Endpoint.parse("tcp://" + address), HttpProtocol.gathering(pages))
                .topology(Topology.singleThread())
                .start();
    }

    /** Where they are. */
    String address() {
        return server.listeners().get(0).toString();
    }

    private Snapshot snapshot() {
        return proxy.snapshot(reloads.failed());
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
            Reloads.Outcome outcome = reloads.reload();
            answer.status(outcome.taken() ? 200 : 409).send(TEXT, outcome.text() + "\n");
        });
    }

    @Override
    public void close() {
        later.shutdown();
        server.close();
    }
}
