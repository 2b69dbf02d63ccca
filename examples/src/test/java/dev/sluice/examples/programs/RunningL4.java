// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.examples.l4.L4;
import dev.sluice.examples.proxy.ProxyProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The example {@code l4} by a file, looked at as its users do: by its pages and its log. Closing it checks that nothing is left
 * of any relay, and ends it.
 */
final class RunningL4 implements AutoCloseable {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";
    private static final List<String> ZERO_AT_THE_END = List.of(
            "l4_listener_relays",
            "l4_listener_connections",
            "l4_listener_paused_connections",
            "l4_listener_lent_bytes",
            "l4_backend_relays");

    private final Path file;
    private final Path log;
    private final ProxyProgram l4;
    private final int admin;
    final int port;

    private RunningL4(Path file, Path log, ProxyProgram l4) {
        this.file = file;
        this.log = log;
        this.l4 = l4;
        this.port = portOf(l4.listeners().get(0));
        this.admin = portOf(l4.pages());
    }

    /** Starts one with a listener, pages and a log, of which each has its file in that directory, and what the text adds. */
    static RunningL4 start(Path directory, String text) throws Exception {
        Path file = directory.resolve("l4.toml");
        Path log = directory.resolve("access.log");
        Files.writeString(file, whole(log, text));
        return new RunningL4(file, log, L4.start(file));
    }

    /** One whose listener needs headers of the PROXY protocol. */
    static RunningL4 startBehindProxies(Path directory, String text) throws Exception {
        return start(directory, "proxy-protocol = \"required\"\ntrusted = \"127.0.0.1\"\n" + text);
    }

    private static String whole(Path log, String text) {
        return LISTENER + text + "[admin]\naddress = \"127.0.0.1:0\"\n[server]\naccess-log = \"" + log
                + "\"\ndrain = \"5s\"\n";
    }

    /** An upstream of these ports of this machine, with these settings before. */
    static String upstream(String settings, int... ports) {
        StringBuilder backends = new StringBuilder();
        for (int port : ports) {
            backends.append("\"127.0.0.1:").append(port).append("\", ");
        }
        return "[upstream.main]\n" + settings + "backends = [" + backends + "]\n";
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Where its pages are. */
    int adminPort() {
        return admin;
    }

    /** Changes what the text adds, and has it taken over. */
    void reload(String text) throws IOException, InterruptedException {
        Files.writeString(file, whole(log, text));
        var answer = Asking.ask("POST", admin, "/reload");
        assertEquals(200, answer.statusCode(), () -> new String(answer.body()));
    }

    String page(String path) {
        try {
            return Asking.body(Asking.get(admin, path));
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

    /** A backend's sample of a metric; 0 if it isn't in the list. */
    double ofBackend(String metric, int backendPort) {
        String address = "address=\"127.0.0.1:" + backendPort + "\"";
        return page("/metrics")
                .lines()
                .filter(line -> line.startsWith(metric + "{") && line.contains(address))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** The words of each line of the log. */
    List<String[]> log() {
        try {
            return Files.readAllLines(log).stream().map(line -> line.split(" ")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until nothing is left of any relay. */
    void awaitNothingLeft() {
        for (String metric : ZERO_AT_THE_END) {
            await(() -> sum(metric) == 0, () -> metric + " is not 0\n" + this);
        }
    }

    @Override
    public String toString() {
        return page("/") + "\n" + page("/metrics");
    }

    @Override
    public void close() throws InterruptedException {
        try {
            awaitNothingLeft();
        } finally {
            l4.stop();
        }
    }
}
