// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import dev.sluice.jmh.Program;
import dev.sluice.jmh.TemporaryDirectory;
import dev.sluice.jmh.suite.Pins;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * No benchmark of JMH's but a comparison of processes: what clients get through nginx, with the examples {@code http} and
 * {@code https} behind it, as {@code docs/nginx-to-backends.md} connects them: plain and verified by TLS, on connections that
 * are kept and on new ones, with sessions that are resumed and with full handshakes. nginx and both examples are pinned to
 * one processor, wrk to another, as in {@link WebCost}. It takes two minutes.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.web.InsideNginx examples/target/sluice-examples.jar
 * }</pre>
 */
public final class InsideNginx implements AutoCloseable {
    private static final String NAME = "backend.internal";
    private static final String KEPT = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
    private static final String NEW = "proxy_http_version 1.1; proxy_set_header Connection close;";
    private static final int CONNECTIONS = 50;
    private static final int WARM_UPS = 4; // rounds, which the JVM needs to compile
    private static final int WARMING = 3; // windows that each of them lasts: handshakes are few at first

    private final List<String> pin;
    private final Path directory;
    private final List<Program> programs = new ArrayList<>();
    private final StringBuilder sites = new StringBuilder();

    private InsideNginx(List<String> pin, Path directory) {
        this.pin = pin;
        this.directory = directory;
    }

    /**
     * Prints figures, and a table of ratios.
     *
     * @param args the launcher's jar; rounds, 9 unless given; seconds of a window, 1 unless given
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        Pins pins = Pins.find(Runtime.getRuntime().availableProcessors());
        List<String> pin = pins.server().isEmpty() ? List.of() : List.of("taskset", "-c", "0");
        try (TemporaryDirectory temporary = TemporaryDirectory.create();
                InsideNginx inside = new InsideNginx(pin, temporary.path())) {
            System.out.println(pins.told());
            List<Arrangement> ways = inside.start(args[0]);
            Kind kind = new Kind("13 bytes", "/plaintext", 13, CONNECTIONS, rounds, ways);
            Wrk wrk = new Wrk(pins.load(), temporary.path());
            for (int round = -WARM_UPS; round < rounds; round++) {
                kind.round(wrk, round, round < 0 ? WARMING * seconds : seconds);
                System.err.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
            }
            System.out.print(kind.figures());
            System.out.println("\n| reply | way | processor time of a reply | replies per second |\n|---|---|---|---|");
            System.out.print(kind.ratios());
        }
    }

    private List<Arrangement> start(String jar) throws IOException, InterruptedException {
        TestCa authority = TestCa.create("a CA to throw away");
        TestCertificate made = authority.server(NAME);
        Path trusted = Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
        Path certificate = Files.writeString(directory.resolve("cert.pem"), made.chainPem());
        Path key = Files.writeString(directory.resolve("key.pem"), made.keyPem());
        Program http = example(jar, "http");
        Program https = example(jar, "https", "--cert", certificate.toString(), "--key", key.toString());
        upstream("http", http);
        upstream("https", https);
        String tls = "proxy_pass https://https; proxy_ssl_verify on; proxy_ssl_trusted_certificate " + trusted
                + "; proxy_ssl_name " + NAME + "; proxy_ssl_server_name on; proxy_ssl_protocols TLSv1.3; ";
        List<Integer> ports = new ArrayList<>();
        for (String location : List.of(
                "proxy_pass http://http; " + KEPT,
                tls + KEPT,
                "proxy_pass http://http; " + NEW,
                tls + NEW,
                tls + NEW + " proxy_ssl_session_reuse off;")) {
            ports.add(site(location));
        }
        Program nginx = nginx(ports.get(0));
        return List.of(
                new Arrangement("plain, kept", ports.get(0), List.of(nginx, http)),
                new Arrangement("TLS, kept", ports.get(1), List.of(nginx, https)),
                new Arrangement("plain, new", ports.get(2), List.of(nginx, http)),
                new Arrangement("TLS, new, resumed", ports.get(3), List.of(nginx, https)),
                new Arrangement("TLS, new, full", ports.get(4), List.of(nginx, https)));
    }

    private Program example(String jar, String name, String... more) throws IOException {
        int port = Program.freePort();
        String java = ProcessHandle.current().info().command().orElse("java");
        List<String> command = new ArrayList<>(List.of(java, "-Xmx512m", "-jar", jar, name, "--port", "" + port));
        command.addAll(List.of(more));
        return start(port, command);
    }

    private void upstream(String name, Program backend) {
        sites.append("upstream ").append(name).append(" { server 127.0.0.1:").append(backend.port());
        sites.append("; keepalive 64; keepalive_requests 1000000000; }\n");
    }

    /** Returns where it listens. */
    private int site(String location) throws IOException {
        int port = Program.freePort();
        sites.append("server { listen 127.0.0.1:").append(port).append("; location / { ");
        sites.append(location).append(" } }\n");
        return port;
    }

    private Program nginx(int port) throws IOException, InterruptedException {
        String command = Program.find("nginx")
                .orElseThrow(() -> new IOException("nginx is needed (Debian's package nginx-light)"));
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, Servers.top(Program.output(command, "-V")) + sites + "}\n");
        return start(port, List.of(command, "-p", directory.toString(), "-c", configuration.toString()));
    }

    private Program start(int port, List<String> command) throws IOException {
        Program program = Program.start(pin, directory, port, command);
        programs.add(program);
        return program;
    }

    @Override
    public void close() {
        programs.forEach(Program::close);
    }
}
