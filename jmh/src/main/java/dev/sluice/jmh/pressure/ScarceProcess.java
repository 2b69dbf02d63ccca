// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.WhenFull;
import dev.sluice.jmh.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A {@link ScarceServer} in a process that may have only so many descriptors. For one thread. */
final class ScarceProcess implements AutoCloseable {
    private final Child process;
    private final int port;

    /** What the server has counted since its start, and the connections that it holds. */
    record Counts(long held, long withoutDescriptor, long refused, long evicted) {}

    ScarceProcess(WhenFull outcome, int descriptors) throws IOException, InterruptedException {
        process = Child.start(
                "the server",
                List.of(
                        "prlimit",
                        "--nofile=" + descriptors,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScarceServer.class.getName(),
                        outcome.name()));
        port = Integer.parseInt(process.answer().split(" ")[1]);
    }

    int port() {
        return port;
    }

    Counts counts() throws IOException, InterruptedException {
        long[] counts = Arrays.stream(process.ask("counts").split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        return new Counts(counts[0], counts[1], counts[2], counts[3]);
    }

    /** Processor time that it has taken, in steps of the kernel's tick, as a rule 10 ms. */
    long cpuNanos() {
        return process.cpuNanos();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
