// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

import dev.sluice.jmh.Certificates;
import dev.sluice.jmh.Child;
import dev.sluice.jmh.TemporaryDirectory;
import dev.sluice.jmh.suite.Pins;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * No benchmark of JMH's but a comparison of ways: what a request from a balancer to a backend costs either of them,
 * plain and by TLS, over connections that are kept and over one for each request, with sessions that are resumed and
 * with full handshakes. The balancer is the half of one that asks: a {@link dev.sluice.Connector} with an
 * {@link dev.sluice.http.HttpCaller}, 16 requests at a time. Either is a process on a processor of its own, where there
 * is {@code taskset} and more than one; the ways take turns, round after round. Processor time is of the whole process,
 * compiler and collector included. It takes a minute and a half.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.inside.InsideCost
 * }</pre>
 */
public final class InsideCost {
    private static final int WARM_UPS = 5; // windows of each way, which the JVM needs to compile

    private InsideCost() {}

    /**
     * Prints figures, and a table of ratios.
     *
     * @param args rounds, 9 unless given; milliseconds of a window, 1,000 unless given
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
        long millis = args.length > 1 ? Long.parseLong(args[1]) : 1_000;
        Pins pins = Pins.find(Runtime.getRuntime().availableProcessors());
        try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
            System.out.println(pins.told());
            Path directory = temporary.path();
            Certificates.make(directory);
            try (Child backend = child("backend", pins.server(), InsideBackend.class, directory.toString())) {
                String[] ports = backend.answer().split(" ");
                try (Child balancer =
                        child("balancer", pins.load(), Askers.class, ports[0], ports[1], directory.toString())) {
                    System.out.print(measure(balancer, backend, rounds, millis).text());
                }
            }
        }
    }

    private static Child child(String name, List<String> pin, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(pin);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        command.addAll(List.of(java, "-XX:+UseSerialGC", "-Xms256m", "-Xmx1g", "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return Child.start(name, command);
    }

    private static Costs measure(Child balancer, Child backend, int rounds, long millis)
            throws IOException, InterruptedException {
        Costs costs = new Costs(rounds);
        Way[] ways = Way.values();
        for (int round = -WARM_UPS; round < rounds; round++) {
            for (int i = 0; i < ways.length; i++) {
                Way way = ways[Math.floorMod(round + i, ways.length)];
                long ofBalancer = balancer.cpuNanos();
                long ofBackend = backend.cpuNanos();
                long bytes = Long.parseLong(backend.ask("written"));
                long start = System.nanoTime();
                long answers = Long.parseLong(balancer.ask(way + " " + (round < 0 ? 2 * millis : millis)));
                double seconds = (System.nanoTime() - start) / 1e9;
                if (round >= 0) {
                    costs.add(
                            way,
                            round,
                            new Costs.Window(
                                    answers / seconds,
                                    (balancer.cpuNanos() - ofBalancer) / 1e3 / answers,
                                    (backend.cpuNanos() - ofBackend) / 1e3 / answers,
                                    (double) (Long.parseLong(backend.ask("written")) - bytes) / answers));
                }
            }
            System.err.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
        }
        return costs;
    }
}
