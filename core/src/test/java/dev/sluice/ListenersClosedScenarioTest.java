// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that lets nobody in any more goes on with those who are there. */
class ListenersClosedScenarioTest {
    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(2);

    static Iterable<Topology> topologies() {
        return TestServer.topologies((Executor) WORKERS);
    }

    @AfterAll
    static void endWorkers() {
        WORKERS.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void whoIsThereStaysAndNobodyComes(Topology topology) throws Exception {
        try (TestServer server = new TestServer(TestServer::echo, builder -> builder.topology(topology));
                Client early = server.client()) {
            early.send("one\n").read("one\n");
            server.server.closeListeners().get(10, TimeUnit.SECONDS);
            assertThrows(ConnectException.class, server::client);
            early.send("two\n").read("two\n");
            assertFalse(server.server.isDraining());
            server.server.closeListeners().get(10, TimeUnit.SECONDS);
            early.send("three\n").read("three\n");
            assertEquals(1, server.server.connections());
        }
    }

    @Test
    void anotherServerTakesTheAddressOver() throws Exception {
        Topology shared = new Topology(Topology.singleThread().loops(), true, null);
        try (TestServer before = new TestServer(TestServer::echo, builder -> builder.topology(shared));
                TestServer after = new TestServer(
                        Endpoint.tcp("127.0.0.1", before.server.port()), builder -> builder.topology(shared))) {
            before.server.closeListeners().get(10, TimeUnit.SECONDS);
            try (Client late = before.client()) {
                late.send("x\n").read("x\n");
            }
            assertEquals(1, after.recorder.opened.size());
            assertTrue(before.recorder.opened.isEmpty());
        }
    }

    @Test
    void afterTheEndThereIsNothingToClose() throws IOException {
        TestServer server = new TestServer(TestServer::echo);
        server.close();
        assertTrue(server.server.closeListeners().isDone());
    }
}
