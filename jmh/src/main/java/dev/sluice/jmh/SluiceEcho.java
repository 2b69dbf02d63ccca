// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.RawFramer;
import java.io.IOException;
import java.time.Duration;

/** Echo on Sluice with its defaults, on one thread. */
final class SluiceEcho implements EchoServer {
    private final Server server;

    SluiceEcho() throws IOException {
        server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0), Protocol.of(RawFramer::new, (part, reply) -> reply.send(part)))
                .topology(Topology.singleThread())
                .name("sluice-echo")
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
