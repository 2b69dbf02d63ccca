// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.l4.TestProxy.Asker;
import dev.sluice.examples.proxy.LiveProxy;
import dev.sluice.examples.proxy.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another configuration is taken over while clients are there, and none of them is cut. */
final class L4ReloadTest {
    @TempDir
    private Path folder;

    private static String listener(String name, int port) {
        return "[listener." + name + "]\naddress = \"127.0.0.1:" + port + "\"\n";
    }

    private static String upstream(NamedBackend... backends) {
        List<String> addresses = List.of(backends).stream()
                .map(backend -> "\"" + backend.address() + "\"")
                .toList();
        return "[upstream.main]\nbalance = \"round-robin\"\nbackends = [" + String.join(", ", addresses) + "]\n";
    }

    @Test
    void backendsComeAndGoAndRelaysStay() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                NamedBackend b = NamedBackend.lines("b");
                TestProxy proxy = new TestProxy(folder, listener("main", 0) + upstream(a));
                Asker early = proxy.client()) {
            int port = proxy.port(0);
            assertEquals("a", early.ask());
            assertEquals(
                    "listeners: 0 opened, 1 kept, 0 closed to new clients; upstreams: 1",
                    proxy.reload(listener("main", 0) + upstream(a, b)));
            assertEquals(port, proxy.port(0));
            assertEquals(Set.of("a", "b"), Set.copyOf(proxy.ask(4)));
            proxy.reload(listener("main", 0) + upstream(b));
            assertEquals(Set.of("b"), Set.copyOf(proxy.ask(4)));
            assertEquals("a", early.ask());
            List<Snapshot.BackendView> views =
                    proxy.snapshot().upstreams().get(0).backends();
            assertEquals("leaving", views.get(1).state());
            assertEquals(1, views.get(1).active());
            assertEquals(2, proxy.snapshot().reloads());
        }
    }

    @Test
    void listenersComeAndGoAndRelaysStay() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, listener("one", 0) + upstream(a));
                Asker early = proxy.client()) {
            int port = proxy.port(0);
            assertEquals("a", early.ask());
            proxy.reload(listener("one", 0) + listener("two", 0) + upstream(a));
            try (Asker late = new Asker(proxy.port(1))) {
                assertEquals("a", late.ask());
            }
            assertEquals(
                    "listeners: 0 opened, 1 kept, 1 closed to new clients; upstreams: 1",
                    proxy.reload(listener("two", 0) + upstream(a)));
            await(() -> refuses(port), () -> "the first listener closed");
            assertEquals("a", early.ask());
            await(() -> proxy.snapshot().listeners().get(1).active() == 1, () -> "one relay left");
            early.close();
            await(() -> proxy.snapshot().listeners().get(1).active() == 0, () -> "its relay ended");
            long accepted = proxy.snapshot().listeners().get(1).figures().accepted();
            assertTrue(accepted >= 1, () -> "what has been is still counted, but it is " + accepted);
        }
    }

    private static boolean refuses(int port) {
        try (Asker client = new Asker(port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deadlines are those of a server; so each of these opens the listener anew, on the same port. */
    @Test
    void whileAListenersSettingsChangeNobodyIsTurnedAway() throws Exception {
        int port = freePort();
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, listener("main", port) + upstream(a));
                Asker early = proxy.client()) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger served = new AtomicInteger();
            AtomicInteger reset = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread clients = new Thread(() -> {
                try {
                    while (!over.get()) {
                        (isServed(proxy) ? served : reset).incrementAndGet();
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            clients.start();
            for (int i = 1; i <= 10; i++) {
                int before = served.get();
                String deadlines = "[deadlines]\nidle = \"" + i + "h\"\n";
                proxy.reload(listener("main", port) + deadlines + (i == 1 ? "hello = \"9s\"\n" : "") + upstream(a));
                await(() -> served.get() >= before + 3 || failure.get() != null, () -> "clients served");
            }
            over.set(true);
            clients.join();
            assertEquals(null, failure.get());
            assertEquals("a", early.ask());
            assertTrue(reset.get() <= 2, () -> reset + " of " + served + " were reset");
            long accepted = proxy.snapshot().listeners().get(0).figures().accepted();
            assertTrue(accepted > served.get(), () -> accepted + " accepted, " + served + " served");
        }
    }

    // Whom the kernel queues for a socket between its last accept and its close is reset: microseconds of each change.
    private static boolean isServed(TestProxy proxy) throws IOException {
        try {
            return "a".equals(proxy.ask());
        } catch (ConnectException e) {
            throw e;
        } catch (SocketException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aFileWithErrorsChangesNothing() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, listener("main", 0) + upstream(a))) {
            String text = proxy.reloadInVain(listener("main", 0) + "conections = 1\n" + upstream(a) + "retries = 11\n");
            assertEquals("""
                    F:3:1: listener.main.conections: there is no such key; did you mean connections?
                    F:7:1: upstream.main.retries: 11 is no whole number within 0 to 10""", text.replace(folder.resolve("l4.toml").toString(), "F"));
            assertEquals("a", proxy.ask());
            assertEquals(1, proxy.snapshot().failedReloads());
            assertEquals(0, proxy.snapshot().reloads());
        }
    }

    @Test
    void anAddressThatIsTakenChangesNothing() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                NamedBackend b = NamedBackend.lines("b");
                ServerSocket taken = new ServerSocket(0);
                TestProxy proxy = new TestProxy(folder, listener("main", 0) + upstream(a))) {
            String other = "[listener.other]\naddress = \"*:" + taken.getLocalPort() + "\"\n";
            String text = proxy.reloadInVain(listener("new", 0)
                    + listener("main", 0)
                    + other
                    + upstream(b).replace("round-robin", "maglev"));
            assertTrue(text.startsWith("cannot listen on "), text);
            assertEquals("a", proxy.ask());
            assertEquals(List.of("main"), names(proxy));
        }
    }

    private static List<String> names(TestProxy proxy) {
        return proxy.snapshot().listeners().stream()
                .map(Snapshot.ListenerView::name)
                .toList();
    }

    @Test
    void anotherBalancerCountsOn() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a");
                TestProxy proxy = new TestProxy(folder, listener("main", 0) + upstream(a));
                Asker early = proxy.client()) {
            assertEquals("a", early.ask());
            assertEquals("a", proxy.ask());
            await(() -> proxy.snapshot().upstreams().get(0).bytesFromClients() == 5, () -> "five bytes");
            proxy.reload(listener("main", 0) + upstream(a).replace("round-robin", "source-hash"));
            assertEquals("a", early.ask());
            early.close();
            await(() -> proxy.snapshot().upstreams().get(0).bytesFromClients() == 15, () -> "ten bytes more");
        }
    }

    @Test
    void whoIsEndingTakesNothingOver() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a")) {
            LiveProxy<L4Config, L4.Plan> proxy =
                    LiveProxy.start(L4.KIND, ConfigFile.parse(listener("main", 0) + upstream(a)));
            proxy.drain();
            assertThrows(IOException.class, () -> proxy.reload(proxy.config()));
        }
    }
}
