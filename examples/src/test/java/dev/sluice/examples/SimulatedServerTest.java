// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Client;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Fault;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How an embedder tests a server of their own: see docs/testing.md. */
class SimulatedServerTest {
    // snippet: test
    @Test
    void myServerSurvivesAHardDay() throws Exception {
        Faults faults = Faults.none().with(Fault.SHORT_READ, 0.2).with(Fault.RESET, 0.001);
        Simulation sim = Simulation.seed(42).faults(faults).build();
        Protocol<ByteBuffer> echo = Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .listen(Endpoint.tcp("10.0.0.1", 7000), echo)
                .start();
        sim.check(() -> assertTrue(server.connections() <= 102, "too many connections"));

        sim.randomClients(100, server.address(), Conversation.echoedLines(80)).requests(50);
        String line = "x".repeat(9999) + "\n";
        Client slow =
                sim.client("10.0.1.7").connect(server.address()).stopReading().send(line);
        slow.pause(Duration.ofMinutes(1)).resumeReading().expect(line);
        sim.client("10.0.1.8").connect(server.address()).send("half a li").reset();
        sim.runClients(Duration.ofHours(1));

        sim.run(Duration.ofHours(1)); // nothing happens, and it takes milliseconds

        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(1));
        assertEquals(0, sim.openSockets());
    }
    // end snippet

    // snippet: shrunk
    @Test
    void whatFailsIsToldByTheSmallestRunThatFails() {
        Simulation.seed(11).faults(Faults.mixed()).run(sim -> {
            Server server = Echo.server(Endpoint.tcp("10.0.0.1", 7000))
                    .environment(sim.environment())
                    .topology(Topology.acceptorAndReaders(2))
                    .start();
            sim.randomClients(50, server.address(), Conversation.echoedLines(80))
                    .requests(20);
            sim.runClients(Duration.ofHours(1));
        });
    }
    // end snippet

    // snippet: script
    @Test
    void aReplyThatAPartitionHeldUpArrivesLater() throws Exception {
        Simulation sim = Simulation.seed(7).build();
        Server server = Echo.server(Endpoint.tcp("10.0.0.1", 7000))
                .environment(sim.environment())
                .topology(Topology.singleThread())
                .start();
        sim.after(Duration.ofSeconds(1), () -> sim.partition("10.0.0.1", "10.0.1.7"));
        sim.after(Duration.ofSeconds(20), () -> sim.heal("10.0.0.1", "10.0.1.7"));
        sim.client("10.0.1.7")
                .connect(server.address())
                .pause(Duration.ofSeconds(2))
                .within(Duration.ofMinutes(1))
                .send("are you there?")
                .expect("are you there?")
                .close();
        sim.runClients(Duration.ofMinutes(5));
        server.stop(Duration.ofSeconds(5));
        sim.runUntilStopped(Duration.ofMinutes(1));
    }
    // end snippet
}
