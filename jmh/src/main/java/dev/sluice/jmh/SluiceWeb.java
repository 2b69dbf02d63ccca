// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** {@link WebPages} by Sluice, with its defaults, on one thread: plain, or by TLS 1.3. */
final class SluiceWeb implements EchoServer, HttpHandler {
    private final ByteBuffer small = direct(WebPages.small());
    private final ByteBuffer large = direct(WebPages.large());
    private final Server server;

    /** Plain. */
    SluiceWeb() throws IOException {
        this(Endpoint.tcp("127.0.0.1", 0));
    }

    /** By TLS, on all addresses. */
    SluiceWeb(Certificates certificates) throws IOException {
        this(Endpoint.tcp("0.0.0.0", 0).withTls(ServerTls.of(certificates.identity())));
    }

    private SluiceWeb(Endpoint endpoint) throws IOException {
        server = Server.builder()
                .listen(endpoint, HttpProtocol.gathering(this))
                .topology(Topology.singleThread())
                .name("sluice-web")
                .start();
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().asReadOnlyBuffer();
    }

    @Override
    public void handle(HttpRequest request, HttpReply reply) {
        if (request.targetIs(WebPages.SMALL)) {
            reply.send("text/plain", small.duplicate());
        } else if (request.targetIs(WebPages.LARGE)) {
            reply.send("text/plain", large.duplicate());
        } else if (request.targetIs(WebPages.LAST)) {
            reply.thenClose().send("text/plain", small.duplicate());
        } else {
            reply.sendError(404, "no such page");
        }
    }

    /** How many bytes sockets have taken, of all connections together. */
    long bytesWritten() {
        return server.counters().bytesWritten();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void stop() throws InterruptedException {
        server.stop(Duration.ZERO);
    }
}
