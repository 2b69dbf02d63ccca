// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the same for every example: help, the one line, the end by a signal, and what happens to wrong options. */
final class LauncherTest {
    private static final int SIGINT = 2;

    @ParameterizedTest
    @ValueSource(strings = {"echo", "lines", "frames", "http", "hold-server"})
    void eachServerTellsItsOptions(String name) throws Exception {
        try (Launched launched = Launched.launcher(name, "--help")) {
            assertEquals(0, launched.status(), launched::toString);
            for (String option :
                    new String[] {"--host", "--port", "--listen", "--topology", "--readers", "--max-connections"}) {
                assertTrue(launched.stdout().contains(option), () -> option + " in " + launched.stdout());
            }
            assertEquals("", launched.stderr());
        }
    }

    @Test
    void theDemoTellsItsOptions() throws Exception {
        try (Launched launched = Launched.launcher("demo", "--help")) {
            assertEquals(0, launched.status(), launched::toString);
            for (String option : new String[] {"--connections", "--active", "--seconds", "--readers", "--svg"}) {
                assertTrue(launched.stdout().contains(option), () -> option + " in " + launched.stdout());
            }
        }
    }

    @Test
    void theLauncherTellsItsExamples() throws Exception {
        try (Launched launched = Launched.launcher("--help")) {
            assertEquals(0, launched.status(), launched::toString);
            for (String name : new String[] {
                "echo",
                "lines",
                "frames",
                "http",
                "l4",
                "demo",
                "hold",
                "hold-server",
                "hold-processes",
                "ports",
                "restart"
            }) {
                assertTrue(launched.stdout().contains(name), () -> name + " in " + launched.stdout());
            }
        }
    }

    @Test
    void sigtermEndsInOrderWithStatusZeroWhileConnectionsAreOpen() throws Exception {
        try (Launched launched = Launched.launcher("lines", "--port", "0");
                Socket client = launched.connect()) {
            askOnce(client);
            launched.terminate();
            assertEquals(-1, client.getInputStream().read(), "an idle connection is ended in order, not reset");
            assertEndedInOrder(launched);
        }
    }

    @Test
    void sigintEndsInOrderWithStatusZero() throws Exception {
        try (Launched launched = Launched.launcher("lines", "--port", "0");
                Socket client = launched.connect()) {
            askOnce(client);
            assumeTrue(!ignoresSigint(launched.pid()), "SIGINT is ignored here, as in a shell's background jobs");
            interrupt(launched.pid());
            assertEndedInOrder(launched);
        }
    }

