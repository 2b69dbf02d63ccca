// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Program;
import dev.sluice.jmh.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Layer 4 proxies in front of one echo server, which is beside the clients, and an echo server without any. */
final class Relays implements AutoCloseable {
    static final String DIRECT = "direct";

    /** As their programs come: nginx and HAProxy with buffers of 16 KiB, all others of 64 KiB at most. */
    static final List<String> ALL = List.of(DIRECT, "sluice", "nio", "netty", "nginx", "haproxy");

    /** The programs again, with buffers of 64 KiB too. */
    static final List<String> WITH_LARGE_BUFFERS = List.of("nginx, 64 KiB", "haproxy, 64 KiB");

    private static final int SPARE = 200; // connections of a program's own
    private static final int BACKLOG = 4096;
    private static final Pattern MODULES = Pattern.compile("--modules-path=(\\S+)");

    private final Bench bench;
    private final int clients;
    private final TemporaryDirectory directory;
    private final Child backend;
    private final Lineup lineup = new Lineup();

    private Relays(Bench bench, int clients, TemporaryDirectory directory, Child backend) {
        this.bench = bench;
        this.clients = clients;
        this.directory = directory;
        this.backend = backend;
    }

    /**
     * Starts them; what isn't installed is left out, with a note.
     *
     * @param clients of each at most
     */
    static Relays start(Bench bench, List<String> names, int clients) throws IOException, InterruptedException {
        TemporaryDirectory directory = TemporaryDirectory.create();
        Relays relays = new Relays(bench, clients, directory, bench.backend(EchoGroup.FLOOR));
        try {
            String port = relays.backend.answer().split(" ")[1];
            for (String name : names) {
                bench.progress().now("starting " + name);
                relays.start(name, port);
            }
            return relays;
        } catch (IOException | InterruptedException | RuntimeException e) {
            relays.close();
            throw e;
        }
    }

    private void start(String name, String backendPort) throws IOException, InterruptedException {
        boolean large = WITH_LARGE_BUFFERS.contains(name);
        switch (name.split(",")[0]) {
            case DIRECT -> bench.serve(name, EchoGroup.FLOOR, lineup);
            case "nginx" -> nginx(name, backendPort, large ? "proxy_buffer_size 64k;" : "");
            case "haproxy" -> haproxy(name, backendPort, large ? "tune.bufsize 65536" : "");
            default -> bench.serve(name, "relay/" + name + "/" + backendPort, lineup);
        }
    }

    private void nginx(String name, String backendPort, String buffers) throws IOException, InterruptedException {
        Optional<String> command = Program.find("nginx");
        Optional<String> load = command.isEmpty() ? Optional.empty() : streamModule(command.get());
        if (load.isEmpty()) {
            bench.note(name + " was left out: there is no nginx with streams (Debian's libnginx-mod-stream)");
            return;
        }
        int port = Program.freePort();
        Path own = Files.createDirectory(directory.path().resolve("nginx-" + port));
        Path configuration = own.resolve("nginx.conf");
        Files.write(
                configuration,
                List.of(
                        load.get(),
                        "daemon off; master_process off; pid nginx.pid; error_log error.log error;",
                        "events { worker_connections " + (2 * clients + SPARE) + "; }",
                        "stream { server {",
                        "listen 127.0.0.1:" + port + " backlog=" + BACKLOG + ";",
                        "proxy_pass 127.0.0.1:" + backendPort + "; proxy_timeout 1h;",
                        buffers,
                        "} }"));
        start(name, port, command.get(), "-p", own.toString(), "-c", configuration.toString());
    }

    /** The line that loads the module, which is empty where it is built in; nothing if there is none. */
    private static Optional<String> streamModule(String nginx) throws IOException, InterruptedException {
        String built = Program.output(nginx, "-V");
        Matcher modules = MODULES.matcher(built);
        if (modules.find()) {
            Path module = Path.of(modules.group(1), "ngx_stream_module.so");
            if (Files.exists(module)) {
                return Optional.of("load_module " + module + ";");
            }
        }
        return built.matches("(?s).*--with-stream\\s.*") ? Optional.of("") : Optional.empty();
    }

    private void haproxy(String name, String backendPort, String buffers) throws IOException {
        Optional<String> command = Program.find("haproxy");
        if (command.isEmpty()) {
            bench.note(name + " was left out: there is no haproxy");
            return;
        }
        int port = Program.freePort();
        Path configuration = directory.path().resolve("haproxy-" + port + ".cfg");
        Files.write(
                configuration,
                List.of(
                        "global",
                        "nbthread 1",
                        "maxconn " + (clients + SPARE),
                        buffers,
                        "defaults",
                        "mode tcp",
                        "maxconn " + (clients + SPARE),
                        "timeout connect 5s",
                        "timeout client 1h",
                        "timeout server 1h",
                        "listen relay",
                        "bind 127.0.0.1:" + port + " backlog " + BACKLOG,
                        "server backend 127.0.0.1:" + backendPort));
        start(name, port, command.get(), "-db", "-f", configuration.toString());
    }

    private void start(String name, int port, String... command) throws IOException {
        Program program = Program.start(bench.serverPin(), directory.path(), port, List.of(command));
        bench.add(name, program, String.valueOf(port), lineup);
    }

    Lineup lineup() {
        return lineup;
    }

    @Override
    public void close() throws IOException {
        try (directory;
                backend) {
            lineup.close();
        }
    }
}
