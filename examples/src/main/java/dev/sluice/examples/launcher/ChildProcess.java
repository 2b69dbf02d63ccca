// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process of the launcher's own, with one of its examples in it: it says lines on standard output, and is told lines on
 * standard input. When that ends, which it also does when this process ends, it stops. For one thread.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    private final String name;
    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts one. The serial collector leaves on the heap what is in use, and nothing else.
     *
     * @param name what messages call it
     * @param arguments the example and its options
     */
    public static ChildProcess start(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(launcher());
        command.addAll(arguments);
        return new ChildProcess(
                name,
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    /** The command that starts the launcher, before its arguments. */
    public static List<String> launcher() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.examples.Main");
    }

    /** The process's number. */
    public long pid() {
        return process.pid();
    }

    /** Tells it a line, and returns the line that it says next. */
    public String ask(String line) throws IOException, InterruptedException {
        tell(line);
        return answer();
    }

    /** Tells it a line. */
    public void tell(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    /**
     * Returns the next line that it says.
     *
     * @throws IOException if it says nothing for a minute, or has ended
     */
    public String answer() throws IOException, InterruptedException {
        String line;
        try {
            line = CompletableFuture.supplyAsync(this::readLine).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the process of " + name + " cannot be read: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("the process of " + name + " said nothing within " + DEADLINE_SECONDS + " s", e);
        }
        if (line == null) {
            throw new IOException("the process of " + name + " has ended");
        }
        return line;
    }

    private String readLine() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it by ending its input, and kills it if it doesn't stop. */
    @Override
    public void close() throws IOException {
        try {
            input.close();
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
