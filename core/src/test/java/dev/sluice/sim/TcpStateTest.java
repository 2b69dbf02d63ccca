// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static dev.sluice.sim.TcpState.CLOSED;
import static dev.sluice.sim.TcpState.CLOSE_WAIT;
import static dev.sluice.sim.TcpState.ESTABLISHED;
import static dev.sluice.sim.TcpState.FIN_WAIT_1;
import static dev.sluice.sim.TcpState.FIN_WAIT_2;
import static dev.sluice.sim.TcpState.LAST_ACK;
import static dev.sluice.sim.TcpState.SYN_SENT;
import static dev.sluice.sim.TcpState.TIME_WAIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The ends of a simulated connection go through the states of RFC 9293. */
class TcpStateTest {
    private final Simulation sim = Simulation.seed(1).build();
    private final EchoServer echo = new EchoServer(sim, EchoServer.Kind.SINGLE_THREAD);
    private final Tcp client = connected();

    private Tcp connected() {
        Tcp tcp = new Tcp(sim.world.network, InetAddress.getLoopbackAddress());
        try {
            sim.world.network.connect(tcp, (InetSocketAddress) echo.server.address());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertEquals(SYN_SENT, tcp.state());
        sim.run(Duration.ofSeconds(1));
        assertEquals(ESTABLISHED, tcp.state());
        assertEquals(ESTABLISHED, tcp.peer.state());
        return tcp;
    }

    @Test
    void whoClosesFirstEndsInTimeWaitAndTheOtherEndIsClosed() {
        client.close(false);
        assertEquals(FIN_WAIT_1, client.state());
        sim.runUntil("the FIN has arrived", () -> client.peer.state() == CLOSE_WAIT, Duration.ofSeconds(1));
        assertEquals(FIN_WAIT_2, client.state());
        sim.runUntil("it is answered", () -> client.peer.state() == LAST_ACK, Duration.ofSeconds(1));
        sim.run(Duration.ofSeconds(1));
        assertEquals(TIME_WAIT, client.state());
        assertEquals(CLOSED, client.peer.state());
        echo.stop();
    }

    @Test
    void aResetEndsBothAtOnce() {
        client.close(true);
        sim.run(Duration.ofSeconds(1));
        assertEquals(CLOSED, client.state());
        assertEquals(CLOSED, client.peer.state());
        echo.stop();
    }

    @Test
    void noStateIsEverGoneBackTo() {
        for (TcpState one : TcpState.values()) {
            for (TcpState other : TcpState.values()) {
                assertFalse(one != other && one.mayBecome(other) && other.mayBecome(one), one + " and " + other);
            }
            assertTrue(one.mayBecome(CLOSED));
        }
        assertTrue(SYN_SENT.mayBecome(LAST_ACK));
        assertFalse(FIN_WAIT_1.mayBecome(LAST_ACK));
        echo.stop();
    }
}
