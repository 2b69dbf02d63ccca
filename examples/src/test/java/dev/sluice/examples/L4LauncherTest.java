// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as a process of its own: its options, its signals, and what it says. */
final class L4LauncherTest {
    @TempDir
    private Path folder;

    @Test
    void byOptionsItRelaysToOneOfItsBackends() throws Exception {
        try (Launched lines = Launched.launcher("lines", "--port", "0");
                Launched proxy = Launched.launcher("l4", "--port", "0", "--backend", address(lines));
                Socket client = proxy.connect()) {
            assertEchoes(client);
            assertTrue(proxy.stdout().matches("listening on 127\\.0\\.0\\.1:\\d+\\R"), proxy::toString);
            client.close();
            proxy.terminate();
            assertEquals(0, proxy.status(), proxy::toString);
            assertEquals("", proxy.stderr());
        }
    }

    @Test
    void theClientsAddressGoesThroughByThePROXYProtocol() throws Exception {
        try (Launched http = Launched.launcher("http", "--whoami", "--port", "0", "--proxy-protocol", "required");
                Launched proxy =
                        Launched.launcher("l4", "--port", "0", "--backend", address(http), "--send-proxy", "v2");
                Socket client = proxy.connect()) {
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes());
            String reply = new String(client.getInputStream().readAllBytes());
            assertTrue(reply.endsWith("127.0.0.1:" + client.getLocalPort() + "\n"), reply);
        }
    }

    @Test
    void hangupReadsTheFileAgain() throws Exception {
        Path file = folder.resolve("l4.toml");
        try (Launched lines = Launched.launcher("lines", "--port", "0")) {
            String text = "[listener.main]\naddress = \"127.0.0.1:0\"\n[upstream.main]\nbackends = \"" + address(lines)
                    + "\"\n[admin]\naddress = \"127.0.0.1:0\"\n";
            Files.writeString(file, text);
            try (Launched proxy = Launched.launcher("l4", "--config", file.toString());
                    Socket client = proxy.connect()) {
                assertEchoes(client);
                assertTrue(proxy.stdout().contains("pages at http://127.0.0.1:"), proxy::toString);
                Files.writeString(file, text.replace("[admin]", "[admim]"));
                hangUp(proxy.pid());
                String error = file + ":5:1: admim: there is no such key; did you mean admin?";
                await(() -> proxy.stderr().contains(error), proxy::toString);
                assertEchoes(client);
                Files.writeString(file, text);
                hangUp(proxy.pid());
                await(() -> proxy.stderr().contains("reloaded " + file), proxy::toString);
            }
        }
    }

    private static void hangUp(long pid) throws InterruptedException {
        try {
            int status = new ProcessBuilder("kill", "-HUP", String.valueOf(pid))
                    .start()
                    .waitFor();
            assertEquals(0, status, "kill -HUP");
        } catch (IOException e) {
            assumeTrue(false, "no kill command here: " + e.getMessage());
        }
    }

    @Test
    void checkSaysOkOrAllThatIsWrong() throws Exception {
        Path file = Path.of(System.getProperty("sluice.root", ".."), "examples/src/main/l4/l4.toml");
        try (Launched check = Launched.launcher("l4", "check", file.toString())) {
            assertEquals(0, check.status(), check::toString);
            assertEquals("ok", check.stdout().strip());
        }
        Path wrong = Files.writeString(folder.resolve("wrong.toml"), "[listener.a]\nadress = 1\n");
        try (Launched check = Launched.launcher("l4", "check", wrong.toString())) {
            assertEquals(1, check.status(), check::toString);
            assertEquals(3, check.stderr().lines().count(), check::toString);
            assertTrue(check.stderr().startsWith(wrong + ":1:1: "), check::toString);
        }
        try (Launched start = Launched.launcher("l4", "--config", wrong.toString())) {
            assertEquals(1, start.status(), start::toString);
            assertEquals(3, start.stderr().lines().count(), start::toString);
        }
    }

    @Test
    void wrongOptionsAreUsageErrors() throws Exception {
        assertUsage("l4");
        assertUsage("l4", "--config", "x.toml", "--port", "0");
        assertUsage("l4", "--backend", "127.0.0.1:1", "--send-proxy", "v3");
        assertUsage("l4", "check");
    }

    private static void assertUsage(String... arguments) throws Exception {
        try (Launched launched = Launched.launcher(arguments)) {
            assertEquals(2, launched.status(), launched::toString);
            assertEquals(1, launched.stderr().lines().count(), launched::toString);
        }
    }

    private static String address(Launched launched) {
        return "127.0.0.1:" + launched.address().getPort();
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write("x\n".getBytes());
        assertEquals("x\n", new String(client.getInputStream().readNBytes(2)));
    }
}
