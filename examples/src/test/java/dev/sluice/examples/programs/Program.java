// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Somebody else's program, as it is installed: asked for what it says, or running until it is closed. */
public final class Program implements AutoCloseable {
    private static final String MORE_PLACES =
            ":/usr/sbin:/usr/local/sbin"; // of servers, where users have no path to them
    private static final int MINUTES = 2;

    private final Process process;
    private final Path errors;

    private Program(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** What a program that has ended said. */
    record Said(int status, byte[] bytes, String errors) {
        String text() {
            return new String(bytes, ISO_8859_1);
        }

        @Override
        public String toString() {
            return "status " + status + "\nstdout: " + text() + "\nstderr: " + errors;
        }
    }

    /** Where a program is. Skips the test, and says so, if it isn't there. */
    public static String installed(String program, String debianPackage) {
        Optional<Path> found = Stream.of((System.getenv("PATH") + MORE_PLACES).split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), program + " is not installed (Debian's package " + debianPackage + ")");
        return found.get().toString();
    }

    /** A port that nobody has. Somebody else may take it before it is used, which is unlikely: they are given out in turn. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Runs one until it ends, which must be within two minutes. */
    static Said run(String program, List<String> arguments) throws IOException, InterruptedException {
        return run(null, program, arguments);
    }

    /** The same for one that reads a file on standard input; null for nothing. */
    static Said run(Path input, String program, List<String> arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("sluice-program");
        try (Program running = start(directory, input, program, arguments)) {
            byte[] bytes = running.process.getInputStream().readAllBytes();
            if (!running.process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError(program + " does not end, " + running);
            }
            return new Said(running.process.exitValue(), bytes, running.errors());
        } finally {
            Files.deleteIfExists(directory.resolve("stderr"));
            Files.deleteIfExists(directory);
        }
    }

    /** Starts one, whose errors go to a file of that directory. */
    static Program start(Path directory, String program, List<String> arguments) throws IOException {
        return start(directory, null, program, arguments);
    }

    private static Program start(Path directory, Path input, String program, List<String> arguments)
            throws IOException {
        Path errors = directory.resolve("stderr");
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.start();
        process.getOutputStream().close();
        return new Program(process, errors);
    }

    /** Starts one that is a server, and waits until somebody listens on that port. */
    static Program serve(Path directory, int port, String program, List<String> arguments) throws IOException {
        Program server = start(directory, program, arguments);
        try {
            await(() -> server.listens(port), () -> program + " on port " + port + ", " + server);
            return server;
        } catch (AssertionError e) {
            server.close();
            throw e;
        }
    }

    private boolean listens(int port) {
        if (!process.isAlive()) {
            throw new AssertionError("it has ended, " + this);
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false; // not yet
        }
    }

    BufferedReader output() {
        return process.inputReader(ISO_8859_1);
    }

    private String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return process.info().commandLine().orElse("(ended)") + "\nstderr: " + errors();
    }

    /** Sends it and all that it has started a signal, such as {@code KILL}, {@code STOP} or {@code CONT}; itself first. */
    void signal(String name) throws IOException, InterruptedException {
        send(
                name,
                Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .map(ProcessHandle::pid)
                        .toList());
    }

    private static void send(String name, List<Long> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(installed("kill", "procps"), "-" + name));
        processes.forEach(one -> command.add(String.valueOf(one)));
        Process kill = new ProcessBuilder(command).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError(command + " ended with " + kill.exitValue());
        }
    }

    /** The processes that it has started. */
    List<Long> children() {
        return process.children().map(ProcessHandle::pid).sorted().toList();
    }

    /** Sends it, and nobody that it has started, a SIGHUP. */
    void hangUp() throws IOException, InterruptedException {
        send("HUP", List.of(process.pid()));
    }

    /** Tells it to end, and kills it and what it has started if it doesn't. */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
