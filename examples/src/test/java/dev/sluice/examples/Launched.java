// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of its own, the launcher as a rule, with what it says on standard output and standard error. */
final class Launched implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (.+):(\\d+)\\R");

    private final Path directory;
    private final Process process;

    private Launched(List<String> command) throws IOException {
        directory = Files.createTempDirectory("sluice-launched");
        process = new ProcessBuilder(command)
                .redirectOutput(stdoutFile().toFile())
                .redirectError(stderrFile().toFile())
                .start();
    }

    /** Starts the launcher with these arguments. */
    static Launched launcher(String... arguments) throws IOException {
        return java(launcherArguments(arguments));
    }

    /** Starts the launcher in a shell that has run this script before. */
    static Launched launcherAfter(String script, String... arguments) throws IOException {
        return launcherIn(new String[0], script, arguments);
    }

    /** Starts the launcher as {@link #launcherAfter} does, with the shell started by another command. */
    static Launched launcherIn(String[] command, String script, String... arguments) throws IOException {
        List<String> front = new ArrayList<>(List.of(command));
        front.addAll(List.of("sh", "-c", script + " && exec \"$@\"", "sh"));
        return java(front, launcherArguments(arguments));
    }

    /** Starts the launcher by another command, which is given the launcher's. */
    static Launched launcherOf(List<String> command, String... arguments) throws IOException {
        return java(command, launcherArguments(arguments));
    }

    /** Starts a JVM with these arguments. */
    static Launched java(List<String> arguments) throws IOException {
        return java(List.of(), arguments);
    }

    private static List<String> launcherArguments(String... arguments) {
        List<String> javaArguments = new ArrayList<>();
        javaArguments.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sluice.examples.Main"));
        javaArguments.addAll(List.of(arguments));
        return javaArguments;
    }

    private static Launched java(List<String> front, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(front);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(arguments);
        return new Launched(command);
    }

    /** Waits until it says that it listens, and tells where. */
    InetSocketAddress address() {
        await(() -> !process.isAlive() || LISTENING.matcher(stdout()).find(), () -> "a line \"listening on\", " + this);
        Matcher line = LISTENING.matcher(stdout());
        if (!line.find()) {
            throw new AssertionError("it ended without listening, " + this);
        }
        return new InetSocketAddress(line.group(1), Integer.parseInt(line.group(2)));
    }

    Socket connect() throws IOException {
        InetSocketAddress address = address();
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** Asks it to end, as {@code kill} does. */
    void terminate() {
        process.destroy();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end and tells the exit status. */
    int status() {
        await(() -> !process.isAlive(), () -> "its end, " + this);
        return process.exitValue();
    }

    String stdout() {
        return read(stdoutFile());
    }

    String stderr() {
        return read(stderrFile());
    }

    @Override
    public String toString() {
        return process.info().commandLine().orElse("(ended)") + "\nstdout: " + stdout() + "\nstderr: " + stderr();
    }

    /** Kills it if it still runs. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        status();
        Files.deleteIfExists(stdoutFile());
        Files.deleteIfExists(stderrFile());
        Files.deleteIfExists(directory);
    }

    private Path stdoutFile() {
        return directory.resolve("stdout");
    }

    private Path stderrFile() {
        return directory.resolve("stderr");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
