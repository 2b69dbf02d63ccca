// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far something is: as a bar if a terminal is looking, and else as one line at the end. Any thread. */
public final class Progress implements AutoCloseable {
    private static final PrintStream OUT = System.err; // standard output is for results

    private final String atEnd;
    private final ProgressBar bar; // null without a terminal

    /**
     * Begins.
     *
     * @param name what is done
     * @param steps how many steps there are
     * @param atEnd the line that is written at the end where there is no terminal
     */
    public Progress(String name, long steps, String atEnd) {
        this.atEnd = atEnd;
        this.bar = hasTerminal() ? bar(name, steps) : null;
    }

    /** One more step is done. */
    public void step() {
        step(1);
    }

    /** So many more are done. */
    public void step(long steps) {
        if (bar != null) {
            bar.stepBy(steps);
        }
    }

    /** Tells what goes on beside the steps. */
    public void now(String activity) {
        if (bar != null) {
            bar.setExtraMessage(activity);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        } else {
            OUT.println(atEnd);
        }
    }

    private static ProgressBar bar(String name, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(String.format("%-16s", name))
                .setInitialMax(steps)
                .setUpdateIntervalMillis(100)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
    }

    // Some JDKs have a console that isn't there for people; the one that is asked for here is null without a terminal.
    private static boolean hasTerminal() {
        System.setProperty("jdk.console", "java.base");
        return System.console() != null;
    }
}
