// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Reader;
import dev.sluice.ReaderChoice;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.RawFramer;
import dev.sluice.http.HttpProtocol;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Echo on Sluice with its defaults, as long as nothing else is said on one thread. */
final class SluiceEcho implements EchoServer {
    private final Server server;

    SluiceEcho() throws IOException {
        this(Topology.singleThread(), ReaderChoice.ROUND_ROBIN);
    }

    SluiceEcho(Topology topology, ReaderChoice choice) throws IOException {
        this(topology, choice, Protocol.of(RawFramer::new, (part, reply) -> reply.send(part)));
    }

    private SluiceEcho(Topology topology, ReaderChoice choice, Protocol<?> protocol) throws IOException {
        server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0), protocol)
                .topology(topology)
                .readerChoice(choice)
                .name("sluice-echo")
                .start();
    }

    /** No echo: it answers requests of HTTP, and keeps the connections. */
    static SluiceEcho http() throws IOException {
        HttpProtocol protocol = HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "hello\n"));
        return new SluiceEcho(Topology.singleThread(), ReaderChoice.ROUND_ROBIN, protocol);
    }

    /** How many connections each Reader holds. */
    List<Integer> spread() {
        return server.readers().stream().map(Reader::connections).toList();
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
