// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.TcpOptions;
import dev.sluice.frame.LineFramer;
import dev.sluice.outbound.SourceAddresses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Running out of source ports, what helps, and what ports do after their connections have ended. */
final class PortsTest {
    private static final Pattern ROW = Pattern.compile(
            "(?m)^(\\S.*?) {2,}(\\S+:\\S+|\\(not bound\\)) +(127\\.0\\.0\\.\\d:\\d+) +([\\d,]+) {2}(.*)$");

    private static final String ALL_IN_USE = "PortsExhausted: 40 in use, 0 in quarantine, 0 refused by the system";
    private static final String NONE_FOR_ALL_FOUR = "Cannot assign requested address";
    private static final String NONE_TO_BIND_TO = "Address already in use";

    @Test
    void eachCureHasAllPortsAgain() throws Exception {
        String[] command = {"ports", "--no-namespace", "--ports", "40", "--port", "0"};
        // In a namespace the machine's other programs have none of the ports.
        try (Launched ports = canMakeNamespace() ? inNamespace(command) : Launched.launcher(command)) {
            assertEquals(0, ports.status(), ports::toString);
            for (String cure : new String[] {
                "one source, one destination",
                "another port of the destination",
                "another address of the destination",
                "another address of the source"
            }) {
                assertRow(ports, cure, 40, ALL_IN_USE);
            }
            assertTrue(ports.stdout().contains("\n160 connections are held\n"), ports::toString);
            assertRow(ports, "the server had closed first", 40, ALL_IN_USE);
            assertRow(
                    ports,
                    "closed from here first",
                    0,
                    "PortsExhausted: 0 in use, 40 in quarantine, 0 refused by the system");
            assertFalse(ports.stdout().contains("kernel"), ports::toString);
        }
    }

    @Test
    void theKernelsChoiceRunsOutTheSameWay() throws Exception {
        assumeTrue(canMakeNamespace(), "no network namespace of one's own can be made here");
        try (Launched ports = inNamespace("ports", "--in-namespace", "--ports", "40")) {
            assertEquals(0, ports.status(), ports::toString);
            assertRow(ports, "one source, one destination", 40, NONE_FOR_ALL_FOUR);
            assertRow(ports, "another port of the destination", 40, NONE_FOR_ALL_FOUR);
            assertRow(ports, "another address of the destination", 40, NONE_FOR_ALL_FOUR);
            assertRow(ports, "another address of the source", 40, NONE_TO_BIND_TO);
            assertRow(ports, "that one, another port of the destination", 0, NONE_TO_BIND_TO);
            assertTrue(ports.stdout().contains("\n160 connections are held\n"), ports::toString);
        }
    }

    @Test
    void withoutTimestampsTheKernelRefusesPortsInTimeWaitSoThatQuarantineIsNeeded() throws Exception {
        assumeTrue(canMakeNamespace(), "no network namespace of one's own can be made here");
        try (Launched ports = inNamespace("ports", "--in-namespace", "--ports", "40")) {
            assertEquals(0, ports.status(), ports::toString);
            assertRow(
                    ports,
                    "no quarantine, tcp_timestamps is 0",
                    0,
                    "PortsExhausted: 0 in use, 0 in quarantine, 40 refused by the system");
        }
    }

    @Test
    void byItselfItShowsBoth() throws Exception {
        assumeTrue(canMakeNamespace(), "no network namespace of one's own can be made here");
        try (Launched ports = inNamespace("ports", "--ports", "40")) {
            assertEquals(0, ports.status(), ports::toString);
            assertRow(ports, "no quarantine, tcp_timestamps is 1", 40, ALL_IN_USE);
            assertRow(ports, "that one, another port of the destination", 0, NONE_TO_BIND_TO);
            assertEquals("", ports.stderr());
        }
    }

    /** A server with a protocol of its own connects to a backend from two addresses. */
    @Test
    void aServersConnectorTakesItsSourcesLikeThis() throws Exception {
        try (Server server = Lines.server(Endpoint.tcp("127.0.0.1", 0)).start()) {
            Protocol<ByteBuffer> protocol = Protocol.of(LineFramer::new, (line, reply) -> {});
            // snippet: sources
            SourceAddresses sources = SourceAddresses.parse("127.0.0.2:10000-31999, 127.0.0.3:10000-31999");
            Connector connector = server.connector(protocol, TcpOptions.defaults(), sources);
            // end snippet
            Connection connection = connector.connect(server.address()).get(20, TimeUnit.SECONDS);
            String local = connection.localAddress().toString();
            assertTrue(local.matches("/127\\.0\\.0\\.[23]:[123]\\d{4}"), local);
        }
    }

    private static Launched inNamespace(String... command) throws IOException {
        return Launched.launcherIn(new String[] {"unshare", "-rn"}, "ip link set lo up", command);
    }

    private static void assertRow(Launched ports, String what, int reached, String refusal) {
        Matcher rows = ROW.matcher(ports.stdout());
        while (rows.find()) {
            if (rows.group(1).equals(what)) {
                assertEquals(reached + " " + refusal, rows.group(4) + " " + rows.group(5), ports::toString);
                return;
            }
        }
        throw new AssertionError("no row " + what + ", " + ports);
    }

    private static boolean canMakeNamespace() throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder("unshare", "-rn", "ip", "link", "set", "lo", "up")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }
}
