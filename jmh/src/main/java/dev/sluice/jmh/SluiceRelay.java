// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Sluice's relay with its defaults, on one thread. */
final class SluiceRelay implements EchoServer {
    private final Server server;

    SluiceRelay(InetSocketAddress backend) throws IOException {
        RelayTarget target = RelayTarget.of(backend);
        server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0), Relay.to(request -> target))
                .topology(Topology.singleThread())
                .name("sluice-relay")
                .start();
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
