// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.l4.TestProxy.Asker;
import dev.sluice.examples.proxy.LiveProxy;
import dev.sluice.examples.proxy.Snapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients reach backends as the file says, over real sockets. */
final class L4ProxyTest {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";

    @TempDir
    private Path folder;

    private static String upstream(String settings, String... backends) {
        return "[upstream.main]\n" + settings + "backends = [\"" + String.join("\", \"", backends) + "\"]\n";
    }

    @Test
    void clientsAreSpreadOverBackends() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                NamedBackend b = NamedBackend.lines("b");
                TestProxy proxy = new TestProxy(
                        folder, LISTENER + upstream("balance = \"round-robin\"\n", a.address(), b.address()))) {
            List<String> answers = proxy.ask(6);
            assertEquals(3, Collections.frequency(answers, "a"));
            assertEquals(3, Collections.frequency(answers, "b"));
        }
    }

    @Test
    void aBackendThatDiedIsLeftOutAndNobodyNotices() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                NamedBackend b = NamedBackend.lines("b");
                TestProxy proxy = new TestProxy(
                        folder, LISTENER + upstream("balance = \"round-robin\"\n", a.address(), b.address()))) {
            b.close();
            assertEquals(Set.of("a"), Set.copyOf(proxy.ask(20)));
            Snapshot.UpstreamView view = proxy.snapshot().upstreams().get(0);
            assertTrue(view.retries() >= 5, view::toString);
            assertEquals("ejected", view.backends().get(1).state());
            assertTrue(view.backends().get(1).failed() >= 5, view::toString);
        }
    }

    @Test
    void whereNoBackendIsLeftTheClientsConnectionEnds() throws Exception {
        String gone;
        try (NamedBackend a = NamedBackend.lines("a")) {
            gone = a.address();
        }
        try (TestProxy proxy = new TestProxy(folder, LISTENER + upstream("", gone));
                Asker client = proxy.client()) {
            assertNull(client.ask());
            assertEquals(1, proxy.snapshot().upstreams().get(0).withoutBackend().get("all_tried"));
        }
    }

    /** However many come at once: they don't take the connections that their backends need. */
    @Test
    void clientsBeyondTheLimitWait() throws Exception {
        String limits = "[limits]\nconnections = 4\n";
        List<TestProxy.Asker> clients = new ArrayList<>();
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, limits + LISTENER + upstream("", a.address()))) {
            for (int i = 0; i < 8; i++) {
                clients.add(proxy.client());
            }
            assertEquals("a", clients.get(0).ask());
            assertEquals("a", clients.get(1).ask());
            assertEquals(2, proxy.snapshot().listeners().get(0).active());
            assertEquals(2, proxy.snapshot().listeners().get(0).figures().accepted());
            for (TestProxy.Asker client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aHealthCheckFindsADeadBackendBeforeClientsDo() throws Exception {
        String check = "ejection.failures = 0\nejection.percent = 0\nhealth.check = \"connect\"\n"
                + "health.interval = \"20ms\"\nhealth.fall = 2\n";
        try (NamedBackend a = NamedBackend.lines("a");
                NamedBackend b = NamedBackend.lines("b");
                TestProxy proxy = new TestProxy(folder, LISTENER + upstream(check, a.address(), b.address()))) {
            b.close();
            await(
                    () -> proxy.snapshot()
                            .upstreams()
                            .get(0)
                            .backends()
                            .get(1)
                            .state()
                            .equals("down"),
                    () -> proxy.snapshot().toString());
            assertEquals(Set.of("a"), Set.copyOf(proxy.ask(10)));
            assertEquals(0, proxy.snapshot().upstreams().get(0).retries());
        }
    }

    @Test
    void theClientsAddressComesInAndGoesOutByTheProxyProtocol() throws Exception {
        String listener = LISTENER + "proxy-protocol = \"required\"\ntrusted = \"127.0.0.0/8\"\n";
        for (String version : List.of("v1", "v2")) {
            try (NamedBackend a = NamedBackend.behindProxy("a");
                    TestProxy proxy = new TestProxy(
                            folder, listener + upstream("send-proxy = \"" + version + "\"\n", a.address()));
                    Asker client = proxy.client()) {
                String header = "PROXY TCP4 192.0.2.7 192.0.2.1 5555 443\r\nwho?\n";
                assertEquals("a 192.0.2.7:5555", client.askWhole(header.getBytes(StandardCharsets.US_ASCII)));
            }
        }
    }

    @Test
    void withoutAHeaderThatIsRequiredNobodyIsRelayed() throws Exception {
        String listener = LISTENER + "proxy-protocol = \"required\"\ntrusted = \"127.0.0.0/8\"\n";
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, listener + upstream("", a.address()));
                Asker client = proxy.client()) {
            assertThrowsOrNull(client);
            assertEquals(0, a.connections());
        }
    }

    // The end may come as a reset: what was sent was not read.
    private static void assertThrowsOrNull(Asker client) {
        try {
            assertNull(client.ask());
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("reset"), e::toString);
        }
    }

    @Test
    void aBackendIsToldTheClientsAddress() throws Exception {
        try (NamedBackend a = NamedBackend.behindProxy("a");
                TestProxy proxy = new TestProxy(folder, LISTENER + upstream("send-proxy = \"v2\"\n", a.address()));
                Asker client = proxy.client()) {
            assertEquals("a " + client.localAddress(), client.askWhole("who?\n".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @Test
    void backendsAreConnectedToFromWhereTheFileSays() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(
                        folder, LISTENER + upstream("source-addresses = \"127.0.0.77:42100-42199\"\n", a.address()));
                Asker client = proxy.client()) {
            String answer = client.askWhole("who?\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(answer.matches("a 127\\.0\\.0\\.77:421\\d\\d"), answer);
        }
    }

    @Test
    void clientsOfTlsGoWhereTheirHelloSays() throws Exception {
        try (NamedBackend web = NamedBackend.ofAnyBytes("web");
                NamedBackend api = NamedBackend.ofAnyBytes("api");
                TestProxy proxy = new TestProxy(
                        folder,
                        LISTENER + "[upstream.web]\nbackends = \"" + web.address() + "\"\n[upstream.api]\nbackends = \""
                                + api.address() + "\"\n"
                                + "[[route]]\nsni = \"www.example.org\"\nto = \"web\"\n"
                                + "[[route]]\nsni = \"*.example.org\"\nalpn = \"h2\"\nto = \"api\"\n")) {
            try (Asker client = proxy.client()) {
                assertEquals("web", client.ask(hello("www.example.org")));
            }
            try (Asker client = proxy.client()) {
                assertEquals("api", client.ask(hello("v1.api.example.org", "h2")));
            }
            try (Asker client = proxy.client()) {
                String alert = client.askWhole(hello("v1.api.example.org"));
                assertTrue(alert.startsWith("\u0015\3\3\0\2\2"), alert);
            }
            await(() -> proxy.snapshot().listeners().get(0).unrouted() == 1, () -> "one that no route takes");
        }
    }

    private static byte[] hello(String host, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(host, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    @Test
    void eachRelayIsALineInTheLog() throws Exception {
        Path log = folder.resolve("access.log");
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(
                        folder,
                        LISTENER + upstream("", a.address()) + "[server]\naccess-log = \"" + log + "\"\n"
                                + "[[route]]\nsource = \"192.0.2.0/24\"\nrefuse = true\n[[route]]\nto = \"main\"\n")) {
            assertEquals("a", proxy.ask());
            await(() -> log.toFile().length() > 0, () -> "a line");
        }
        String line = Files.readString(log);
        assertTrue(
                line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+Z main 127\\.0\\.0\\.1:\\d+ main 127\\.0\\.0\\.1:\\d+"
                        + " 127\\.0\\.0\\.1:\\d+ 5 \\d+ \\d+\\.\\d\\d peer_closed peer_closed\n"),
                line);
    }

    /** What the file may say, core takes. */
    @Test
    void theLeastAndTheMostOfEachRangeCanBeOpened() throws Exception {
        String least = """
                connections = 1
                [upstream.main]
                backends = [{ address = "127.0.0.1:1", weight = 1 }]
                slow-start = "0s"
                connections = 1
                retries = 0
                panic = 0
                health = { check = "http", interval = "10ms", timeout = "10ms", rise = 1, fall = 1 }
                ejection = { failures = 0, percent = 0, time = "1ms", most = 0 }
                [limits]
                connections = 1
                connections-per-source = 1
                accepts-per-second = 1
                memory = "1 MiB"
                [deadlines]
                connect = "10ms"
                hello = "10ms"
                idle = "10ms"
                write-stall = "10ms"
                [server]
                readers = 1
                drain = "0s"
                """;
        String most = """
                connections = 100_000_000
                [upstream.main]
                backends = [{ address = "127.0.0.1:1", weight = 256 }]
                slow-start = "1h"
                connections = 1_000_000
                retries = 10
                panic = 100
                health = { check = "connect", interval = "1h", timeout = "1h", rise = 100, fall = 100 }
                ejection = { failures = 1_000_000, percent = 100, time = "1h", most = 100 }
                [limits]
                connections = 100_000_000
                connections-per-source = 100_000_000
                accepts-per-second = 1_000_000
                memory = "1024 GiB"
                [deadlines]
                connect = "1h"
                hello = "1h"
                idle = "365d"
                write-stall = "365d"
                [server]
                topology = "reuse-port"
                drain = "24h"
                """;
        for (String settings : List.of(least, most)) {
            try (TestProxy proxy = new TestProxy(folder, LISTENER + settings)) {
                assertEquals(1, proxy.proxy().listeners().size());
            }
        }
    }

    @Test
    void anAddressThatIsTakenIsTold() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            String text = "[listener.main]\naddress = \"" + address + "\"\n" + upstream("", "127.0.0.1:1");
            IOException e = assertThrows(IOException.class, () -> LiveProxy.start(L4.KIND, ConfigFile.parse(text)));
            assertTrue(e.getMessage().startsWith("cannot listen on " + address + ": "), e::toString);
        }
    }
}
