// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.jmh.Certificates;
import dev.sluice.tls.ServerTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * An application server with a thread for requests that come plain, and one for those that come by TLS. As a process it says
 * where it listens, answers each line with how many bytes it has sent, and ends with its input.
 */
final class InsideBackend implements AutoCloseable {
    private final Server plain;
    private final Server encrypted;

    private InsideBackend(Server plain, Server encrypted) {
        this.plain = plain;
        this.encrypted = encrypted;
    }

    /** Starts one, whose certificate and key, and the authority to believe, are in that directory, as {@link Certificates} has them. */
    static InsideBackend start(Path directory) throws IOException {
        ByteBuffer body = ByteBuffer.wrap("Hello, World!".getBytes(StandardCharsets.US_ASCII))
                .asReadOnlyBuffer();
        HttpHandler handler = (request, reply) -> reply.send("text/plain", body.duplicate());
        ServerTls tls = ServerTls.of(new Certificates(directory).identity());
        Server plain = start(Endpoint.tcp("0.0.0.0", 0), handler);
        try {
            return new InsideBackend(plain, start(Endpoint.tcp("0.0.0.0", 0).withTls(tls), handler));
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private static Server start(Endpoint endpoint, HttpHandler handler) throws IOException {
        return Server.builder()
                .topology(Topology.singleThread())
                .listen(endpoint, HttpProtocol.gathering(handler))
                .start();
    }

    int port(Way way) {
        return (way.isEncrypted ? encrypted : plain).port();
    }

    /** How many bytes sockets have taken, of all connections together. */
    long bytesWritten() {
        return plain.counters().bytesWritten() + encrypted.counters().bytesWritten();
    }

    @Override
    public void close() {
        plain.close();
        encrypted.close();
    }

    /** Argument: the directory. */
    public static void main(String[] args) throws IOException {
        try (InsideBackend backend = start(Path.of(args[0]))) {
            System.out.println(backend.plain.port() + " " + backend.encrypted.port());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(backend.bytesWritten());
            }
        }
    }
}