    @Test
    void aPortThatIsTakenIsOneLineNamingTheAddress() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Launched launched = Launched.launcher("echo", "--port", String.valueOf(taken.getLocalPort()))) {
            assertRefused(launched, 1, "cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": .+");
        }
    }

    @Test
    void noReadersAreRefusedWithFieldValueAndRange() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--port", "0", "--readers", "0")) {
            assertRefused(launched, 1, "topology\\.readers: 0 is not within 1 to 1024");
        }
    }

    @Test
    void noConnectionsAreRefusedWithFieldValueAndRange() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--port", "0", "--max-connections", "0")) {
            assertRefused(launched, 1, "limits\\.connections: 0 is not within 1 to \\d+");
        }
    }

    @Test
    void tooLittleAndTooMuchMemoryAreRefusedWithFieldValueAndRange() throws Exception {
        for (String bytes : new String[] {"1023", "1000000000000"}) {
            try (Launched launched = Launched.launcher("kv", "--port", "0", "--max-memory", bytes)) {
                assertRefused(launched, 1, "max-memory: " + bytes + " is not within 1024 to \\d+, .+");
            }
        }
    }

    @Test
    void aPortOutOfRangeIsRefusedWithFieldValueAndRange() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--port", "65536")) {
            assertRefused(launched, 1, "endpoint.port: 65536 is not within 0 to 65535");
        }
    }

    @Test
    void listensWhereverItIsTold(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("s");
        try (Launched launched = Launched.launcher("lines", "--listen", "unix:" + path + "?permissions=rw-------")) {
            await(() -> launched.stdout().equals("listening on " + path + System.lineSeparator()), launched::toString);
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap("x\n".getBytes()));
                assertTrue(client.read(ByteBuffer.allocate(2)) > 0);
            }
            launched.terminate();
            assertEndedInOrder(launched);
            assertFalse(Files.exists(path));
        }
    }

    @Test
    void everyAddressIsIpv4AloneWhereTheJvmHasNoIpv6() throws Exception {
        try (Launched launched = Launched.java(List.of(
                        "-Djava.net.preferIPv4Stack=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.sluice.examples.Main",
                        "lines",
                        "--listen",
                        "tcp://[::]:0"));
                Socket client = new Socket("127.0.0.1", launched.address().getPort())) {
            askOnce(client);
        }
    }

    @Test
    void anIpv6AddressIsOneLineWhereTheJvmHasNoIpv6() throws Exception {
        try (Launched launched = Launched.java(List.of(
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.examples.Main",
                "lines",
                "--listen",
                "tcp://[::1]:0"))) {
            assertRefused(
                    launched,
                    1,
                    "cannot listen on \\[::1]:0: this machine, or this JVM as it was started, has no sockets"
                            + " for such an address");
        }
    }

    @Test
    void aMalformedAddressIsAUsageErrorThatTellsThePlace() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--listen", "tcp://localhost")) {
            assertRefused(launched, 2, ".*endpoint: tcp://localhost is wrong at character 16: a colon and a port.*");
        }
    }

    @Test
    void twoPlacesToListenAreAUsageError() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--listen", "tcp://*:0", "--port", "0")) {
            assertRefused(launched, 2, "--listen says where to listen already: leave --host and --port out .*");
        }
    }

    @Test
    void withoutASocketNothingIsInherited() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--listen", "inherited:")) {
            assertRefused(
                    launched,
                    1,
                    "cannot listen on inherited: descriptor 0 is no socket; start this process with one .*");
        }
    }

    @Test
    void anUnknownTopologyIsAUsageErrorThatNamesTheKnownOnes() throws Exception {
        try (Launched launched = Launched.launcher("echo", "--topology", "ring")) {
            assertRefused(launched, 2, ".*--topology.*ring.*single, acceptor-readers, shared-listener.*");
        }
    }

    /** What such an exception says by itself is the file's name and nothing else. */
    @Test
    void aFileThatIsMissingOrThereAlreadyIsToldWithTheReason(@TempDir Path folder) throws Exception {
        String file = folder.resolve("server.key").toString();
        try (Launched launched = Launched.launcher("e2e", "server", "--e2e-key", file)) {
            assertRefused(launched, 1, Pattern.quote(file + ": there is no such file"));
        }
        Files.writeString(folder.resolve("server.key"), "somebody's");
        try (Launched launched = Launched.launcher("e2e", "keys", folder.toString())) {
            assertRefused(launched, 1, Pattern.quote(file + ": there is such a file"));
        }
    }

    /** What can never work is told at the start, and not to each client. */
    @Test
    void backendsThatAreNoneAreRefused() throws Exception {
        for (String[] wrong : new String[][] {
            {"tap", "--backend", "http://localhost:80"},
            {"tap", "--backend", "localhost:0"},
            {"e2e", "client", "--pin", "AAAA", "--connect", ":80", "hello"}
        }) {
            try (Launched launched = Launched.launcher(wrong)) {
                assertRefused(
                        launched,
                        2,
                        ".*(\"http://localhost:80\" is a URL|\"localhost:0\" is nothing to"
                                + " connect to|the host of \":80\" is no name).*");
            }
        }
        try (Launched launched =
                Launched.launcher("sni", "--port", "0", "--route", "a.example=localhost:1", "--cert", "x.pem")) {
            assertRefused(launched, 1, "--cert and --key: TLS is passed on unopened here.*");
        }
        for (String route : new String[] {"a.example=localhost", "*.example=localhost:1", "a_b!=localhost:1"}) {
            try (Launched launched = Launched.launcher("sni", "--port", "0", "--route", route)) {
                assertRefused(launched, 1, "--route.*(is no HOST:PORT|many names|is no host's name).*");
            }
        }
    }

    @Test
    void hostsAreBoundToHttpsByHttpsOnlyAndForSomeTime() throws Exception {
        try (Launched launched = Launched.launcher("http", "--port", "0", "--hsts", "600")) {
            assertRefused(launched, 1, "--hsts: only https says that");
        }
        try (Launched launched = Launched.launcher("https", "--port", "0", "--hsts", "-1")) {
            assertRefused(launched, 1, "--hsts: -1 is less than 0");
        }
    }

    @Test
    void anUnknownExampleIsAUsageError() throws Exception {
        try (Launched launched = Launched.launcher("gopher")) {
            assertRefused(launched, 2, ".*gopher.*");
        }
    }

    @Test
    void noExampleIsAUsageError() throws Exception {
        try (Launched launched = Launched.launcher()) {
            assertRefused(launched, 2, ".*no example named.*");
        }
    }

    private static void assertRefused(Launched launched, int status, String messageRegex) {
        assertEquals(status, launched.status(), launched::toString);
        assertEquals("", launched.stdout());
        assertTrue(
                launched.stderr().matches("sluice-examples: " + messageRegex + "\\R"),
                () -> "one line on standard error, but it was: " + launched.stderr());
    }

    private static void assertEndedInOrder(Launched launched) {
        assertEquals(0, launched.status(), launched::toString);
        assertEquals(1, launched.stdout().lines().count(), launched::toString);
        assertEquals("", launched.stderr());
    }

    private static void askOnce(Socket client) throws IOException {
        client.getOutputStream().write("x\n".getBytes());
        assertEquals("x\n", new String(client.getInputStream().readNBytes(2)));
    }

    private static void interrupt(long pid) throws InterruptedException {
        try {
            int status = new ProcessBuilder("kill", "-INT", String.valueOf(pid))
                    .start()
                    .waitFor();
            assertEquals(0, status, "kill -INT");
        } catch (IOException e) {
            assumeTrue(false, "no kill command here: " + e.getMessage());
        }
    }

    // A shell starts background jobs with SIGINT ignored, which children inherit and the JVM leaves as it is.
    private static boolean ignoresSigint(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        if (!Files.exists(status)) {
            return false;
        }
        Matcher ignored = Pattern.compile("SigIgn:\\s*([0-9a-f]+)").matcher(Files.readString(status));
        return ignored.find() && (Long.parseUnsignedLong(ignored.group(1), 16) >> (SIGINT - 1) & 1) == 1;
    }
}
