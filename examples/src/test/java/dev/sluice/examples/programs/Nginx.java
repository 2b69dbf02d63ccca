// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import dev.sluice.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An nginx that has all its files in one directory. It listens where its site says, on a port that it is given. */
final class Nginx implements AutoCloseable {
    private static final List<String> WITH_FILES = List.of("fastcgi", "uwsgi", "scgi");

    final int port;
    private final Path directory;
    private final Program program;

    private Nginx(Path directory, int port, Program program) {
        this.directory = directory;
        this.port = port;
        this.program = program;
    }

    /** Skips the test, and says so, if it isn't there. */
    static String installed() {
        return Program.installed("nginx", "nginx-light");
    }

    /**
     * Starts one.
     *
     * @param site what it serves: a text for its block {@code http}
     * @param port where the site listens, on 127.0.0.1
     */
    static Nginx start(Path directory, String site, int port) throws IOException, InterruptedException {
        String nginx = installed();
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, configuration(nginx, directory, site));
        List<String> arguments = List.of("-p", directory.toString(), "-c", configuration.toString());
        return new Nginx(directory, port, Program.serve(directory, port, nginx, arguments));
    }

    /** Starts one that passes everything on to a server, on connections that it keeps, with these directives besides. */
    static Nginx inFrontOf(Server backend, Path directory, String... directives)
            throws IOException, InterruptedException {
        String server = "server 127.0.0.1:" + backend.port() + ";";
        return inFrontOf(server, directory, directives);
    }

    /** The same with the servers of the group told as its configuration tells them. */
    static Nginx inFrontOf(String servers, Path directory, String... directives)
            throws IOException, InterruptedException {
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "upstream backend { " + servers + " keepalive 16; }",
                "server {",
                "listen 127.0.0.1:" + port + ";",
                "location / {",
                "proxy_pass http://backend;",
                "proxy_http_version 1.1;",
                "proxy_set_header Connection \"\";",
                String.join("\n", directives),
                "}",
                "}");
        return start(directory, site, port);
    }

    private static String configuration(String nginx, Path directory, String site)
            throws IOException, InterruptedException {
        String built = Program.run(nginx, List.of("-V")).errors();
        StringBuilder text = new StringBuilder("daemon off;\nworker_processes 1;\npid nginx.pid;\n");
        text.append("error_log ").append(directory.resolve("error.log")).append(" info;\n");
        if (System.getProperty("user.name").equals("root")) {
            text.append("user root;\n"); // the workers', who would else be somebody who can't look into the directory
        }
        text.append("events { worker_connections 512; }\nhttp {\naccess_log off;\n");
        text.append("client_body_temp_path body;\nproxy_temp_path proxy;\n");
        for (String module : WITH_FILES) { // whose directories would else be the system's, and given to that user
            if (!built.contains("--without-http_" + module + "_module")) {
                text.append(module).append("_temp_path ").append(module).append(";\n");
            }
        }
        return text.append(site).append("\n}\n").toString();
    }

    String url(String target) {
        return "http://127.0.0.1:" + port + target;
    }

    @Override
    public String toString() {
        try {
            return program + "\nerror.log: " + Files.readString(directory.resolve("error.log"));
        } catch (IOException e) {
            return program + "\nno error.log";
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
