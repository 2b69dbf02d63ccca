// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The examples {@code http} and {@code files}, and one nginx: in front of either, and with the files alone. */
final class Servers implements AutoCloseable {
    private static final String SYSTEM_PATH = "/usr/sbin:/usr/local/sbin"; // where nginx is, and users have no path to

    /** What the example {@code http} answers there, by nginx itself. */
    private static final String PLAINTEXT =
            "location = /plaintext { default_type text/plain; return 200 \"Hello, World!\"; } ";

    private final List<String> pin;
    private final Path directory;
    private final List<Process> processes = new ArrayList<>();

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
            int alone = freePort();
            int beforeHttp = freePort();
            int beforeFiles = freePort();
            Path configuration = directory.resolve("nginx.conf");
            Files.writeString(
                    configuration,
                    top(installed())
                            + upstream(http)
                            + upstream(files)
                            + server(alone, "root " + site + ";", PLAINTEXT)
                            + server(beforeHttp, proxy(http))
                            + server(beforeFiles, proxy(files))
                            + "}\n");
            Process process = start(beforeFiles, "nginx", "-p", directory.toString(), "-c", configuration.toString());
            nginx = new Arrangement("nginx alone", alone, List.of(process));
            httpBehindNginx = new Arrangement("http behind nginx", beforeHttp, both(http, process));
            filesBehindNginx = new Arrangement("files behind nginx", beforeFiles, both(files, process));
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private static List<Process> both(Arrangement behind, Process process) {
        return List.of(behind.processes().get(0), process);
    }

    private Arrangement example(String name, String jar, String... more) throws IOException {
        int port = freePort();
        String java = ProcessHandle.current().info().command().orElse("java");
        List<String> command = new ArrayList<>(List.of(java, "-Xmx512m", "-jar", jar, name, "--port", "" + port));
        command.addAll(List.of(more));
        return new Arrangement(name, port, List.of(start(port, command.toArray(String[]::new))));
    }

    /** What nginx was built with and without. */
    private static String installed() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "nginx -V").redirectErrorStream(true);
        addPath(builder);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("nginx is needed (Debian's package nginx-light): " + said);
        }
        return said;
    }

    private static void addPath(ProcessBuilder builder) {
        builder.environment().merge("PATH", SYSTEM_PATH, (path, more) -> path + ":" + more);
    }

    /**
     * One process, whose directories are its own, and without a log of requests. It sends files as it does best here: with
     * {@code tcp_nopush} as well, as Debian has it, 100 KiB cost three times as much over loopback.
     */
    private static String top(String built) {
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

    private Process start(int port, String... command) throws IOException {
        List<String> pinned = new ArrayList<>(pin);
        pinned.addAll(List.of(command));
        Path log = directory.resolve("log-" + processes.size());
        ProcessBuilder builder =
                new ProcessBuilder(pinned).redirectErrorStream(true).redirectOutput(log.toFile());
        addPath(builder);
        Process process = builder.start();
        processes.add(process);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException(
                        String.join(" ", pinned) + " doesn't listen on port " + port + ":\n" + Files.readString(log));
            }
            LockSupport.parkNanos(20_000_000);
        }
        return process;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        try {
            for (Process process : processes) {
                process.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }
}
