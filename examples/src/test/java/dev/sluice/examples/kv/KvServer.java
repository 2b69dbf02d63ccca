// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.Kv;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A store on a free port, with a clock that a test sets. */
final class KvServer implements AutoCloseable {
    /** How the names of its threads begin. */
    static final String NAME = "kv-under-test";

    final AtomicLong clock = new AtomicLong(1_700_000_000_000L);
    final Store store;
    private final Server server;
    private final List<RespClient> clients = new ArrayList<>();

    KvServer(Topology topology) throws IOException {
        this(topology, 64 << 20);
    }

    KvServer(Topology topology, long maxBytes) throws IOException {
        store = new Store(maxBytes, clock::get, 42);
        server = Kv.server(Endpoint.tcp("127.0.0.1", 0), store)
                .name(NAME)
                .topology(topology)
                .limits(Limits.defaults())
                .poisonBuffers(true)
                .start();
    }

    int port() {
        return server.port();
    }

    int connections() {
        return server.connections();
    }

    RespClient connect() throws IOException {
        RespClient client = new RespClient(port());
        clients.add(client);
        return client;
    }

    @Override
    public void close() {
        clients.forEach(RespClient::close); // or the server would wait for their ends
        server.close();
    }
}
