// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.examples.proxy.ProxyProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** A proxy by a file, with pages, and those who ask it. Closing it stops it, and checks that no request is left. */
final class RunningL7 implements AutoCloseable {
    private static final String REST = "[admin]\naddress = \"127.0.0.1:0\"\n[server]\nreaders = 2\ndrain = \"2s\"\n";

    private final Path file;
    private final ProxyProgram proxy;

    /** {@code rest} is more of the table {@code [server]}, which comes last. */
    RunningL7(Path folder, String text, String rest) throws Exception {
        file = folder.resolve("l7.toml");
        Files.writeString(file, text + REST + rest);
        proxy = L7.start(file);
    }

    RunningL7(Path folder, String text) throws Exception {
        this(folder, text, "");
    }

    ProxyProgram proxy() {
        return proxy;
    }

    int port(int listener) {
        return portOf(proxy.listeners().get(listener));
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** The answer to a GET of the first listener, on a connection of its own, head and body. */
    String get(String host, String target, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return ask("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n");
    }

    /** All that comes until the end for these bytes. */
    String ask(String bytes) throws IOException {
        return ask(port(0), bytes);
    }

    static String ask(int port, String bytes) throws IOException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    static int status(String answer) {
        return Integer.parseInt(answer.split(" ")[1]);
    }

    static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    /** The words of a page that follow its head. */
    String page(String path) {
        try {
            String request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            return body(ask(portOf(proxy.pages()), request));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A metric's samples, all together. */
    double sum(String metric) {
        return page("/metrics")
                .lines()
                .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** Writes the file anew and has it read; returns the answer. */
    String reload(String text) throws IOException {
        Files.writeString(file, text + REST);
        return ask(portOf(proxy.pages()), "POST /reload HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }

    void reloadWell(String text) throws IOException {
        String answer = reload(text);
        assertEquals(200, status(answer), answer);
    }

    @Override
    public String toString() {
        return page("/") + page("/metrics");
    }

    @Override
    public void close() throws Exception {
        try {
            await(() -> sum("l7_listener_requests") == 0 && sum("l7_backend_requests") == 0, this::toString);
        } finally {
            proxy.stop();
        }
    }
}
