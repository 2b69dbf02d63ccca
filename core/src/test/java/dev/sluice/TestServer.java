// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * A server for one scenario, speaking lines unless told otherwise. Closing it stops the server and checks that nothing
 * is left: no thread, no connection, no lent buffer, and one reason for each connection that opened.
 */
final class TestServer implements AutoCloseable {
    final Recorder recorder;
    final Server server;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    TestServer(Handler<ByteBuffer> handler) throws IOException {
        this(handler, builder -> builder);
    }

    TestServer(Handler<ByteBuffer> handler, UnaryOperator<Server.Builder> configuration) throws IOException {
        this(new Recorder(handler), configuration);
    }

    TestServer(Recorder recorder, UnaryOperator<Server.Builder> configuration) throws IOException {
        this(recorder, recorder, Endpoint.tcp("127.0.0.1", 0), configuration);
    }

    /** On an endpoint of the test's choice. */
    TestServer(Endpoint endpoint, UnaryOperator<Server.Builder> configuration) throws IOException {
        this(new Recorder(TestServer::echo), endpoint, configuration);
    }

    private TestServer(Recorder recorder, Endpoint endpoint, UnaryOperator<Server.Builder> configuration)
            throws IOException {
        this(recorder, recorder, endpoint, configuration);
    }

    /** With a protocol that notes nothing. */
    TestServer(Protocol<?> protocol, UnaryOperator<Server.Builder> configuration) throws IOException {
        this(null, protocol, Endpoint.tcp("127.0.0.1", 0), configuration);
    }

    /** The same on an endpoint of the test's choice. */
    static TestServer of(Protocol<?> protocol, Endpoint endpoint, UnaryOperator<Server.Builder> configuration)
            throws IOException {
        return new TestServer(null, protocol, endpoint, configuration);
    }

    private TestServer(
            Recorder recorder, Protocol<?> protocol, Endpoint endpoint, UnaryOperator<Server.Builder> configuration)
            throws IOException {
        this.recorder = recorder;
        this.server = start(protocol, endpoint, configuration);
    }

    private Server start(Protocol<?> protocol, Endpoint endpoint, UnaryOperator<Server.Builder> configuration)
            throws IOException {
        Environment environment = Environment.system().withThreadFactory(task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            return thread;
        });
        Server.Builder builder = Server.builder()
                .topology(Topology.singleThread())
                .environment(environment)
                .poisonBuffers(true)
                .listen(endpoint, protocol);
        return configuration.apply(builder).start();
    }

    Client client() throws IOException {
        return new Client(server);
    }

    /** Waits for the connections that were opened to end, and returns why they did. */
    List<CloseReason> reasons(int number) {
        Await.until(
                () -> number + " connections have ended, of which there are " + recorder.reasons,
                () -> recorder.reasons.size() >= number);
        return recorder.reasons;
    }

    CloseReason reason() {
        return reasons(1).get(0);
    }

    @Override
    public void close() {
        server.close();
        for (Thread thread : threads) {
            assertEquals(Thread.State.TERMINATED, thread.getState(), thread.getName());
        }
        assertEquals(0, server.connections(), "connections");
        for (Reader reader : server.readers()) {
            assertEquals(0, reader.connections(), "connections of " + reader);
            assertEquals(0, reader.loop.buffers().lent(), "buffers lent by " + reader);
            assertEquals(0, reader.lentBytes(), "bytes lent by " + reader);
            assertEquals(0, reader.paused(), "paused connections of " + reader);
        }
        if (recorder != null) {
            assertEquals(recorder.opened.size(), recorder.reasons.size(), "one reason for each that opened");
        }
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Answers each line with itself. */
    static void echo(ByteBuffer line, Reply reply) {
        reply.send(line, LineEncoder.LF);
    }

    /** A protocol of lines that notes what its hooks are told. */
    static class Recorder implements RequestProtocol<ByteBuffer> {
        private final Handler<ByteBuffer> handler;
        final List<Connection> opened = new CopyOnWriteArrayList<>();
        final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        final List<String> events = new CopyOnWriteArrayList<>();
        final List<String> requests = Collections.synchronizedList(new ArrayList<>());

        Recorder(Handler<ByteBuffer> handler) {
            this.handler = handler;
        }

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) throws Exception {
            requests.add(text(line));
            handler.handle(line, reply);
        }

        @Override
        public void opened(Connection connection) {
            opened.add(connection);
        }

        @Override
        public void inputEnded(Connection connection) {
            events.add("inputEnded");
        }

        @Override
        public void writable(Connection connection) {
            events.add("writable");
        }

        @Override
        public void refuse(Connection connection, CloseReason reason, Output out) {
            out.put(bytes("refused " + reason.kind() + "\n"));
        }

        @Override
        public AfterGoodbye draining(Connection connection) {
            events.add("draining");
            return AfterGoodbye.END_WHEN_IDLE;
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            reasons.add(reason);
        }
    }

    /** The topologies under test, each with what runs handlers where it needs that. */
    static List<Topology> topologies(java.util.concurrent.Executor workers) {
        List<Topology> all = new ArrayList<>();
        all.add(Topology.singleThread());
        all.add(Topology.acceptorAndReaders(2));
        all.add(Topology.sharedListener(2));
        all.add(Topology.reusePort(2));
        all.add(Topology.workers(2, workers));
        return all;
    }

    static final Duration GRACE = Duration.ofSeconds(5);
}
