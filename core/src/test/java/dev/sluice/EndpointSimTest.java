// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.TcpOptions.KeepAlive;
import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Client;
import dev.sluice.sim.Fault;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Endpoints in the simulated network: what is configured for the machine's sockets works there unchanged. */
class EndpointSimTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Simulation sim = Simulation.seed(7).build();
    private final List<Integer> receiveBuffers = new ArrayList<>();
    private final Protocol<ByteBuffer> lines = Protocol.of(LineFramer::new, (line, reply) -> {
        SocketConnection connection = (SocketConnection) reply.connection();
        receiveBuffers.add(connection.channel.getOption(StandardSocketOptions.SO_RCVBUF));
        TestServer.echo(line, reply);
    });

    private Server start(Endpoint... endpoints) throws IOException {
        Server.Builder builder = Server.builder().environment(sim.environment()).topology(Topology.singleThread());
        for (Endpoint endpoint : endpoints) {
            builder.listen(endpoint, lines);
        }
        return builder.start();
    }

    @Test
    void eachEndpointHasItsOptions() throws Exception {
        TcpOptions options = TcpOptions.defaults()
                .withReceiveBuffer(8192)
                .withSendBuffer(8192)
                .withTrafficClass(8)
                .withKeepAlive(KeepAlive.of(Duration.ofMinutes(1), Duration.ofSeconds(10), 6));
        Server server = start(
                Endpoint.parse("tcp://10.0.0.1:7000"),
                Endpoint.tcp("10.0.0.1", 7001).withOptions(options),
                Endpoint.parse("tcp://[fd00::1]:7002"));
        for (Listener listener : server.listeners()) {
            sim.client("10.0.1.7")
                    .connect(listener.localAddress())
                    .send("x\n")
                    .expect("x\n")
                    .close();
            sim.runClients(MINUTE);
        }
        assertEquals(List.of(65_536, 8192, 65_536), receiveBuffers);
        stop(server);
    }

    @Test
    void aPortThatIsTakenLeavesNoSocketOpen() {
        BindException e = assertThrows(
                BindException.class,
                () -> start(
                        Endpoint.tcp("10.0.0.1", 7000), Endpoint.tcp("10.0.0.1", 7001), Endpoint.tcp("0.0.0.0", 7000)));
        assertEquals(
                "cannot listen on 0.0.0.0:7000: Address already in use; stop what has port 7000 (ss -ltnp shows it), or"
                        + " take another",
                e.getMessage());
        assertEquals(0, sim.openSockets());
    }

    @Test
    void allWhoWereQueuedWhenTheServerStoppedAreAnswered() throws Exception {
        Server server = start(Endpoint.tcp("10.0.0.1", 7000));
        sim.force(Fault.ACCEPT_NO_MEMORY, 1); // accepting rests for 50 ms
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(sim.client("10.0.1." + i)
                    .connect(server.address())
                    .send("x\n")
                    .expect("x\n")
                    .close());
        }
        sim.run(Duration.ofMillis(40));
        assertEquals(1, server.acceptors().get(0).errors());
        assertEquals(0, server.acceptors().get(0).accepted());
        server.beginDrain(TestServer.GRACE);
        sim.runClients(MINUTE);
        sim.runUntilStopped(MINUTE);
        for (Client client : clients) {
            assertEquals("x\n", new String(client.received(), StandardCharsets.ISO_8859_1));
        }
    }

    private void stop(Server server) throws InterruptedException {
        server.stop(TestServer.GRACE);
        sim.runUntilStopped(MINUTE);
        assertEquals(0, sim.openSockets());
    }
}
