// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

    /** The same for its module {@code stream}, built in or to be loaded: what a configuration has to say in front of all. */
    static String stream() throws IOException, InterruptedException {
        String built = Program.run(installed(), List.of("-V")).errors();
        if (built.matches("(?s).*--with-stream(\\s.*|$)")) {
            return "";
        }
        String modules = built.replaceFirst("(?s).*--modules-path=(\\S+).*", "$1");
        Path module = Path.of(modules.equals(built) ? "/usr/lib/nginx/modules" : modules, "ngx_stream_module.so");
        assumeTrue(Files.exists(module), "nginx has no module stream (Debian's package libnginx-mod-stream)");
        return "load_module " + module + ";\n";
    }

    /**
     * Starts one without HTTP.
     *
     * @param servers a text for its block {@code stream}
     * @param port where it listens, on 127.0.0.1
     */
    static Nginx startStream(Path directory, String servers, int port) throws IOException, InterruptedException {
        return serve(directory, stream() + beginning(directory) + "}\nstream {\n" + servers + "\n}\n", port);
    }

    /**
     * Starts one.
     *
     * @param site what it serves: a text for its block {@code http}
     * @param port where the site listens, on 127.0.0.1
     */
    static Nginx start(Path directory, String site, int port) throws IOException, InterruptedException {
        return serve(directory, configuration(installed(), directory, site), port);
    }

    /** One with other numbers of workers, and of connections for each, than the 1 and 512 of the others. */
    static Nginx start(Path directory, int workers, int connections, String site, int port)
            throws IOException, InterruptedException {
        String text = configuration(installed(), directory, site)
                .replace("worker_processes 1;", "worker_processes " + workers + ";")
                .replace("worker_connections 512;", "worker_connections " + connections + ";");
        return serve(directory, text, port);
    }

    private static Nginx serve(Path directory, String text, int port) throws IOException {
        String nginx = installed();
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, text);
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
        StringBuilder text = new StringBuilder(beginning(directory));
        text.append("}\nhttp {\naccess_log off;\n");
        text.append("client_body_temp_path body;\nproxy_temp_path proxy;\n");
        for (String module : WITH_FILES) { // whose directories would else be the system's, and given to that user
            if (!built.contains("--without-http_" + module + "_module")) {
                text.append(module).append("_temp_path ").append(module).append(";\n");
            }
        }
        return text.append(site).append("\n}\n").toString();
    }

    /** All that is the same for HTTP and without, up to the end of the block {@code events}. */
    private static String beginning(Path directory) {
        String text = "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log " + directory.resolve("error.log")
                + " info;\n";
        if (System.getProperty("user.name").equals("root")) {
            text += "user root;\n"; // the workers', who would else be somebody who can't look into the directory
        }
        return text + "events { worker_connections 512; ";
    }

    /** Sends its processes a signal, such as {@code KILL}, {@code STOP} or {@code CONT}. */
    void signal(String name) throws IOException, InterruptedException {
        program.signal(name);
    }

    /** Has the first of its processes read its configuration again. */
    void reload() throws IOException, InterruptedException {
        program.hangUp();
    }

    /** Its workers, by their numbers; of a reload those that are ending as well. */
    List<Long> workers() {
        return program.children();
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
