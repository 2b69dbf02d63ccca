// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sluice.frame.LineFramer;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayTarget;
import dev.sluice.tls.ClientTls;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Whoever replaces settings while a server runs, or servers while settings stay, finds nothing left of what was before. */
class ReplacedSettingsTest {
    private static final int TIMES = 1_000;
    private static final int OF_NOW = 2; // those that were used last

    private volatile SourceAddresses sources;
    private volatile ClientTls tls;
    private final List<Connection> upstream = new CopyOnWriteArrayList<>();

    private final class Target implements RelayTarget {
        private final SocketAddress address;
        private final ClientTls tls = ReplacedSettingsTest.this.tls;
        private final SourceAddresses sources = ReplacedSettingsTest.this.sources;

        Target(SocketAddress address) {
            this.address = address;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public ClientTls tls() {
            return tls;
        }

        @Override
        public SourceAddresses sources() {
            return sources;
        }

        @Override
        public void connected(Connection connection) {
            upstream.add(connection);
        }
    }

    private static TestServer backend(Endpoint endpoint) throws IOException {
        return TestServer.of(Protocol.of(LineFramer::new, TestServer::echo), endpoint, builder -> builder);
    }

    private TestServer relayTo(TestServer backend) throws IOException {
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.server.port());
        return new TestServer(Relay.to(request -> new Target(address)), builder -> builder);
    }

    private static void ask(TestServer relay) throws IOException {
        try (Client client = relay.client()) {
            client.send("x\n");
            assertEquals("x\n", client.read("x\n"));
        }
    }

    private static Object connectorOf(Connection connection) {
        return ((SocketConnection) connection).level().admission;
    }

    private static ClientTls another() throws IOException {
        return ClientTls.builder().insecure().build();
    }

    private static void awaitCollection(List<WeakReference<?>> all, int left, Runnable action) {
        Await.until(() -> "of " + all.size() + " are left " + left(all), () -> {
            action.run(); // what was collected is forgotten when something new comes
            System.gc();
            return left(all) <= left;
        });
    }

    private static long left(List<WeakReference<?>> all) {
        return all.stream().filter(one -> one.get() != null).count();
    }

    private void replaceAndAsk(TestServer relay, List<WeakReference<?>> replaced) {
        try {
            tls = another();
            replaced.add(new WeakReference<>(tls));
            ask(relay);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void relaysKeepNothingOfTlsSettingsThatWereReplaced() throws Exception {
        List<WeakReference<?>> replaced = new ArrayList<>();
        try (TestServer backend = backend(TlsKeys.ofLocalhost().endpoint());
                TestServer relay = relayTo(backend)) {
            for (int i = 0; i < TIMES; i++) {
                replaceAndAsk(relay, replaced);
                upstream.clear();
            }
            awaitCollection(replaced, OF_NOW, () -> {
                replaceAndAsk(relay, replaced);
                upstream.clear();
            });
        }
    }

    @Test
    void relaysKeepNothingOfSourceAddressesThatWereReplaced() throws Exception {
        List<WeakReference<?>> replaced = new ArrayList<>();
        try (TestServer backend = backend(Endpoint.tcp("127.0.0.1", 0));
                TestServer relay = relayTo(backend)) {
            for (int i = 0; i < TIMES; i++) {
                replaceSourcesAndAsk(relay, replaced);
            }
            awaitCollection(replaced, OF_NOW, () -> replaceSourcesAndAsk(relay, replaced));
        }
    }

    private void replaceSourcesAndAsk(TestServer relay, List<WeakReference<?>> replaced) {
        try {
            sources = SourceAddresses.parse("127.0.0." + (2 + replaced.size() % 250) + ":20000-29999");
            replaced.add(new WeakReference<>(sources));
            ask(relay);
            upstream.clear();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectorIsThereAsLongAsAConnectionOfIt() throws Exception {
        tls = another();
        try (TestServer backend = backend(TlsKeys.ofLocalhost().endpoint());
                TestServer relay = relayTo(backend);
                Client early = relay.client()) {
            early.send("x\n");
            assertEquals("x\n", early.read("x\n"));
            for (int i = 0; i < 3; i++) {
                System.gc();
                ask(relay);
            }
            assertEquals(4, upstream.size());
            for (Connection one : upstream) {
                assertSame(connectorOf(upstream.get(0)), connectorOf(one));
            }
        }
    }

    @Test
    void backendsThatManyServersShareKeepNothingOfThoseThatHaveEnded() throws Exception {
        List<WeakReference<?>> ended = new ArrayList<>();
        try (TestServer backend = TestServer.of(
                HttpProtocol.gathering((request, reply) -> reply.send("text/plain", "x")),
                Endpoint.tcp("127.0.0.1", 0),
                builder -> builder)) {
            SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.server.port());
            Upstream upstream = Upstream.builder("u")
                    .backends(List.of(Backend.of("a", address)))
                    .build();
            try (HttpBackends backends = HttpBackends.of(upstream)) {
                for (int i = 0; i < 20; i++) {
                    HttpProxy proxy = HttpProxy.to(backends);
                    askThrough(proxy);
                    ended.add(new WeakReference<>(proxy));
                }
                assertEquals(20, backends.status().responses());
                assertEquals(1, backends.status().pools().size());
                awaitCollection(ended, 1, () -> {});
            }
        }
    }

    private static void askThrough(HttpProxy proxy) throws IOException {
        Protocol<?> protocol = HttpProtocol.streaming(proxy);
        try (TestServer server = new TestServer(protocol, builder -> builder);
                Client client = server.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            String answer = client.readAll();
            assertEquals("x", answer.substring(answer.length() - 1));
        }
    }
}
