// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLog.Sink;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpStreamHandler;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** The lines that servers of one test have written to their access logs, and what they should be. */
final class AccessLogLines {
    static final String FRONT = "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] ";
    static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    final List<String> lines = new CopyOnWriteArrayList<>();

    HttpProtocol logged(HttpProtocol protocol) {
        return protocol.withAccessLog(
                HttpAccessLog.common(Sink.ofText(lines::add)).withZone(ZoneOffset.UTC));
    }

    HttpServer gathering(HttpHandler handler) throws IOException {
        return gathering(handler, b -> b);
    }

    HttpServer gathering(HttpHandler handler, UnaryOperator<Server.Builder> configuration) throws IOException {
        return new HttpServer(logged(HttpProtocol.gathering(handler)), configuration);
    }

    HttpServer streaming(HttpStreamHandler handler) throws IOException {
        return new HttpServer(logged(HttpProtocol.streaming(handler)), b -> b);
    }

    static String get(String target, String... fields) {
        return request("GET", target, fields);
    }

    static String request(String method, String target, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    static String line(String requestLine, String statusAndBytes) {
        return FRONT + '"' + requestLine + "\" " + statusAndBytes;
    }

    static String line(String statusAndBytes) {
        return line("GET / HTTP/1.1", statusAndBytes);
    }

    /** There are exactly these, once the server has ended. */
    void are(String... expected) {
        assertEquals(List.of(expected), lines);
    }

    void await(int number) {
        Await.until(() -> number + " lines, of which there are " + lines, () -> lines.size() >= number);
    }
}
