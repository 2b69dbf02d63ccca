// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.frame.LineFramer;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Accept errors, over a network that makes them and a clock that the test moves. */
class AcceptorTest {
    private static final long MILLIS = 1_000_000;

    private final StubNetwork network = new StubNetwork();
    private Server server;
    private Acceptor acceptor;

    @BeforeEach
    void start() throws IOException {
        server = start(network, Limits.defaults());
        acceptor = server.acceptors().get(0);
    }

    private static Server start(StubNetwork network, Limits limits) throws IOException {
        Server server = Server.builder()
                .environment(network.environment())
                .topology(Topology.singleThread())
                .limits(limits)
                .listen(Endpoint.tcp("127.0.0.1", 1), Protocol.of(LineFramer::new, TestServer::echo))
                .start();
        network.step();
        return server;
    }

    @Test
    void acceptingRestsAfterAnErrorAndGoesOnByItself() throws IOException {
        network.acceptFails = new IOException("Too many open files");
        network.connect();
        network.step();
        assertEquals(1, acceptor.errors());
        assertEquals(1, acceptor.rests());
        long since = acceptor.closure().sinceNanos();
        network.nowNanos += 40 * MILLIS;
        network.step();
        assertEquals(1, acceptor.errors(), "it rests");
        network.nowNanos += 20 * MILLIS;
        network.step(); // the rest is over
        network.step();
        assertEquals(2, acceptor.errors());
        assertEquals(2, server.counters().acceptRests());
        assertEquals("the process has no descriptor left", acceptor.closure().why());
        assertEquals(since, acceptor.closure().sinceNanos(), "nobody was let in meanwhile");
        network.acceptFails = null;
        network.nowNanos += 60 * MILLIS;
        network.step();
        network.step();
        assertEquals(1, acceptor.accepted());
        assertEquals(1, server.connections(), "permits of failed accepts were given back");
        assertNull(acceptor.closure());
    }

    @Test
    void afterAConnectionThatWasGoneTheNextIsTriedAtOnceButNotForEver() throws IOException {
        network.acceptFails = new IOException("Software caused connection abort");
        network.connect();
        network.step();
        assertEquals(16, acceptor.errors(AcceptError.CONNECTION));
        assertEquals(1, acceptor.rests());
        network.step();
        assertEquals(16, acceptor.errors(), "it rests, for so many may be something else");
        network.acceptFails = null;
        network.nowNanos += 60 * MILLIS;
        network.step();
        network.step();
        assertEquals(1, acceptor.accepted());
    }

    @Test
    void lookingForSomebodyInVainUsesUpNoAcceptRate() throws IOException {
        StubNetwork slow = new StubNetwork();
        Server limited = start(slow, Limits.defaults().withAcceptRate(1, 3));
        for (int i = 1; i <= 3; i++) {
            slow.connect();
            slow.step(); // it looks for a second one as well
            assertEquals(i, limited.connections());
        }
        slow.connect();
        slow.step();
        assertEquals(3, limited.connections(), "no more in this second");
        assertEquals(
                "limits.acceptsPerSecond, 1, are exceeded",
                limited.acceptors().get(0).closure().why());
        assertEquals(0, limited.acceptors().get(0).errors());
        assertEquals(1, limited.counters().acceptRests());
        slow.nowNanos += 1020 * MILLIS;
        slow.step();
        slow.step();
        assertEquals(4, limited.connections());
    }

    @Test
    void whileItIsFullItSaysOfWhatAndSinceWhen() throws IOException {
        StubNetwork small = new StubNetwork();
        Server full = start(small, Limits.defaults().withConnections(1));
        Acceptor acceptor = full.acceptors().get(0);
        small.connect();
        small.nowNanos += 7 * MILLIS;
        long now = small.nowNanos;
        small.step(); // it looks for a second one as well
        small.nowNanos += 2 * MILLIS;
        small.connect();
        small.step();
        small.nowNanos += 5 * MILLIS;
        assertEquals("limits.connections, 1, are held", acceptor.closure().why());
        assertEquals(now, acceptor.closure().sinceNanos());
        assertEquals(0, acceptor.rests());
    }

    @Test
    void errorsAreCountedByCause() throws IOException {
        network.connect();
        for (String text : new String[] {"Too many open files", "Cannot allocate memory", "Too many open files"}) {
            network.acceptFails = new IOException(text);
            network.step();
            network.nowNanos += 60 * MILLIS;
            network.step();
        }
        assertEquals(2, acceptor.errors(AcceptError.DESCRIPTORS_OF_PROCESS));
        assertEquals(1, acceptor.errors(AcceptError.MEMORY));
        assertEquals(3, acceptor.errors());
    }

    @Test
    void anErrorThatNobodyKnowsIsRestedFromAsWell() throws IOException {
        network.acceptFails = new IOException("etwas Unbekanntes");
        network.connect();
        for (int i = 0; i < 100; i++) {
            network.step();
        }
        assertEquals(1, acceptor.errors());
        assertEquals(0, server.connections());
    }
}
