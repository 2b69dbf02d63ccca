// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.launcher.Progress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Opens many connections and holds them, until a time is over or it is interrupted. What can't be opened or held is
 * counted by its kind, with the limit that it ran into.
 */
@Command(
        description =
                "Opens many connections, holds them, and says which limit the others ran into. With --server it is"
                        + " the other end: see hold-server --help.")
public final class HoldCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "HOST:PORT",
            converter = Target.class,
            description = "Where to connect to: a server that answers lines, such as hold-server. Several have turns.")
    private List<InetSocketAddress> targets;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "How many, 1 to 10000000 (default: ${DEFAULT-VALUE}).")
    private int connections = 1000;

    @Option(
            names = "--sources",
            paramLabel = "RANGE",
            converter = Sources.Converter.class,
            description = "Addresses of this machine to connect from, in turn: 127.0.0.2-127.0.0.20 or a list with"
                    + " commas (default: the kernel chooses).")
    private Sources sources = Sources.ANY;

    @Option(
            names = "--opening",
            paramLabel = "N",
            description = "How many are being opened at once, 1 to 100000 (default: ${DEFAULT-VALUE}).")
    private int opening = 100;

    @Option(
            names = "--for",
            paramLabel = "SECONDS",
            description = "How long to hold them, from 0 (default: until SIGINT or SIGTERM).")
    private Double seconds;

    @Option(names = "--verify", description = "At the end, sends a line over each and waits for it to come back.")
    private boolean verify;

    @Option(names = "--with-server", description = "Starts a server at each HOST:PORT in this process.")
    private boolean withServer;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check("connections", connections, 1, 10_000_000);
        check("opening", opening, 1, 100_000);
        if (seconds != null) {
            check("for", seconds, 0, 1e9);
        }
        Bounds bounds = Bounds.read();
        Server server = withServer ? server() : null;
        try (Interruption interruption = new Interruption();
                Holder holder = new Holder(new Holder.Plan(connections, opening, sources, targets))) {
            open(holder, interruption);
            say("holding %,d of %,d connections from %s to %s", holder.held(), connections, sources, text(targets));
            interruption.await(seconds == null ? Long.MAX_VALUE : (long) (seconds * 1e9), TimeUnit.NANOSECONDS);
            boolean allAnswered = verified(holder);
            holder.tally().lines(bounds).forEach(System.out::println);
            return interruption.status(allAnswered && holder.held() == connections ? 0 : 1);
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    private void open(Holder holder, Interruption interruption) throws InterruptedException {
        String atEnd = String.format(Locale.ROOT, "hold: %,d connections tried", connections);
        try (Progress progress = new Progress("opening", connections, atEnd)) {
            holder.open(() -> !interruption.has(), i -> progress.step());
        }
    }

    private boolean verified(Holder holder) throws InterruptedException {
        int held = holder.held();
        if (!verify) {
            say("held %,d at the end", held);
            return true;
        }
        System.err.println("waiting up to 30 s for the answers"); // beside the progress bar, not among the results
        int answers = holder.verify();
        say("held %,d at the end, %,d of which answered", held, answers);
        return answers == held;
    }

    private Server server() throws IOException {
        Server.Builder builder = Server.builder()
                .topology(Topology.singleThread())
                .limits(Limits.defaults().withConnections(connections))
                .deadlines(HoldServerCommand.PATIENT);
        targets.forEach(target -> builder.listen(Endpoint.of(target), HoldServerCommand.LINES));
        return builder.start();
    }

    private static String text(List<InetSocketAddress> targets) {
        List<String> all = new ArrayList<>();
        targets.forEach(target -> all.add(target.getHostString() + ":" + target.getPort()));
        return String.join(", ", all);
    }

    static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }

    static void check(String option, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s: %.0f is not within %.0f to %.0f", option, value, min, max));
        }
    }
}
