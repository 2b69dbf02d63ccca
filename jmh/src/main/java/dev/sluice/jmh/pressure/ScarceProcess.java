// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.WhenFull;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link ScarceServer} in a process that may have only so many descriptors. For one thread. */
final class ScarceProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader says;
    private final Writer tell;
    private final int port;

    /** What the server has counted since its start, and the connections that it holds. */
    record Counts(long held, long withoutDescriptor, long refused, long evicted) {}

    ScarceProcess(WhenFull outcome, int descriptors) throws IOException {
        process = new ProcessBuilder(List.of(
                        "prlimit",
                        "--nofile=" + descriptors,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScarceServer.class.getName(),
                        outcome.name()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        says = process.inputReader();
        tell = process.outputWriter();
        port = Integer.parseInt(line().split(" ")[1]);
    }

    private String line() throws IOException {
        String line = says.readLine();
        if (line == null) {
            throw new IOException("the server's process has ended; what it said is above");
        }
        return line;
    }

    int port() {
        return port;
    }

    Counts counts() throws IOException {
        tell.write("counts\n");
        tell.flush();
        long[] counts =
                Arrays.stream(line().split(" ")).mapToLong(Long::parseLong).toArray();
        return new Counts(counts[0], counts[1], counts[2], counts[3]);
    }

    /** Processor time that it has taken, in steps of the kernel's tick, as a rule 10 ms. */
    long cpuNanos() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    @Override
    public void close() throws IOException {
        try {
            tell.close();
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
