// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** {@link Connection#endOutput} on real sockets: what was accepted before leaves, and nothing behind it. */
class EndOutputScenarioTest {
    private final List<CloseReason> reasons = new CopyOnWriteArrayList<>();

    /** Calls the test with each line. */
    private class Lines implements DuplexProtocol<ByteBuffer> {
        private final Action action;

        interface Action {
            void take(String line, Connection connection);
        }

        Lines(Action action) {
            this.action = action;
        }

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            action.take(TestServer.text(line), connection);
        }

        @Override
        public void refuse(Connection connection, CloseReason reason, Output out) {
            out.put(TestServer.bytes("words"));
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }
    }

    private TestServer server(Lines.Action action) throws IOException {
        return new TestServer(new Lines(action), builder -> builder);
    }

    @Test
    void whatAnotherThreadHasSentBeforeLeaves() throws IOException {
        List<Boolean> accepted = new CopyOnWriteArrayList<>();
        try (TestServer server = server((line, connection) -> {
                    accepted.add(
                            CompletableFuture.supplyAsync(() -> connection.send(TestServer.bytes("from elsewhere")))
                                    .join()); // on its way until this call is over
                    connection.endOutput();
                    accepted.add(connection.send(TestServer.bytes("too late")));
                    accepted.add(CompletableFuture.supplyAsync(() -> connection.send(TestServer.bytes("too late")))
                            .join());
                });
                Client client = server.client()) {
            client.send("go\n");
            assertEquals("from elsewhere", client.readAll());
            assertEquals(List.of(true, false, false), accepted);
        }
    }

    @Test
    void framesStillComeAndItEndsWithThePeersStream() throws IOException {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (TestServer server = server((line, connection) -> {
                    lines.add(line);
                    connection.send(TestServer.bytes("answer"));
                    connection.endOutput();
                    connection.endOutput();
                    assertFalse(connection.isOpen());
                    assertFalse(connection.isWritable());
                });
                Client client = server.client()) {
            client.send("one\n");
            assertEquals("answer", client.readAll());
            client.send("two\n").endOutput();
            Await.until("it has ended", () -> reasons.size() == 1);
            assertEquals(List.of("one", "two"), lines);
            assertEquals(CloseReason.Kind.PEER_CLOSED, reasons.get(0).kind());
        }
    }

    @Test
    void behindTheEndNobodyIsToldWhyHeIsRefused() throws IOException {
        try (TestServer server = server((line, connection) -> connection.endOutput());
                Client client = server.client()) {
            client.send("go\n").send("no ending").endOutput();
            assertEquals("", client.readAll());
            Await.until("it has ended", () -> reasons.size() == 1);
            assertTrue(reasons.get(0) instanceof CloseReason.BadFrame bad
                    && bad.cause().kind() == FrameException.Kind.TRUNCATED);
        }
    }

    @Test
    void itMayBeClosedOrAbortedAfterwards() throws IOException {
        try (TestServer server = server((line, connection) -> {
            connection.send(TestServer.bytes("answer"));
            connection.endOutput();
            if (line.equals("close")) {
                connection.close();
            } else {
                connection.abort();
            }
        })) {
            try (Client client = server.client()) {
                client.send("close\n");
                assertEquals("answer", client.readAll());
            }
            Await.until("it has ended", () -> reasons.size() == 1);
            assertEquals(CloseReason.Kind.CLOSED_HERE, reasons.get(0).kind());
            try (Client client = server.client()) {
                client.send("abort\n");
                assertTrue(client.isReset());
            }
            Await.until("it has ended", () -> reasons.size() == 2);
            assertEquals(CloseReason.Kind.ABORTED, reasons.get(1).kind());
        }
    }
}
