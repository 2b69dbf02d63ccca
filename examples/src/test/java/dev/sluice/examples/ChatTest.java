// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.sim.Client;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything said goes to all, and who doesn't read costs a bounded number of bytes. */
final class ChatTest {
    private static final int SAID = 5000;
    private static final String WORDS = "w".repeat(200);

    private final Simulation sim = Simulation.seed(5).bufferBytes(4096).build();

    private Server server(Chat.SlowReader policy) throws IOException {
        return Chat.server(Endpoint.tcp("10.0.0.1", 7003), policy)
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .start();
    }

    private void stop(Server server) throws Exception {
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(1));
    }

    private Client member(Server server) {
        return sim.client("10.0.1.1").connect(server.address());
    }

    private static String heard(Client member) {
        return new String(member.received(), UTF_8);
    }

    private void talk(Server server) {
        Client talker = member(server).pause(Duration.ofMillis(100));
        for (int i = 0; i < SAID; i++) {
            talker.send(WORDS + i + "\n").pause(Duration.ofMillis(1));
        }
        talker.pause(Duration.ofMinutes(1)).send("the last line\n").pause(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @EnumSource
    void everythingSaidGoesToAll(Chat.SlowReader policy) throws Exception {
        Server server = server(policy);
        Client one = member(server).pause(Duration.ofSeconds(1)).send("hi\n").pause(Duration.ofSeconds(1));
        Client two = member(server)
                .pause(Duration.ofSeconds(1))
                .send("\u001b[2Jho\n")
                .pause(Duration.ofSeconds(1));
        sim.runClients(Duration.ofMinutes(1));
        for (Client member : new Client[] {one, two}) {
            assertTrue(heard(member).contains(": hi\n"), () -> heard(member));
            assertTrue(heard(member).contains(": ?[2Jho\n"), () -> heard(member));
        }
        stop(server);
    }

    @Test
    void whoDoesNotReadIsLeftOutAndToldSo() throws Exception {
        Server server = server(Chat.SlowReader.SKIP);
        Client slow = member(server).pause(Duration.ofMillis(10)).stopReading().pause(Duration.ofSeconds(30));
        Client quick = member(server).pause(Duration.ofMinutes(2));
        slow.resumeReading().pause(Duration.ofMinutes(2));
        talk(server);
        sim.runClients(Duration.ofMinutes(5));
        String missed = heard(slow);
        int told = missed.indexOf(" lines were left out\n");
        assertTrue(told > 0 && told < 100_000, () -> "told after " + told + " of " + missed.length());
        assertTrue(missed.endsWith(": the last line\n"), "what was said after that has come");
        assertEquals(SAID, heard(quick).split(WORDS, -1).length - 1, "the others missed nothing");
        assertFalse(slow.wasCut());
        stop(server);
    }

    @Test
    void whoDoesNotReadIsDropped() throws Exception {
        Server server = server(Chat.SlowReader.DROP);
        Client slow = member(server).pause(Duration.ofMillis(10)).stopReading().pause(Duration.ofSeconds(30));
        slow.resumeReading().pause(Duration.ofMinutes(2));
        Client quick = member(server).pause(Duration.ofMinutes(2));
        talk(server);
        sim.runClients(Duration.ofMinutes(5));
        assertTrue(heard(slow).length() < 100_000, "what was on its way to it is bounded");
        assertEquals(1L, server.closed().get(CloseReason.Kind.ABORTED));
        assertEquals(SAID, heard(quick).split(WORDS, -1).length - 1, "the others missed nothing");
        stop(server);
    }
}
