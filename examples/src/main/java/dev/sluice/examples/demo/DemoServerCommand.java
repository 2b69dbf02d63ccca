// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import dev.sluice.Server;
import dev.sluice.examples.Lines;
import dev.sluice.examples.launcher.LiveHeap;
import dev.sluice.examples.launcher.ServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The demo's server, in a process of its own, so that its heap holds the server's side alone: the {@code lines} example,
 * which answers each line on standard input with its {@link Figures}, and stops when that ends.
 */
@Command(hidden = true, description = "The server that the demo starts for itself.")
public final class DemoServerCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions(0);

    /**
     * What the server's process holds.
     *
     * @param heapBytes bytes of the heap that a collection left over, read as of its end: what is in use a moment later
     *     counts whole allocation buffers of threads, of up to a megabyte
     * @param threads of the server
     */
    record Figures(long heapBytes, int threads) {
        private static Figures measure() {
            long heap = LiveHeap.bytes();
            long threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("sluice"))
                    .count();
            return new Figures(heap, (int) threads);
        }

        static Figures parse(String line) {
            String[] words = line.split(" ");
            return new Figures(Long.parseLong(words[0]), Integer.parseInt(words[1]));
        }

        @Override
        public String toString() {
            return heapBytes + " " + threads;
        }
    }

    @Override
    public Integer call() throws IOException {
        Figures.measure(); // so that none of those that are asked for counts the classes that it loads
        try (Server server = options.start(Lines::server)) {
            System.out.println("listening on " + server.listeners().get(0));
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(Figures.measure());
            }
        }
        return 0;
    }
}
