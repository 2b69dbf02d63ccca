// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.jmh.Child;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Peers that send requests and never read, and one client beside them that behaves. The server is a process of its own,
 * {@link NeverReadServer}; in turn the client is alone and beside the peers, round after round. Printed are the server's
 * heap, resident memory and budget at the end of each round, and the 99th percentile of the client's round trips in both.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.pressure.NeverRead 10000 5 64
 * }</pre>
 *
 * It needs 2 descriptors for each peer, in two processes.
 */
public final class NeverRead {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(4);

    private NeverRead() {}

    /**
     * Prints a line for each round, and a verdict.
     *
     * @param args peers, 10,000 unless given; rounds, 5 unless given; the budget in MiB, 64 unless given
     */
    public static void main(String[] args) throws Exception {
        int peers = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int budgetMiB = args.length > 2 ? Integer.parseInt(args[2]) : 64;
        try (Child process = start(budgetMiB)) {
            int port = Integer.parseInt(process.answer());
            measure(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), peers, rounds, process);
        }
    }

    private static Child start(int budgetMiB) throws IOException {
        return Child.start(
                "the server",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NeverReadServer.class.getName(),
                        "" + budgetMiB));
    }

    private static void measure(InetSocketAddress server, int peers, int rounds, Child process) throws Exception {
        List<Double> alone = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        try (PingPong client = new PingPong(server)) {
            client.micros(WINDOW_NANOS); // warm
            for (int round = 1; round <= rounds; round++) {
                double[] before = client.micros(WINDOW_NANOS);
                double[] during;
                long opened;
                try (Crowd crowd = new Crowd(server, peers)) {
                    crowd.awaitPressing();
                    during = client.micros(WINDOW_NANOS);
                    opened = crowd.opened();
                    print(round, before, during, opened, process.ask("figures"));
                }
                alone.add(percentile(before, 99));
                beside.add(percentile(during, 99));
            }
        }
        double ratio = median(beside) / median(alone);
        System.out.printf(
                Locale.ROOT,
                "p99 alone %.0f us, beside %.0f us (medians of %d rounds), ratio %.2f%n",
                median(alone),
                median(beside),
                rounds,
                ratio);
    }

    private static void print(int round, double[] before, double[] during, long opened, String figures) {
        System.out.printf(
                Locale.ROOT,
                "round %d: p50/p99 alone %.0f/%.0f us, beside %.0f/%.0f us; %d connections opened; server: %s%n",
                round,
                percentile(before, 50),
                percentile(before, 99),
                percentile(during, 50),
                percentile(during, 99),
                opened,
                figures);
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
