// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code l7}, as a process. */
final class L7LauncherTest {
    @TempDir
    private Path folder;

    @Test
    void byOptionsItPassesRequestsOn() throws Exception {
        try (Launched http = Launched.launcher("http", "--echo", "--port", "0");
                Launched proxy = Launched.launcher(
                        "l7",
                        "--port",
                        "0",
                        "--backend",
                        "127.0.0.1:" + http.address().getPort());
                Socket client = proxy.connect()) {
            String request = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
            client.getOutputStream().write(request.getBytes());
            String reply = new String(client.getInputStream().readAllBytes());
            assertTrue(reply.startsWith("HTTP/1.1 200 ") && reply.endsWith("\r\n\r\nhello"), reply);
            http.close(); // so that no connection to it is waited for
            proxy.terminate();
            assertEquals(0, proxy.status(), proxy::toString);
            assertEquals("", proxy.stderr());
        }
    }

    /** The only backend is never ejected, and there are no pages: somebody has to be told why. */
    @Test
    void aBackendThatCannotBeReachedIsWarnedOfWithTheReason() throws Exception {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            nobody = closed.getLocalPort();
        }
        try (Launched proxy = Launched.launcher("l7", "--port", "0", "--backend", "127.0.0.1:" + nobody);
                Socket client = proxy.connect()) {
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes());
            String reply = new String(client.getInputStream().readAllBytes());
            assertTrue(reply.startsWith("HTTP/1.1 502 "), reply);
            String warning =
                    "backend 127.0.0.1:" + nobody + " has failed: cannot connect to 127.0.0.1:" + nobody + ": ";
            await(() -> proxy.stderr().contains(warning), proxy::toString);
        }
    }

    @Test
    void checkSaysOkOrAllThatIsWrong() throws Exception {
        Path file = Path.of(System.getProperty("sluice.root", ".."), "examples/src/main/l7/l7.toml");
        try (Launched check = Launched.launcher("l7", "check", file.toString())) {
            assertEquals(0, check.status(), check::toString);
            assertEquals("ok", check.stdout().strip());
        }
        Path wrong = Files.writeString(folder.resolve("wrong.toml"), "[listener.a]\nadress = 1\n");
        try (Launched start = Launched.launcher("l7", "--config", wrong.toString())) {
            assertEquals(1, start.status(), start::toString);
            assertEquals(3, start.stderr().lines().count(), start::toString);
        }
    }

    @Test
    void wrongOptionsAreUsageErrors() throws Exception {
        assertUsage("l7");
        assertUsage("l7", "--config", "x.toml", "--port", "0");
        assertUsage("l7", "check");
    }

    private static void assertUsage(String... arguments) throws Exception {
        try (Launched launched = Launched.launcher(arguments)) {
            assertEquals(2, launched.status(), launched::toString);
            assertEquals(1, launched.stderr().lines().count(), launched::toString);
        }
    }
}
