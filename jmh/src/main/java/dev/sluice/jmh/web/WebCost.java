// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import dev.sluice.jmh.TemporaryDirectory;
import dev.sluice.jmh.suite.Pins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * No benchmark of JMH's but a comparison of processes: a small reply by the example {@code http}, alone and behind
 * nginx, and by nginx; and files of three sizes by the example {@code files}, by nginx, and by {@code files} behind
 * nginx. All that serve are pinned to one processor, wrk to another; they take turns, round after round, and only one
 * arrangement is asked at a time. So processor time of all that serve tells what a hop costs, compiler and collector
 * included; replies per second do as well while it is the servers' processor that is busy, which with large files it
 * isn't. It needs {@code nginx} and {@code wrk}; without {@code taskset}, or with one processor, nothing is pinned. It
 * takes three and a half minutes.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.web.WebCost examples/target/sluice-examples.jar
 * }</pre>
 */
public final class WebCost {
    private static final int CONNECTIONS = 50;
    private static final int FEW_CONNECTIONS = 8;
    private static final int SMALL = 1 << 10;
    private static final int MIDDLE = 100 << 10;
    private static final int LARGE = 10 << 20;
    private static final int WARM_UPS = 4; // seconds of each kind, which the JVM needs to compile

    private WebCost() {}

    /**
     * Prints figures, and a table of ratios.
     *
     * @param args the launcher's jar; rounds, 9 unless given; seconds of a window, 1 unless given
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        Pins pins = Pins.find(Runtime.getRuntime().availableProcessors());
        try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
            System.out.println(pins.told());
            Path directory = temporary.path();
            Path site = site(directory);
            try (Servers servers = new Servers(oneOf(pins.server()), directory, args[0], site)) {
                measure(servers, new Wrk(pins.load(), directory), rounds, seconds);
            }
        }
    }

    /** Of the processors for servers the first: with one busy processor, time and replies tell the same. */
    private static List<String> oneOf(List<String> pin) {
        return pin.isEmpty() ? pin : List.of("taskset", "-c", "0");
    }

    private static void measure(Servers servers, Wrk wrk, int rounds, int seconds)
            throws IOException, InterruptedException {
        List<Arrangement> replies = List.of(servers.http, servers.nginx, servers.httpBehindNginx);
        List<Arrangement> files = List.of(servers.files, servers.nginx, servers.filesBehindNginx);
        List<Kind> kinds = List.of(
                new Kind("13 bytes, 50 connections", "/plaintext", 13, CONNECTIONS, rounds, replies),
                new Kind("13 bytes, 1 connection", "/plaintext", 13, 1, rounds, replies),
                new Kind("file of 1 KiB", "/" + SMALL, SMALL, CONNECTIONS, rounds, files),
                new Kind("file of 100 KiB", "/" + MIDDLE, MIDDLE, CONNECTIONS, rounds, files),
                new Kind("file of 10 MiB", "/" + LARGE, LARGE, FEW_CONNECTIONS, rounds, files));
        for (int round = -WARM_UPS; round < rounds; round++) {
            for (Kind kind : kinds) {
                kind.round(wrk, round, seconds);
            }
            System.err.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
        }
        kinds.forEach(kind -> System.out.print(kind.figures()));
        System.out.println("\n| reply | by | processor time of a reply | replies per second |\n|---|---|---|---|");
        kinds.forEach(kind -> System.out.print(kind.ratios()));
    }

    private static Path site(Path directory) throws IOException {
        Path site = Files.createDirectory(directory.resolve("site"));
        for (int size : new int[] {SMALL, MIDDLE, LARGE}) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            Files.write(site.resolve("" + size), bytes);
        }
        return site;
    }
}
