// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.RawFramer;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A backend that answers with its name. */
final class NamedBackend implements AutoCloseable {
    private final Server server;

    private NamedBackend(Endpoint endpoint, Protocol<?> protocol) throws IOException {
        server = Server.builder()
                .name("backend")
                .topology(Topology.singleThread())
                .listen(endpoint, protocol)
                .start();
    }

    /** Answers each line with its name and the client's address. */
    static NamedBackend lines(String name) throws IOException {
        return lines(name, Endpoint.tcp("127.0.0.1", 0));
    }

    /** The same behind a proxy that sends headers of the PROXY protocol. */
    static NamedBackend behindProxy(String name) throws IOException {
        return lines(name, Endpoint.tcp("127.0.0.1", 0).withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.0/8")));
    }

    /** The same by TLS. */
    static NamedBackend tls(String name, ServerTls tls) throws IOException {
        return lines(name, Endpoint.tcp("127.0.0.1", 0).withTls(tls));
    }

    private static NamedBackend lines(String name, Endpoint endpoint) throws IOException {
        return new NamedBackend(
                endpoint,
                Protocol.of(
                        LineFramer::new,
                        (line, reply) -> reply.send(
                                bytes(name + " " + Ends.text(reply.connection().remoteAddress())), LineEncoder.LF)));
    }

    /** Answers the first bytes, whatever they are, with its name as a line. */
    static NamedBackend ofAnyBytes(String name) throws IOException {
        return new NamedBackend(
                Endpoint.tcp("127.0.0.1", 0),
                Protocol.of(RawFramer::new, (bytes, reply) -> reply.send(bytes(name), LineEncoder.LF)));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Where it is, as the file has it. */
    String address() {
        return "127.0.0.1:" + server.port();
    }

    int connections() {
        return server.connections();
    }

    /** Ends with all its connections. */
    @Override
    public void close() {
        try {
            server.stop(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
