// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.sim.Client;
import dev.sluice.sim.Simulation;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A reverse proxy that can't connect to its backends, by the virtual clock: for want of descriptors, and for want of an answer. */
class HttpProxyScarcitySimTest {
    private static final String HOST = "10.0.0.1";
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String PUT = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

    private final Simulation sim = Simulation.seed(9110).build();
    private final List<Server> servers = new ArrayList<>();
    private HttpBackends backends;
    private Server proxy;

    private void start(int number, UnaryOperator<HttpBackends.Builder> settings) throws IOException {
        List<Backend> list = new ArrayList<>();
        for (int i = 1; i <= number; i++) {
            InetSocketAddress address = new InetSocketAddress("10.0.1." + i, 9000);
            servers.add(Server.builder()
                    .environment(sim.environment("10.0.1." + i))
                    .topology(Topology.singleThread())
                    .listen(
                            Endpoint.tcp("10.0.1." + i, 9000),
                            HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "fine")))
                    .start());
            list.add(Backend.of("b" + i, address));
        }
        Upstream upstream = Upstream.builder("test")
                .backends(list)
                .environment(sim.environment("10.0.0.8"))
                .build();
        backends = settings.apply(HttpBackends.builder(upstream)).build();
        proxy = Server.builder()
                .environment(sim.environment(HOST))
                .topology(Topology.singleThread())
                .limits(Limits.defaults().withWhenFull(WhenFull.WAIT))
                .poisonBuffers(true)
                .listen(Endpoint.tcp(HOST, 7000), HttpProtocol.streaming(HttpProxy.to(backends)))
                .start();
        servers.add(0, proxy);
    }

    @AfterEach
    void stop() throws Exception {
        sim.descriptors(Integer.MAX_VALUE);
        sim.run(MINUTE);
        for (BackendStatus status : backends.upstream().status()) {
            assertEquals(0, status.active(), status::toString);
        }
        for (Server each : servers) {
            each.stop(Duration.ZERO);
        }
        sim.runUntilStopped(MINUTE);
        assertEquals(0, sim.openSockets());
        assertEquals(0, backends.status().pools().get(0).connections());
    }

    private Client client(int number) {
        return sim.client("10.2.0." + number).connect(HOST, 7000);
    }

    /** The status of what has come last, and nothing of what came before. */
    private String answer(Client client, String request, Duration within) {
        int before = client.received().length;
        client.send(request);
        sim.run(within);
        String answer = new String(client.received(), ISO_8859_1).substring(before);
        assertTrue(answer.startsWith("HTTP/1.1 "), answer);
        return answer.substring(9, 12);
    }

    private void nobodyIsToBlame() {
        for (BackendStatus status : backends.upstream().status()) {
            assertEquals(0, status.failed(), status::toString);
            assertEquals(0, status.ejections(), status::toString);
        }
    }

    @Test
    void withoutDescriptorsNoBackendIsToBlame() throws Exception {
        start(3, builder -> builder);
        Client client = client(1);
        sim.run(SECOND);
        sim.descriptors(2); // the listener's and the client's
        for (int i = 0; i < 30; i++) {
            assertEquals("502", answer(client, i % 2 == 0 ? GET : PUT + "hello", SECOND));
        }
        nobodyIsToBlame();
        sim.descriptors(1000);
        assertEquals("200", answer(client, GET, SECOND));
    }

    @Test
    void withoutDescriptorsTheConnectionsThatThereAreServeOn() throws Exception {
        start(1, builder -> builder);
        Client first = client(1);
        Client second = client(2);
        assertEquals("200", answer(first, GET, SECOND));
        sim.run(SECOND);
        sim.descriptors(4); // the listener's, the clients', and one to the backend
        for (int i = 0; i < 20; i++) {
            assertEquals("200", answer(first, GET, SECOND));
            assertEquals("200", answer(second, PUT + "hello", SECOND));
        }
        nobodyIsToBlame();
        assertEquals(1, backends.status().pools().get(0).made());
    }

    @Test
    void aBackendThatIsOutOfReachTimesOut() throws Exception {
        start(1, builder -> builder.retries(0));
        sim.partition(HOST, "10.0.1.1");
        Client client = client(1);
        assertEquals("504", answer(client, GET, MINUTE));
        assertEquals(1, backends.status().timeouts());
        sim.heal(HOST, "10.0.1.1");
        assertEquals("200", answer(client, GET, MINUTE));
    }
}
