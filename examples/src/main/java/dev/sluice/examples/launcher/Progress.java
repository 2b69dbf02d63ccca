// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far one topology is: as a bar if a terminal is looking, and else as one line at the end. */
final class OpeningProgress implements AutoCloseable {
    private static final PrintStream OUT = System.err; // standard output is for the table

    private final String topology;
    private final int connections;
    private final ProgressBar bar; // null without a terminal

    OpeningProgress(String topology, int connections, boolean terminal) {
        this.topology = topology;
        this.connections = connections;
        this.bar = terminal ? bar(topology, connections) : null;
    }

    /** One more connection is open. */
    void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /** Tells what goes on while no connections are opened. */
    void now(String activity) {
        if (bar != null) {
            bar.setExtraMessage(activity);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        } else {
            OUT.println(topology + ": measured with " + connections + " connections");
        }
    }

    private static ProgressBar bar(String topology, int connections) {
        return new ProgressBarBuilder()
                .setTaskName(String.format("%-16s", topology))
                .setInitialMax(connections)
                .setUpdateIntervalMillis(100)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
    }
}
