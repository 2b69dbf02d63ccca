// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holding connections, and running into the limits that there are. */
final class HoldTest {
    private static final String NARROW =
            "ip link set lo up && echo \"40000 40049\" > /proc/sys/net/ipv4/ip_local_port_range";

    @Test
    void holdsConnectionsFromARangeOfSourcesAndEachAnswersAtTheEnd() throws Exception {
        try (Launched server = Launched.launcher("hold-server", "--port", "0");
                Launched hold = Launched.launcher(
                        "hold",
                        "--connections",
                        "300",
                        "--sources",
                        "127.0.0.2-127.0.0.4,127.0.0.9",
                        "--for",
                        "0.1",
                        "--verify",
                        text(server.address()))) {
            assertEquals(0, hold.status(), hold::toString);
            assertEquals("""
                    holding 300 of 300 connections from 4 addresses to %s
                    held 300 at the end, 300 of which answered
                    """.formatted(text(server.address())), hold.stdout());
            assertEquals("hold: 300 connections tried\nwaiting up to 30 s for the answers\n", hold.stderr());
        }
    }

    @Test
    void aServerSaysHowManyItHoldsOnEachOfItsPorts() throws Exception {
        try (Launched server = Launched.launcher("hold-server", "--port", "0", "--ports", "2")) {
            server.address();
            String[] lines = server.stdout().split("\\R");
            assertEquals(2, lines.length, server::toString);
            String first = lines[0].substring("listening on ".length());
            String second = lines[1].substring("listening on ".length());
            try (Launched hold = Launched.launcher("hold", "--connections", "30", first, second)) {
                await(() -> server.stdout().contains("holding 30\n"), server::toString);
                hold.terminate();
                assertEquals(0, hold.status(), hold::toString);
                await(() -> server.stdout().endsWith("holding 0\n"), server::toString);
            }
        }
    }

    @Test
    void sigtermEndsHoldingInOrderAfterVerifying() throws Exception {
        try (Launched server = Launched.launcher("hold", "--server", "--port", "0");
                Launched hold = Launched.launcher("hold", "--connections", "20", "--verify", text(server.address()))) {
            await(() -> hold.stdout().contains("holding 20 of 20"), hold::toString);
            hold.terminate();
            assertEquals(0, hold.status(), hold::toString);
            assertTrue(hold.stdout().endsWith("held 20 at the end, 20 of which answered\n"), hold::toString);
        }
    }

    @Test
    void aServerThatEndsIsToldAsClosedByPeer() throws Exception {
        try (Launched server = Launched.launcher("hold-server", "--port", "0");
                Launched hold = Launched.launcher("hold", "--connections", "20", text(server.address()))) {
            await(() -> hold.stdout().contains("holding 20 of 20"), hold::toString);
            server.terminate();
            assertEquals(0, server.status(), server::toString);
            hold.terminate();
            assertEquals(1, hold.status(), hold::toString);
            assertTrue(hold.stdout().contains("\nheld 0 at the end\n20 closed by peer: "), hold::toString);
        }
    }

