// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a group is: as a bar if a terminal is looking, and else as a line every few seconds. For one thread. */
final class Progress implements AutoCloseable {
    private static final PrintStream OUT = System.err; // standard output is for results
    private static final long NANOS_PER_LINE = 10_000_000_000L;

    private final String name;
    private final int steps;
    private final ProgressBar bar; // null without a terminal
    private final long begun = System.nanoTime();
    private int done;
    private long lastLine = begun;

    Progress(String name, int steps) {
        this.name = name;
        this.steps = steps;
        this.bar = hasTerminal() ? bar(name, steps) : null;
    }

    /** The next step is this. */
    void step(String activity) {
        done++;
        if (bar != null) {
            bar.stepTo(done - 1);
        }
        now(activity);
    }

    /** Tells what goes on beside the steps. */
    void now(String activity) {
        if (bar != null) {
            bar.setExtraMessage(activity);
        } else if (System.nanoTime() - lastLine > NANOS_PER_LINE) {
            lastLine = System.nanoTime();
            OUT.printf("%s: step %d of %d, %s%n", name, done, steps, activity);
        }
    }

    long seconds() {
        return (System.nanoTime() - begun) / 1_000_000_000L;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.stepTo(done);
            bar.close();
        } else {
            OUT.printf("%s: %d of %d steps in %d s%n", name, done, steps, seconds());
        }
    }

    private static ProgressBar bar(String name, int steps) {
        return new ProgressBarBuilder()
                .setTaskName(String.format("%-10s", name))
                .setInitialMax(steps)
                .setUpdateIntervalMillis(200)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
    }

    // Some JDKs have a console that isn't there for people; the one that is asked for here is null without a terminal.
    private static boolean hasTerminal() {
        System.setProperty("jdk.console", "java.base");
        return System.console() != null;
    }
}
