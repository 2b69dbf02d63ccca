// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import dev.sluice.examples.launcher.TopologyName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A child process that runs {@link DemoServerCommand}. It ends with this process, whose pipe it reads. */
final class ServerProcess implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final InetSocketAddress address;

    private ServerProcess(Process process) throws IOException, InterruptedException {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        String line = answer();
        this.address = new InetSocketAddress("127.0.0.1", Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)));
    }

    /** Starts a server on a free port. The serial collector leaves on the heap what is in use, and nothing else. */
    static ServerProcess start(TopologyName topology, int readers, int connections)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.sluice.examples.Main",
                        "demo-server",
                        "--topology",
                        topology.toString(),
                        "--readers",
                        String.valueOf(readers),
                        "--max-connections",
                        String.valueOf(connections))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new ServerProcess(process);
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    DemoServerCommand.Figures measure() throws IOException, InterruptedException {
        input.write("measure\n");
        input.flush();
        return DemoServerCommand.Figures.parse(answer());
    }

    private String answer() throws IOException, InterruptedException {
        String line;
        try {
            line = CompletableFuture.supplyAsync(this::readLine).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the server's process cannot be read: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("the server's process said nothing within " + DEADLINE_SECONDS + " s", e);
        }
        if (line == null) {
            throw new IOException("the server's process has ended");
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

    /** Stops the server by ending its input, and kills it if it doesn't stop. */
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
