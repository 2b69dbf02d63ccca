// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.examples.launcher.Progress;
import dev.sluice.examples.launcher.TopologyName;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The main job in one go. For each topology a server is started in a process of its own, many connections are opened to
 * it, and some of them ask while the rest are idle.
 */
@Command(description = "Measures the five topologies with many connections, and shows a table and an SVG.")
public final class DemoCommand implements Callable<Integer> {
    /** Descriptors that each process needs for other things. */
    private static final int OTHER_DESCRIPTORS = 100;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections to each server, 10 to 1000000 (default: ${DEFAULT-VALUE}).")
    private int connections = 4000;

    @Option(
            names = "--active",
            paramLabel = "N",
            description = "How many of them ask, 1 to half of the connections (default: 64, or half if that is less).")
    private Integer active;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long they ask, 0.1 to 3600, for each topology (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(
            names = "--readers",
            paramLabel = "N",
            description = "Reading threads, 1 to 1024 (default: processors, here ${DEFAULT-VALUE}).")
    private int readers = Runtime.getRuntime().availableProcessors();

    @Option(names = "--svg", paramLabel = "FILE", description = "Where to write the chart (default: ${DEFAULT-VALUE}).")
    private Path svg = Path.of("sluice-demo.svg");

    @Override
    public Integer call() throws IOException, InterruptedException {
        lowerToDescriptorLimit();
        check("connections", connections, 10, 1_000_000);
        if (active == null) {
            active = Math.min(64, connections / 2);
        }
        check("active", active, 1, connections / 2);
        check("seconds", seconds, 0.1, 3600);
        check("readers", readers, 1, 1024);
        checkDirectory(svg.toAbsolutePath().getParent());
        warmUp();
        List<Result> results = new ArrayList<>();
        for (TopologyName topology : TopologyName.values()) {
            results.add(measure(topology));
        }
        show(results);
        return 0;
    }

    private void show(List<Result> results) throws IOException {
        System.out.println();
        System.out.println(Result.table(results));
        System.out.printf(
                "%d connections, %d of them asking with 64-byte lines, the rest idle; %d readers. Both ends share this machine.%n",
                connections, active, readers);
        System.out.println("accepts/s: opened, accepted and answered once. heap B/idle: the server's heap for each"
                + " idle connection, with the JDK's channel.");
        if (Chart.canDraw()) {
            new Chart(results).save(svg);
            System.out.println("chart: " + svg.toAbsolutePath());
        } else {
            System.out.println("chart: not drawn, since Java finds no fonts here; install fontconfig and a font");
        }
    }

    // All servers start cold, but this process lives on: without this it would be slower for the first one.
    private void warmUp() throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(TopologyName.ACCEPTOR_READERS, readers, connections);
                Clients clients = new Clients(server.address(), connections)) {
            clients.open(connections / 2, () -> {});
            clients.ask(active, time(seconds / 2));
        }
    }

    private Result measure(TopologyName topology) throws IOException, InterruptedException {
        int idle = connections - active;
        try (Progress progress = new Progress(
                        topology.toString(),
                        connections,
                        topology + ": measured with " + connections + " connections");
                ServerProcess server = ServerProcess.start(topology, readers, connections);
                Clients clients = new Clients(server.address(), connections)) {
            progress.now("warming up");
            clients.open(active, progress::step);
            clients.ask(active, time(seconds / 2));
            DemoServerCommand.Figures without = server.measure();

            progress.now("opening");
            long begun = System.nanoTime();
            clients.open(idle, progress::step);
            double openingSeconds = (System.nanoTime() - begun) / 1e9;

            progress.now("asking");
            Clients.Answers answers = clients.ask(active, time(seconds));
            DemoServerCommand.Figures with = server.measure();
            progress.now("");
            return new Result(
                    topology.toString(),
                    idle / openingSeconds,
                    answers.perSecond(),
                    answers.microsAtPercentile(50),
                    answers.microsAtPercentile(99),
                    (double) (with.heapBytes() - without.heapBytes()) / idle,
                    with.threads());
        }
    }

    private void lowerToDescriptorLimit() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            long most = unix.getMaxFileDescriptorCount() - OTHER_DESCRIPTORS;
            if (connections > most) {
                System.err.println("connections: " + most + " instead of " + connections + ", since a process may open "
                        + unix.getMaxFileDescriptorCount() + " descriptors here (ulimit -n)");
                connections = (int) most;
            }
        }
    }

    private static void check(String option, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(
                    String.format("%s: %s is not within %s to %s", option, text(value), text(min), text(max)));
        }
    }

    private static void checkDirectory(Path directory) throws IOException {
        if (!Files.isWritable(directory)) {
            throw new IOException("svg: " + directory + " is no directory that can be written to");
        }
    }

    private static String text(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    private static Duration time(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
