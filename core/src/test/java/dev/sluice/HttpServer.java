// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpPart;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpStreamHandler;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A server of HTTP for one scenario, whose clock stands still. Closing it checks that nothing is left. */
final class HttpServer implements AutoCloseable {
    static final String DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    private static final long MILLIS = 784_111_777_000L;

    final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
    final List<Connection> opened = new CopyOnWriteArrayList<>();
    final TestServer test;

    HttpServer(HttpHandler handler) throws IOException {
        this(handler, builder -> builder);
    }

    HttpServer(HttpHandler handler, UnaryOperator<Server.Builder> configuration) throws IOException {
        this(HttpProtocol.gathering(handler), configuration);
    }

    HttpServer(HttpProtocol protocol, UnaryOperator<Server.Builder> configuration) throws IOException {
        test = new TestServer(new Noted(protocol.withClock(() -> MILLIS)), configuration);
    }

    static HttpServer streaming(HttpStreamHandler handler) throws IOException {
        return new HttpServer(HttpProtocol.streaming(handler), builder -> builder);
    }

    Client client() throws IOException {
        return new Client(test.server);
    }

    /** A reply of HTTP/1.1 without fields of its own but these, and what the library writes behind them. */
    static String reply(String statusAndReason, String... fields) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + statusAndReason + "\r\n" + DATE);
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    static String ok(String text) {
        return reply("200 OK", "Content-Type: text/plain", "Content-Length: " + text.length()) + text;
    }

    CloseReason reason() {
        Await.until("a connection has ended", () -> !reasons.isEmpty());
        return reasons.get(0);
    }

    @Override
    public void close() {
        test.close();
    }

    /** Passes everything on, and notes the ends. */
    private final class Noted implements RequestProtocol<HttpPart> {
        private final HttpProtocol protocol;

        Noted(HttpProtocol protocol) {
            this.protocol = protocol;
        }

        @Override
        public Framer<HttpPart> newFramer(int maxFrameBytes) {
            return protocol.newFramer(maxFrameBytes);
        }

        @Override
        public void handle(HttpPart part, Reply reply) throws Exception {
            protocol.handle(part, reply);
        }

        @Override
        public void opened(Connection connection) throws Exception {
            opened.add(connection);
            protocol.opened(connection);
        }

        @Override
        public void prepare(Framer<HttpPart> framer, Connection connection) {
            protocol.prepare(framer, connection);
        }

        @Override
        public void inputEnded(Connection connection) throws Exception {
            protocol.inputEnded(connection);
        }

        @Override
        public void writable(Connection connection) throws Exception {
            protocol.writable(connection);
        }

        @Override
        public void refuse(Connection connection, CloseReason reason, Output out) throws Exception {
            protocol.refuse(connection, reason, out);
        }

        @Override
        public AfterGoodbye draining(Connection connection) throws Exception {
            return protocol.draining(connection);
        }

        @Override
        public void closed(Connection connection, CloseReason reason) throws Exception {
            reasons.add(reason);
            protocol.closed(connection, reason);
        }
    }
}
