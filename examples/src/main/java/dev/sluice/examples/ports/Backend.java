// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.ports;

import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What is connected to: a server on a port, on the one behind it, and on the same port of another address. */
final class Backend implements AutoCloseable {
    /** Whoever holds a connection says nothing for as long as it likes. */
    static final Deadlines PATIENT =
            Deadlines.defaults().withFirstByte(Deadlines.LONGEST).withIdle(Deadlines.LONGEST);

    /** Whoever says a line is hung up on. */
    private static final Protocol<ByteBuffer> HANG_UP = Protocol.of(LineFramer::new, (line, reply) -> {
        reply.thenClose();
        reply.end();
    });

    private final List<Server> servers = new ArrayList<>();

    Backend(int port) throws IOException {
        try {
            listen("127.0.0.1", port);
            listen("127.0.0.1", port == 0 ? 0 : port + 1);
            listen("127.0.0.2", address().getPort());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void listen(String host, int port) throws IOException {
        servers.add(Server.builder()
                .topology(Topology.singleThread())
                .deadlines(PATIENT)
                .listen(Endpoint.tcp(host, port), HANG_UP)
                .start());
    }

    InetSocketAddress address() {
        return address(0);
    }

    InetSocketAddress anotherPort() {
        return address(1);
    }

    InetSocketAddress anotherAddress() {
        return address(2);
    }

    private InetSocketAddress address(int server) {
        return (InetSocketAddress) servers.get(server).address();
    }

    @Override
    public void close() {
        servers.forEach(Server::close);
    }
}
