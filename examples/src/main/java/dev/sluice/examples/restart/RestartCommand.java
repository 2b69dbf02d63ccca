// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.restart;

import dev.sluice.examples.launcher.Progress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Replaces a server by the next one, again and again, while clients ask, and counts the requests that are lost. */
@Command(
        description =
                "Restarts a server of lines again and again while clients ask, each time on a connection of its own,"
                        + " and counts the requests that are lost. Ends with 1 if there are any.")
public final class RestartCommand implements Callable<Integer> {
    private static final int ANSWERS_BETWEEN = 20;

    @Option(
            names = "--by",
            paramLabel = "WAY",
            required = true,
            description =
                    "How the next server comes to the port: inherited (it is started with the listening socket that"
                            + " the last one has) or reuse-port (it binds the port as well).")
    private By by;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How many times the server is replaced, 1 to 100000 (default: ${DEFAULT-VALUE}).")
    private int rounds = 10;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "Threads that ask, 1 to 100 (default: ${DEFAULT-VALUE}).")
    private int clients = 4;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests of all clients together in a second, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int rate = 200;

    /** How the next server comes to the port. */
    enum By {
        INHERITED("inherited"),
        REUSE_PORT("reuse-port");

        private final String label;

        By(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check("rounds", rounds, 100_000);
        check("clients", clients, 100);
        check("rate", rate, 10_000);
        if (by == By.INHERITED && !(System.inheritedChannel() instanceof ServerSocketChannel)) {
            return SocketHolder.runWithSocket(
                    "restart --by inherited --rounds " + rounds + " --clients " + clients + " --rate " + rate);
        }
        Tally tally = restart();
        System.out.println("restarted " + rounds + " times: " + tally);
        return tally.lost() == 0 ? 0 : 1;
    }

    private static void check(String field, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " is not within 1 to " + max);
        }
    }

    private Tally restart() throws IOException, InterruptedException {
        Generation current = start(0);
        InetSocketAddress address = current.address();
        try (Askers askers = new Askers(address, clients, rate);
                Progress progress = new Progress("restarting", rounds, "restarted " + rounds + " times")) {
            for (int i = 0; i < rounds; i++) {
                askers.awaitAnswers(ANSWERS_BETWEEN);
                Generation next = start(address.getPort());
                next.address();
                current.end();
                current = next;
                progress.step();
            }
            askers.awaitAnswers(ANSWERS_BETWEEN);
            return askers.end();
        } finally {
            current.end();
        }
    }

    private Generation start(int port) throws IOException {
        return by == By.INHERITED
                ? Generation.start("lines", "--listen", "inherited:", "--readers", "1")
                : Generation.start(
                        "lines", "--port", String.valueOf(port), "--readers", "2", "--topology", by.toString());
    }
}
