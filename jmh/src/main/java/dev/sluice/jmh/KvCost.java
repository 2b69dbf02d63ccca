// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on all of today's Linux
    private static final List<String> TESTS = List.of("ping_inline", "ping_mbulk", "set", "get", "incr");

    private KvCost() {}

    private record Peer(String name, int port, Process process) {}

    /**
     * Prints a table.
     *
     * @param args the launcher's jar; rounds, 9 unless given; requests of a round with 16 under way, a sixth of that with
     *     one, 600,000 unless given
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
        int requests = args.length > 2 ? Integer.parseInt(args[2]) : 600_000;
        List<Peer> peers = new ArrayList<>();
        try {
            peers.add(kv(args[0]));
            peers.add(redis());
            for (int pipeline : new int[] {16, 1}) {
                for (String test : TESTS) {
                    measure(peers, test, pipeline, rounds, pipeline == 1 ? requests / 6 : requests);
                }
            }
        } finally {
            for (Peer peer : peers) {
                peer.process.destroy();
                peer.process.waitFor(10, TimeUnit.SECONDS);
                peer.process.destroyForcibly();
            }
        }
    }

    private static void measure(List<Peer> peers, String test, int pipeline, int rounds, int requests)
            throws IOException, InterruptedException {
        double[] kv = new double[rounds];
        double[] redis = new double[rounds];
        double[] ratio = new double[rounds];
        for (int warmUp = 0; warmUp < 3; warmUp++) {
            microsPerRequest(peers.get(0), test, pipeline, requests);
        }
        microsPerRequest(peers.get(1), test, pipeline, requests);
        for (int round = 0; round < rounds; round++) {
            kv[round] = microsPerRequest(peers.get(0), test, pipeline, requests);
            redis[round] = microsPerRequest(peers.get(1), test, pipeline, requests);
            ratio[round] = kv[round] / redis[round];
        }
        System.out.printf(
                Locale.ROOT,
                "%-12s  %2d under way  kv %6.2f us  redis %6.2f us  ratio %.2f (%.2f to %.2f)%n",
                test,
                pipeline,
                median(kv),
                median(redis),
                median(ratio),
                Arrays.stream(ratio).min().orElseThrow(),
                Arrays.stream(ratio).max().orElseThrow());
    }

    private static double microsPerRequest(Peer peer, String test, int pipeline, int requests)
            throws IOException, InterruptedException {
        double before = cpuSeconds(peer.process.pid());
        run(
                "taskset",
                "-c",
                CLIENT_CORE,
                "redis-benchmark",
                "-p",
                "" + peer.port,
                "-q",
                "-n",
                "" + requests,
                "-P",
                "" + pipeline,
                "-r",
                "100000",
                "-t",
                test);
        return (cpuSeconds(peer.process.pid()) - before) * 1e6 / requests;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** User and system time of a process: the 14th and 15th field, and the second may have spaces in it. */
    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
        String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(behindName[11]) + Long.parseLong(behindName[12])) / TICKS_PER_SECOND;
    }

    private static Peer kv(String jar) throws IOException {
        int port = freePort();
        String java = ProcessHandle.current().info().command().orElse("java");
        return peer("kv", port, java, "-Xmx512m", "-jar", jar, "kv", "--port", "" + port);
    }

    private static Peer redis() throws IOException {
        int port = freePort();
        return peer(
                "redis",
                port,
                "redis-server",
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
    }

    private static Peer peer(String name, int port, String... command) throws IOException {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", SERVER_CORE));
        pinned.addAll(List.of(command));
        Process process = new ProcessBuilder(pinned)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException(name + " doesn't listen on port " + port);
            }
            LockSupport.parkNanos(20_000_000);
        }
        return new Peer(name, port, process);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
        }
    }
}
