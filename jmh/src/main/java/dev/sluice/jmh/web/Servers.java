// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import dev.sluice.jmh.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The examples {@code http} and {@code files}, and one nginx: in front of either, and with the files alone. */
final class Servers implements AutoCloseable {
    /** What the example {@code http} answers there, by nginx itself. */
    private static final String PLAINTEXT =
            "location = /plaintext { default_type text/plain; return 200 \"Hello, World!\"; } ";

    private final List<String> pin;
    private final Path directory;
    private final List<Program> programs = new ArrayList<>();

    final Arrangement http;
    final Arrangement files;
    final Arrangement nginx;
    final Arrangement httpBehindNginx;
    final Arrangement filesBehindNginx;

    /**
     * Starts them.
     *
     * @param pin in front of each command
     * @param directory what nginx keeps is put here
     * @param jar the launcher's
     * @param site the folder of files
     */
    Servers(List<String> pin, Path directory, String jar, Path site) throws IOException, InterruptedException {
        this.pin = pin;
        this.directory = directory;
        boolean started = false;
        try {
            http = example("http", jar);
            files = example("files", jar, site.toString());
            String command = Program.find("nginx")
                    .orElseThrow(() -> new IOException("nginx is needed (Debian's package nginx-light)"));
            int alone = Program.freePort();
            int beforeHttp = Program.freePort();
            int beforeFiles = Program.freePort();
            Path configuration = directory.resolve("nginx.conf");
            Files.writeString(
                    configuration,
                    top(Program.output(command, "-V"))
                            + upstream(http)
                            + upstream(files)
                            + server(alone, "root " + site + ";", PLAINTEXT)
                            + server(beforeHttp, proxy(http))
                            + server(beforeFiles, proxy(files))
                            + "}\n");
            Program program = start(beforeFiles, command, "-p", directory.toString(), "-c", configuration.toString());
            nginx = new Arrangement("nginx alone", alone, List.of(program));
            httpBehindNginx = new Arrangement("http behind nginx", beforeHttp, both(http, program));
            filesBehindNginx = new Arrangement("files behind nginx", beforeFiles, both(files, program));
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private static List<Program> both(Arrangement behind, Program program) {
        return List.of(behind.programs().get(0), program);
    }

    private Arrangement example(String name, String jar, String... more) throws IOException {
        int port = Program.freePort();
        String java = ProcessHandle.current().info().command().orElse("java");
        List<String> command = new ArrayList<>(List.of(java, "-Xmx512m", "-jar", jar, name, "--port", "" + port));
        command.addAll(List.of(more));
        return new Arrangement(name, port, List.of(start(port, command.toArray(String[]::new))));
    }

    /**
     * One process, whose directories are its own, and without a log of requests. It sends files as it does best here: with
     * {@code tcp_nopush} as well, as Debian has it, 100 KiB cost three times as much over loopback.
     */
    static String top(String built) {
        StringBuilder text = new StringBuilder("daemon off;\nmaster_process off;\npid nginx.pid;\n");
        text.append("error_log error.log;\nevents { worker_connections 1024; }\nhttp {\naccess_log off;\n");
        text.append("sendfile on;\nkeepalive_requests 1000000000;\n");
        text.append("client_body_temp_path body;\nproxy_temp_path proxy;\n");
        for (String module : List.of("fastcgi", "uwsgi", "scgi")) {
            if (!built.contains("--without-http_" + module + "_module")) {
                text.append(module).append("_temp_path ").append(module).append(";\n");
            }
        }
        return text.toString();
    }

    private static String upstream(Arrangement backend) {
        return "upstream " + backend.name() + " { server 127.0.0.1:" + backend.port()
                + "; keepalive 64; keepalive_requests 1000000000; }\n";
    }

    private static String proxy(Arrangement backend) {
        return "proxy_pass http://" + backend.name() + "; proxy_http_version 1.1; proxy_set_header Connection \"\";";
    }

    private static String server(int port, String location) {
        return server(port, location, "");
    }

    private static String server(int port, String location, String more) {
        return "server { listen 127.0.0.1:" + port + "; location / { " + location + " } " + more + "}\n";
    }

    private Program start(int port, String... command) throws IOException {
        Program program = Program.start(pin, directory, port, List.of(command));
        programs.add(program);
        return program;
    }

    @Override
    public void close() {
        programs.forEach(Program::close);
    }
}
