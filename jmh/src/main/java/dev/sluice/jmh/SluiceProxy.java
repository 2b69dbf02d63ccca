// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.tls.ClientTls;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Balancer;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sluice's HTTP proxy with its defaults, on one thread. */
final class SluiceProxy implements EchoServer {
    private static final int ADDRESSES = 64;

    private final Server server;

    private SluiceProxy(HttpBackends backends) throws IOException {
        server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0), HttpProtocol.streaming(HttpProxy.to(backends)))
                .topology(Topology.singleThread())
                .name("sluice-proxy")
                .start();
    }

    /** In front of a backend that speaks HTTP without TLS. */
    static SluiceProxy plain(InetSocketAddress backend) throws IOException {
        return new SluiceProxy(HttpBackends.of(upstream(List.of(Backend.of("backend", backend)))));
    }

    /**
     * In front of one that speaks TLS, known by 64 addresses of the loopback, each of which has its turn and sessions
     * of its own. So each new connection finds one to resume, where that is wanted; and where it isn't, only one is
     * kept, which is another address's.
     */
    static SluiceProxy tls(int port, Certificates certificates, boolean resumes) throws IOException {
        List<Backend> backends = new ArrayList<>();
        for (int i = 1; i <= ADDRESSES; i++) {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) i});
            backends.add(Backend.of("backend-" + i, new InetSocketAddress(loopback, port)));
        }
        ClientTls.Builder tls =
                ClientTls.builder().trust(certificates.authority()).serverName(Certificates.NAME);
        if (!resumes) {
            tls.sessions(1, Duration.ofSeconds(1));
        }
        return new SluiceProxy(
                HttpBackends.builder(upstream(backends)).tls(tls.build()).build());
    }

    private static Upstream upstream(List<Backend> backends) {
        return Upstream.builder("backends")
                .backends(backends)
                .balancer(Balancer.ROUND_ROBIN)
                .build();
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
