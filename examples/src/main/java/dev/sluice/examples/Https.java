// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReplyFields;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A server of HTTPS, which ends TLS itself and looks for another certificate each hour, as those that are renewed by programs
 * last for weeks. Try it with {@code curl --cacert ca.pem https://localhost:7443/}.
 */
public final class Https {
    private static final HttpReplyFields CAREFUL = HttpReplyFields.of("X-Content-Type-Options", "nosniff");

    private Https() {}

    // snippet: https
    /** A server, still to be started. */
    public static Server.Builder server(Endpoint endpoint, ServerTls tls, HttpHandler handler) {
        return Server.builder().listen(endpoint.withTls(tls), HttpProtocol.gathering(careful(handler)));
    }

    /** The same replies, of which browsers are told that each is what its Content-Type says, and nothing else. */
    public static HttpHandler careful(HttpHandler handler) {
        return with(CAREFUL, handler);
    }
    // end snippet

    /**
     * The same replies, which bind the host name that browsers came by: for so long they use nothing but HTTPS for it, at
     * all ports (RFC 6797). It can't be taken back from a browser that doesn't come again, so say it for a name that is
     * yours, and never for {@code localhost}.
     *
     * @param seconds 0 or more; 0 to forget it
     */
    public static HttpHandler binding(HttpHandler handler, long seconds) {
        return with(HttpReplyFields.of("Strict-Transport-Security", "max-age=" + seconds), handler);
    }

    private static HttpHandler with(HttpReplyFields fields, HttpHandler handler) {
        return (request, reply) -> handler.handle(request, reply.fields(fields));
    }

    private static void reload(ServerTls tls) {
        try {
            tls.reload();
        } catch (TlsFileException e) {
            System.err.println("the old certificate stays: " + e.getMessage());
        }
    }

    /** Listens on the port that is the first argument, with the certificates and the key in the files behind it. */
    public static void main(String[] args) throws IOException {
        ServerTls tls = ServerTls.of(IdentityFile.pem(Path.of(args[1]), Path.of(args[2])));
        ByteBuffer greeting =
                ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", Integer.parseInt(args[0]));
        Server server = server(endpoint, tls, (request, reply) -> reply.send("text/plain", greeting.duplicate()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        Executors.newSingleThreadScheduledExecutor(task -> {
                    Thread thread = new Thread(task, "certificates");
                    thread.setDaemon(true);
                    return thread;
                })
                .scheduleWithFixedDelay(() -> reload(tls), 1, 1, TimeUnit.HOURS);
        System.out.println("listening on " + server.listeners().get(0));
    }
}
