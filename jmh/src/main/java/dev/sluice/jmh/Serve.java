// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/**
 * The process of one server that {@link dev.sluice.jmh.suite.Suite} measures. It says {@code listening PORT}, or
 * {@code unavailable REASON}, answers each line on standard input with one of its own, and ends with its input.
 */
public final class Serve {
    private Serve() {}

    /** Argument: a name that {@link Peers#start} knows. */
    public static void main(String[] args) throws Exception {
        EchoServer server;
        try {
            server = Peers.start(args[0]);
        } catch (UnsupportedOperationException e) {
            System.out.println("unavailable " + e.getMessage());
            return;
        }
        System.out.println("listening " + server.port());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            System.out.println(answer(line, server));
        }
        server.stop();
        System.exit(0); // a peer may have left threads that would wait
    }

    private static String answer(String line, EchoServer server) throws IOException {
        return switch (line) {
            case "heap" -> String.valueOf(liveHeapBytes());
            case "spread" -> spread(server);
            default -> throw new IOException("unknown command: " + line);
        };
    }

    /** Fewest and most connections of a Reader. */
    private static String spread(EchoServer server) {
        List<Integer> counts = server instanceof SluiceEcho sluice ? sluice.spread() : List.of(0);
        return Collections.min(counts) + " " + Collections.max(counts);
    }

    // As of the collection's end: what is in use a moment later counts allocation buffers of threads.
    private static long liveHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }
}
