// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Requests to 127.0.0.1. */
final class Asking {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Asking() {}

    /** A connection that says nothing for half a minute at most. */
    static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /** A GET on a connection of its own: the whole answer, head and body. */
    static String get(int port, String target) throws IOException {
        try (Socket socket = connect(port)) {
            begin(socket, target);
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    /** Sends the last GET of a connection. */
    static void begin(Socket socket, String target) throws IOException {
        String head = "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
    }

    /** Reads on until that text has come, and returns all that came. */
    static String readUntil(InputStream in, String text) throws IOException {
        StringBuilder got = new StringBuilder();
        while (got.indexOf(text) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("ended after: " + got);
            }
            got.append((char) next);
        }
        return got.toString();
    }

    static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    /** A request of the JDK's client, which keeps connections. */
    static HttpResponse<byte[]> ask(String method, int port, String target, BodyPublisher body, String... fields)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .timeout(Duration.ofMillis(TIMEOUT_MILLIS))
                .method(method, body);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    }

    static HttpResponse<byte[]> ask(String method, int port, String target, String... fields)
            throws IOException, InterruptedException {
        return ask(method, port, target, HttpRequest.BodyPublishers.noBody(), fields);
    }

    static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    static void assertOk(HttpResponse<?> response) {
        assertEquals(200, response.statusCode(), response::toString);
    }
}
