// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One of the clients of {@link HoldProcessesCommand}: it says {@code tried N} every so often, {@code held N} when all are
 * open or have failed, and answers each line on standard input with how many connections answered.
 */
@Command(hidden = true, description = "A client's process that hold-processes starts for itself.")
public final class HoldClientCommand implements Callable<Integer> {
    /** Connections between two lines about them. */
    static final int STEP = 500;

    @Parameters(paramLabel = "HOST:PORT", converter = Target.class)
    private InetSocketAddress target;

    @Option(names = "--connections")
    private int connections;

    @Option(names = "--sources", converter = Sources.Converter.class)
    private Sources sources;

    @Option(names = "--opening")
    private int opening;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Bounds bounds = Bounds.read();
        AtomicInteger tried = new AtomicInteger();
        try (Holder holder = new Holder(new Holder.Plan(connections, opening, sources, List.of(target)))) {
            holder.open(() -> true, i -> {
                if (tried.incrementAndGet() % STEP == 0) {
                    System.out.println("tried " + STEP);
                }
            });
            System.out.println("held " + holder.held());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(holder.verify());
            }
            holder.tally().lines(bounds).forEach(System.err::println);
        }
        return 0;
    }
}
