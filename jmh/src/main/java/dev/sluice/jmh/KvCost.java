// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * No benchmark of JMH's but a comparison of processes: the processor time that the example {@code kv} takes for a request,
 * beside {@code redis-server}. Both are pinned to the first core, {@code redis-benchmark} to the second; they take turns,
 * round after round, with equal numbers of requests, and only one of them is asked at a time. Processor time is what the
 * kernel counts for the whole process, compiler and collector included. It needs {@code redis-server},
 * {@code redis-benchmark} and {@code taskset}.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.KvCost examples/target/sluice-examples.jar
 * }</pre>
 */
public final class KvCost {
    private static final String SERVER_CORE = "0";
    private static final String CLIENT_CORE = "1";
    private static final List<String> TESTS = List.of("ping_inline", "ping_mbulk", "set", "get", "incr");

    private KvCost() {}

    /**
     * Prints a table.
     *
     * @param args the launcher's jar; rounds, 9 unless given; requests of a round with 16 under way, a sixth of that with
     *     one, 600,000 unless given
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
        int requests = args.length > 2 ? Integer.parseInt(args[2]) : 600_000;
        try (TemporaryDirectory directory = TemporaryDirectory.create();
                Program kv = kv(directory.path(), args[0]);
                Program redis = redis(directory.path())) {
            for (int pipeline : new int[] {16, 1}) {
                for (String test : TESTS) {
                    measure(kv, redis, test, pipeline, rounds, pipeline == 1 ? requests / 6 : requests);
                }
            }
        }
    }

    private static void measure(Program kv, Program redis, String test, int pipeline, int rounds, int requests)
            throws IOException, InterruptedException {
        double[] kvMicros = new double[rounds];
        double[] redisMicros = new double[rounds];
        double[] ratio = new double[rounds];
        for (int warmUp = 0; warmUp < 3; warmUp++) {
            microsPerRequest(kv, test, pipeline, requests);
        }
        microsPerRequest(redis, test, pipeline, requests);
        for (int round = 0; round < rounds; round++) {
            kvMicros[round] = microsPerRequest(kv, test, pipeline, requests);
            redisMicros[round] = microsPerRequest(redis, test, pipeline, requests);
            ratio[round] = kvMicros[round] / redisMicros[round];
        }
        System.out.printf(
                Locale.ROOT,
                "%-12s  %2d under way  kv %6.2f us  redis %6.2f us  ratio %.2f (%.2f to %.2f)%n",
                test,
                pipeline,
                median(kvMicros),
                median(redisMicros),
                median(ratio),
                Arrays.stream(ratio).min().orElseThrow(),
                Arrays.stream(ratio).max().orElseThrow());
    }

    private static double microsPerRequest(Program peer, String test, int pipeline, int requests)
            throws IOException, InterruptedException {
        long before = peer.cpuNanos();
        Program.output(
                "taskset",
                "-c",
                CLIENT_CORE,
                "redis-benchmark",
                "-p",
                "" + peer.port(),
                "-q",
                "-n",
                "" + requests,
                "-P",
                "" + pipeline,
                "-r",
                "100000",
                "-t",
                test);
        return (peer.cpuNanos() - before) / 1e3 / requests;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Program kv(Path directory, String jar) throws IOException {
        String port = String.valueOf(Program.freePort());
        String java = ProcessHandle.current().info().command().orElse("java");
        return start(directory, port, java, "-Xmx512m", "-jar", jar, "kv", "--port", port);
    }

    private static Program redis(Path directory) throws IOException {
        String port = String.valueOf(Program.freePort());
        return start(
                directory,
                port,
                "redis-server",
                "--port",
                port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
    }

    private static Program start(Path directory, String port, String... command) throws IOException {
        return Program.start(
                List.of("taskset", "-c", SERVER_CORE), directory, Integer.parseInt(port), List.of(command));
    }
}
