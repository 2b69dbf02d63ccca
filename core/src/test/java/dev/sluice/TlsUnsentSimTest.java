// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.RawFramer;
import dev.sluice.sim.Simulation;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What is counted as unsent of a connection that speaks TLS, looked at in the middle of what its loop does. */
class TlsUnsentSimTest {
    private static final int LIMIT = 300_000;
    private static final int SENT = 3_000_000;
    private static final int PIECE = 1_000;
    private static final int ROOM = 10 * PIECE; // that is left; what is sealed takes more than what it is made from

    private final AtomicReference<SocketConnection> sender = new AtomicReference<>();
    private int asked;
    private int refused;
    private int sent;
    private int heard;

    /** Sends as much as may be held, but for the room that is left. */
    private void fill(Connection connection) {
        while (sent < SENT && connection.unsentBytes() < LIMIT - ROOM) {
            assertTrue(connection.send(ByteBuffer.allocate(PIECE)));
            connection.reader().outbound.flush();
            sent += PIECE;
        }
    }

    private void fillNowAndThen(Simulation sim, Connection connection) {
        connection.reader().execute(() -> fill(connection));
        if (sent < SENT) {
            sim.after(Duration.ofMillis(10), () -> fillNowAndThen(sim, connection));
        }
    }

    /** Whether another thread might send now, and it sends nothing after all. */
    private void ask() {
        SocketConnection connection = sender.get();
        if (connection == null || !connection.isOpen()) {
            return;
        }
        asked++;
        if (connection.reserve(PIECE)) {
            connection.arrived(PIECE);
        } else {
            refused++;
        }
    }

    /** Sealed bytes that the socket doesn't take, in the place of those out of which they were made, are no more than these. */
    @Test
    void whatIsSealedOutOfWhatIsHeldIsNeverSeenBesideIt() throws Exception {
        Simulation sim = Simulation.seed(1)
                .bufferBytes(16 << 10)
                .eventsTo(event -> {
                    if (event.contains(" write ")) { // in the middle of what a loop does
                        ask();
                    }
                })
                .build();
        Limits limits = Limits.defaults().withMarks(LIMIT, LIMIT / 8).withOutboundBytes(LIMIT);
        DuplexProtocol<ByteBuffer> sending = DuplexProtocol.of(RawFramer::new, (bytes, connection) -> {
            fill(connection);
            sender.set((SocketConnection) connection);
        });
        DuplexProtocol<ByteBuffer> hearing =
                DuplexProtocol.of(RawFramer::new, (bytes, connection) -> heard += bytes.remaining());
        Server server = Server.builder()
                .environment(sim.environment("10.0.0.1"))
                .topology(Topology.singleThread())
                .limits(limits)
                .listen(
                        Endpoint.tcp("10.0.0.1", 7000)
                                .withTls(TlsKeys.ofLocalhost().server()),
                        sending)
                .start();
        Connector connector = Connector.builder(hearing)
                .environment(sim.environment("10.1.0.1"))
                .tls(TlsKeys.ofLocalhost().client().serverName("localhost").build())
                .start();
        connector.connect(new InetSocketAddress("10.0.0.1", 7000)).thenAccept(connection -> {
            connection.send(TestServer.bytes("x"));
            connection.pause();
            sim.after(Duration.ofSeconds(1), () -> {
                connection.resume();
                fillNowAndThen(sim, sender.get());
            });
        });
        sim.run(Duration.ofMinutes(1));
        assertEquals(0, refused, () -> "of " + asked);
        assertTrue(asked > SENT / (64 << 10), () -> asked + " looks");
        assertEquals(SENT, heard);
        assertTrue(sender.get().isOpen());
        server.stop(Duration.ZERO);
        connector.stop(Duration.ZERO);
        sim.runUntilStopped(Duration.ofMinutes(1));
    }
}
