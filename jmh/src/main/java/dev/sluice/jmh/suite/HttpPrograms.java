// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Certificates;
import dev.sluice.jmh.Program;
import dev.sluice.jmh.WebPages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands of nginx and HAProxy, each in one process with one thread, and their configuration. */
final class HttpPrograms {
    private static final int CONNECTIONS = 4096;

    private HttpPrograms() {}

    /** Starts nginx in front of a backend, to which it keeps connections. */
    static List<String> nginxProxy(String nginx, Path directory, int port, String backendPort)
            throws IOException, InterruptedException {
        return nginx(
                nginx,
                directory,
                port,
                List.of(
                        "upstream backend { server 127.0.0.1:" + backendPort + ";",
                        "keepalive 512; keepalive_requests 1000000000; }",
                        "server { listen 127.0.0.1:" + port + " backlog=" + CONNECTIONS + ";",
                        "location / { proxy_pass http://backend; proxy_http_version 1.1;",
                        "proxy_set_header Connection \"\"; proxy_set_header Host $host;",
                        "proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;",
                        "} }"));
    }

    /** nginx with {@link WebPages} by TLS, on all addresses. The large one is a file, which it reads. */
    static List<String> nginxTls(String nginx, Path directory, int port, Certificates certificates)
            throws IOException, InterruptedException {
        Path site = Files.createDirectories(directory.resolve("site"));
        Files.write(site.resolve(WebPages.LARGE.substring(1)), WebPages.large());
        return nginx(
                nginx,
                directory,
                port,
                List.of(
                        "server { listen 0.0.0.0:" + port + " ssl backlog=" + CONNECTIONS + ";",
                        "ssl_certificate " + certificates.certificate() + ";",
                        "ssl_certificate_key " + certificates.key() + ";",
                        "ssl_protocols TLSv1.2 TLSv1.3;",
                        "root " + site + "; open_file_cache max=16;",
                        "location = " + WebPages.SMALL + " { default_type text/plain; return 200 \"Hello, World!\"; }",
                        "}"));
    }

    private static List<String> nginx(String nginx, Path directory, int port, List<String> servers)
            throws IOException, InterruptedException {
        Path configuration = directory.resolve("nginx-" + port + ".conf");
        List<String> lines = new ArrayList<>(List.of(
                "daemon off; master_process off; pid nginx.pid; error_log error.log error;",
                "events { worker_connections " + CONNECTIONS + "; }",
                "http { access_log off; keepalive_requests 1000000000;",
                "client_body_temp_path body; proxy_temp_path proxy;"));
        String built = Program.output(nginx, "-V");
        for (String module : List.of("fastcgi", "uwsgi", "scgi")) {
            if (!built.contains("--without-http_" + module + "_module")) {
                lines.add(module + "_temp_path " + module + ";");
            }
        }
        lines.addAll(servers);
        lines.add("}");
        Files.write(configuration, lines);
        return List.of(nginx, "-p", directory.toString(), "-c", configuration.toString());
    }

    /** HAProxy in front of a backend, to which it keeps connections that all clients share. */
    static List<String> haproxy(String haproxy, Path directory, int port, String backendPort) throws IOException {
        Path configuration = directory.resolve("haproxy.cfg");
        Files.write(
                configuration,
                List.of(
                        "global",
                        "nbthread 1",
                        "maxconn " + CONNECTIONS,
                        "defaults",
                        "mode http",
                        "maxconn " + CONNECTIONS,
                        "http-reuse always",
                        "option forwardfor",
                        "timeout connect 5s",
                        "timeout client 1h",
                        "timeout server 1h",
                        "listen proxy",
                        "bind 127.0.0.1:" + port + " backlog " + CONNECTIONS,
                        "server backend 127.0.0.1:" + backendPort));
        return List.of(haproxy, "-db", "-f", configuration.toString());
    }
}
