// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that answers each line with a line, and ends with its input. For one thread. */
public final class Child implements Measured {
    private static final int DEADLINE_SECONDS = 120;

    private final String name;
    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts one.
     *
     * @param name what messages call it
     * @param command with its arguments
     */
    public static Child start(String name, List<String> command) throws IOException {
        return new Child(
                name,
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    /** Tells it a line, and returns the line that it says next. */
    public String ask(String line) throws IOException, InterruptedException {
        input.write(line + "\n");
        input.flush();
        return answer();
    }

    /** Returns the next line that it says. */
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
            throw new IOException("the process of " + name + " has ended; what it said is above");
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

    @Override
    public long cpuNanos() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    /** Asks it, which {@link Serve} answers. */
    @Override
    public long heldBytes() throws IOException, InterruptedException {
        return Long.parseLong(ask("heap"));
    }

    /** Ends its input, and kills it if it doesn't end with it. */
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
