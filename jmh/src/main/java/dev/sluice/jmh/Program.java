// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A process that listens on a port of 127.0.0.1, and is not talked to otherwise. For one thread. */
public final class Program implements Measured {
    private static final List<String> SYSTEM_PATH = List.of("/usr/sbin", "/usr/local/sbin"); // users have no path there
    private static final int DEADLINE_SECONDS = 30;

    private final Process process;
    private final int port;

    private Program(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one, and waits until it listens.
     *
     * @param pin in front of the command, or empty
     * @param directory where what it says is kept, and told if it fails
     * @param port it was told to listen on
     */
    public static Program start(List<String> pin, Path directory, int port, List<String> command) throws IOException {
        List<String> pinned = new ArrayList<>(pin);
        pinned.addAll(command);
        Path log = directory.resolve("log-" + port);
        Process process = new ProcessBuilder(pinned)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // where this process is ended from outside
        Program program = new Program(process, port);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                program.close();
                throw new IOException(
                        String.join(" ", pinned) + " doesn't listen on port " + port + ":\n" + Files.readString(log));
            }
            LockSupport.parkNanos(20_000_000);
        }
        return program;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Finds a command, also where system programs are. */
    public static Optional<String> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), SYSTEM_PATH.stream())
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** What a command prints on both of its outputs until it ends. */
    public static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": " + said);
        }
        return said;
    }

    /** A port that nobody listens on now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    @Override
    public long cpuNanos() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    @Override
    public long heldBytes() throws IOException {
        Path rollup = Path.of("/proc", String.valueOf(process.pid()), "smaps_rollup");
        for (String line : Files.readAllLines(rollup)) {
            String[] words = line.split("\\s+");
            if (words[0].equals("Pss:")) {
                return Long.parseLong(words[1]) * 1024;
            }
        }
        throw new IOException(rollup + " has no line Pss");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
