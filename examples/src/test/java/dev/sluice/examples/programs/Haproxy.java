// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A HAProxy with one backend, {@code app}, that can be asked what it has counted. */
final class Haproxy implements AutoCloseable {
    final int port;
    private final Path statistics;
    private final Program program;

    private Haproxy(int port, Path statistics, Program program) {
        this.port = port;
        this.statistics = statistics;
        this.program = program;
    }

    /** Skips the test, and says so, if it isn't there. */
    static String installed() {
        return Program.installed("haproxy", "haproxy");
    }

    /** Starts one whose backend has these lines. */
    static Haproxy start(Path directory, String... backend) throws IOException {
        String haproxy = installed();
        int port = Program.freePort();
        Path statistics = directory.resolve("statistics");
        Path configuration = directory.resolve("haproxy.cfg");
        String text = String.join(
                "\n",
                "global",
                "    stats socket " + statistics + " mode 600 level admin",
                "    maxconn 200",
                "    nbthread 1", // each thread would keep connections of its own
                "defaults",
                "    mode http",
                "    timeout connect 5s",
                "    timeout client 30s",
                "    timeout server 30s",
                "    timeout check 10s",
                "frontend front",
                "    bind 127.0.0.1:" + port,
                "    default_backend app",
                "backend app",
                "    " + String.join("\n    ", backend),
                "");
        Files.writeString(configuration, text);
        List<String> arguments = List.of("-db", "-f", configuration.toString());
        Haproxy started = new Haproxy(port, statistics, Program.serve(directory, port, haproxy, arguments));
        try {
            await(() -> Files.exists(statistics), () -> "its socket for questions, which it opens last, " + started);
            return started;
        } catch (AssertionError e) {
            started.close();
            throw e;
        }
    }

    /** Starts one that passes bytes on from this port: its proxy {@code tcp} has these lines. */
    static Haproxy startTcp(Path directory, int port, String... lines) throws IOException {
        List<String> all = new ArrayList<>(List.of("server none 127.0.0.1:9", "listen tcp", "mode tcp"));
        all.add("bind 127.0.0.1:" + port);
        all.addAll(List.of(lines));
        return start(directory, all.toArray(String[]::new));
    }

    /** A column of what it tells of a server, for instance {@code status}. */
    String statistic(String server, String column) throws IOException {
        return statistic("app", server, column);
    }

    private String statistic(String proxy, String server, String column) throws IOException {
        String[] lines = show("show stat").split("\n");
        int index = Arrays.asList(lines[0].substring(2).split(",", -1)).indexOf(column);
        for (String line : lines) {
            if (line.startsWith(proxy + "," + server + ",")) {
                return line.split(",", -1)[index];
            }
        }
        throw new IOException("no server " + server + " in " + String.join("\n", lines));
    }

    private String show(String command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(statistics));
            channel.write(ByteBuffer.wrap((command + "\n").getBytes(US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), US_ASCII);
        }
    }

    /** Whether a server is {@code UP} or {@code DOWN}. All are up until a check says otherwise. */
    boolean is(String server, String status) {
        return has("app", server, "status", status);
    }

    /** Whether the last check of a server ended so. */
    boolean isChecked(String server, String status) {
        return isChecked("app", server, status);
    }

    /** The same of a server of another proxy than {@code app}. */
    boolean isChecked(String proxy, String server, String status) {
        return has(proxy, server, "check_status", status);
    }

    private boolean has(String proxy, String server, String column, String value) {
        try {
            return statistic(proxy, server, column)
                    .replace("* ", "")
                    .equals(value); // "* ": the next check is under way
        } catch (IOException e) {
            throw new AssertionError(toString(), e);
        }
    }

    @Override
    public String toString() {
        try {
            return program + "\n" + show("show stat");
        } catch (IOException e) {
            return program.toString();
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