    @Test
    void refusedConnectsAreOneLineThatSaysWhatToDo() throws Exception {
        String target;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            target = "127.0.0.1:" + free.getLocalPort();
        }
        try (Launched hold = Launched.launcher("hold", "--connections", "7", "--for", "0", target)) {
            assertEquals(1, hold.status(), hold::toString);
            assertTrue(hold.stdout().contains("\n7 refused: nobody listens there: "), hold::toString);
            assertNoStackTrace(hold);
        }
    }

    @Test
    void theLimitOfDescriptorsIsNamedWithItsNumber() throws Exception {
        try (Launched server = Launched.launcher("hold-server", "--port", "0");
                Launched hold = Launched.launcherAfter(
                        "ulimit -n 200", "hold", "--connections", "500", "--for", "0", text(server.address()))) {
            assertEquals(1, hold.status(), hold::toString);
            assertTrue(
                    hold.stdout().contains(" no descriptor left: this process may open 200 descriptors"),
                    hold::toString);
            assertNoStackTrace(hold);
        }
    }

    /** The server runs in the same process, and so in the same namespace. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:7003, '', 50, 'one address of the kernel''s choice, one target'",
        "127.0.0.1:7003 127.0.0.1:7004, '', 100, 'another port of the target has all ports again'",
        "127.0.0.1:7003 127.0.0.9:7003, '', 100, 'another address of the target has all ports again'",
        "127.0.0.1:7003, 127.0.0.2, 50, 'one source'",
        "127.0.0.1:7003, 127.0.0.2-127.0.0.3, 100, 'another source has all ports again'",
        "127.0.0.1:7003 127.0.0.1:7004, 127.0.0.2, 50, 'a port that was bound is taken for all targets'"
    })
    void thePortsOfASourceAreFiftyWhereTheRangeIsFifty(String targets, String sources, int held, String why)
            throws Exception {
        assumeTrue(canUnshare(), "no network namespace can be made here (unshare -rn)");
        String options =
                " --with-server --connections 150 --for 0 " + (sources.isEmpty() ? "" : "--sources " + sources);
        try (Launched hold = Launched.launcherIn(
                new String[] {"unshare", "-rn"}, NARROW, ("hold" + options + " " + targets).split(" +"))) {
            assertEquals(1, hold.status(), hold::toString);
            assertTrue(hold.stdout().startsWith("holding " + held + " of 150 "), () -> why + " " + hold);
            assertTrue(
                    hold.stdout()
                            .contains("\n" + (150 - held) + " no port left: a source has the ports of"
                                    + " net.ipv4.ip_local_port_range, here 40000 40049; "),
                    hold::toString);
            assertNoStackTrace(hold);
        }
    }

    @Test
    void severalServersShareOnePortAndAreMeasured() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/smaps_rollup")), "memory of processes is read from /proc");
        try (Launched processes = Launched.launcher("hold-processes", "--processes", "2", "--connections", "60")) {
            assertEquals(0, processes.status(), processes::toString);
            String stdout = processes.stdout();
            assertTrue(
                    stdout.matches("(?s)process .*server 1 .*server 2 .*kernel: .*TCP sockets are in use.*"), stdout);
            assertTrue(
                    stdout.strip().matches("(?s).*held 60 of 60 connections to \\S+, 60 of which answered at the end"),
                    stdout);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--connections, 0, 1, 'connections: 0 is not within 1 to 10000000'",
        "--opening, 0, 1, 'opening: 0 is not within 1 to 100000'",
        "--for, -1, 1, 'for: -1 is not within 0 to 1000000000'",
        "--sources, 127.0.0.300, 2, '.*127.0.0.300 is no IPv4 address such as 127.0.0.2 .*'",
        "--sources, 192.0.2.1, 2, '.*192.0.2.1 is no address of this machine: .*'",
        "--sources, 127.0.0.3-127.0.0.2, 2, '.*is no ascending range.*'",
        "--sources, 127.0.0.0-127.255.0.0, 2, '.*more than 65536 addresses.*'"
    })
    void refusesWrongOptionsInOneLine(String option, String value, int status, String message) throws Exception {
        try (Launched hold = Launched.launcher("hold", option, value, "127.0.0.1:7003")) {
            assertEquals(status, hold.status(), hold::toString);
            assertTrue(hold.stderr().strip().matches("sluice-examples: " + message), hold::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"7003", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536"})
    void refusesATargetWithoutAPort(String target) throws Exception {
        try (Launched hold = Launched.launcher("hold", target)) {
            assertEquals(2, hold.status(), hold::toString);
            assertTrue(
                    hold.stderr().contains(target + " is not HOST:PORT with a port from 1 to 65535"), hold::toString);
        }
    }

    private static void assertNoStackTrace(Launched launched) {
        assertFalse((launched.stdout() + launched.stderr()).contains("\tat "), launched::toString);
    }

    private static boolean canUnshare() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("unshare", "-rn", "sh", "-c", NARROW)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
