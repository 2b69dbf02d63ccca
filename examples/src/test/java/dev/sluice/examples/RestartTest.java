// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Restarts under load, in real processes. Many more rounds: the launcher's {@code restart}. */
final class RestartTest {
    private static final Pattern OUTCOME =
            Pattern.compile("restarted 3 times: (\\d+) requests asked, (\\d+) answered, (\\d+) lost.*\\R");
    private static final int CLIENTS = 4;
    private static final String LOOPBACK = "ip link set lo up";
    private static final String MIGRATE = LOOPBACK + " && echo 1 > /proc/sys/net/ipv4/tcp_migrate_req";

    @Test
    void noRequestIsLostWhenTheNextServerIsGivenTheListeningSocket() throws Exception {
        assumeTrue(runs("perl", "-v") || runs("python3", "-V"), "neither perl nor python3 is here to pass a socket");
        try (Launched restart = Launched.launcher("restart", "--by", "inherited", "--rounds", "3")) {
            assertEquals(0, restart.status(), restart::toString);
            assertEquals(0, lost(restart));
        }
    }

    @Test
    void noRequestIsLostOnASharedPortWhereTheKernelMovesWhatIsQueued() throws Exception {
        assumeTrue(
                runs("unshare", "-rn", "sh", "-c", MIGRATE),
                "no network namespace with tcp_migrate_req can be made here (unshare -rn; Linux 5.14)");
        try (Launched restart = Launched.launcherIn(
                new String[] {"unshare", "-rn"}, MIGRATE, "restart", "--by", "reuse-port", "--rounds", "3")) {
            assertEquals(0, restart.status(), restart::toString);
            assertEquals(0, lost(restart));
        }
    }

    /** A client has one request under way at most, so the kernel can't have queued more than there are clients. */
    @Test
    void noMoreIsLostOnASharedPortThanTheKernelHadQueuedWhereItDoesNotMoveThat() throws Exception {
        assumeTrue(runs("unshare", "-rn", "sh", "-c", LOOPBACK), "no network namespace can be made here (unshare -rn)");
        try (Launched restart = Launched.launcherIn(
                new String[] {"unshare", "-rn"}, LOOPBACK, "restart", "--by", "reuse-port", "--rounds", "3")) {
            restart.status();
            assertTrue(lost(restart) <= 3 * CLIENTS, restart::toString);
        }
    }

    @Test
    void systemdsOwnToolStartsAServerWithItsSocket() throws Exception {
        assumeTrue(runs("systemd-socket-activate", "--version"), "no systemd-socket-activate here");
        int port = freePort();
        try (Launched launched = Launched.launcherOf(
                        List.of("systemd-socket-activate", "--inetd", "-l", "127.0.0.1:" + port),
                        "lines",
                        "--listen",
                        "inherited:");
                Socket client = connect(port, launched)) {
            client.setSoTimeout(30_000);
            client.getOutputStream().write("x\n".getBytes());
            assertEquals("x\n", new String(client.getInputStream().readNBytes(2)), launched::toString);
            launched.terminate();
            assertEquals(0, launched.status(), launched::toString);
        }
    }

    private static Socket connect(int port, Launched launched) {
        Socket[] connected = new Socket[1];
        await(
                () -> {
                    try {
                        connected[0] = new Socket(InetAddress.getLoopbackAddress(), port);
                        return true;
                    } catch (IOException e) {
                        return false; // it doesn't listen yet
                    }
                },
                launched::toString);
        return connected[0];
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int lost(Launched restart) {
        Matcher outcome = OUTCOME.matcher(restart.stdout());
        assertTrue(outcome.matches(), restart::toString);
        int asked = Integer.parseInt(outcome.group(1));
        int lost = Integer.parseInt(outcome.group(3));
        assertTrue(asked >= 80, restart::toString);
        assertEquals(asked, Integer.parseInt(outcome.group(2)) + lost, restart::toString);
        return lost;
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
