// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Looks for a smaller run that fails in the same way, by leaving out more and more of what happened: first halves, then
 * quarters, down to single happenings (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
 * Transactions on Software Engineering 28(2), 2002). What a smaller run did is where the next one begins.
 */
final class Shrinker {
    private static final int MOST_RUNS = 500;
    private static final Pattern QUOTED = Pattern.compile("'[^\n]*'");
    private static final Pattern NUMBER = Pattern.compile("@[0-9a-f]+|[0-9]+");
    private static final Pattern OF_TEST_LIBRARIES =
            Pattern.compile("(java|jdk|org\\.junit|org\\.opentest4j|org\\.assertj|org\\.hamcrest)\\.");

    /**
     * A failed run.
     *
     * @param what the failure
     * @param fingerprint of all events
     * @param happened what could be left out of it
     * @param report how it is told, with the last events
     * @param cause what was thrown
     */
    record Failed(String what, String fingerprint, List<String> happened, String report, Throwable cause) {

        /** The failure without what differs from run to run: its first line, its class, and where it was thrown. */
        String kind() {
            String line = what.lines().findFirst().orElse("");
            String masked =
                    NUMBER.matcher(QUOTED.matcher(line).replaceAll("''")).replaceAll("0");
            return masked + cause.getClass().getName() + place();
        }

        private String place() {
            for (StackTraceElement frame : cause.getStackTrace()) {
                if (!OF_TEST_LIBRARIES.matcher(frame.getClassName()).lookingAt()) {
                    return frame.getClassName() + ':' + frame.getLineNumber();
                }
            }
            return "";
        }
    }

    /** Makes one run. */
    interface Runner {
        /** Returns how it failed, or null if it didn't. */
        Failed run(Happenings happenings);
    }

    private final Runner runner;
    private final Failed first;
    private Failed smallest;
    private boolean repeats;
    private int runs;

    private Shrinker(Runner runner, Failed first) {
        this.runner = runner;
        this.first = first;
        this.smallest = first;
    }

    /** Returns how the smallest run failed that was found, with what was left of it. */
    static AssertionError shrink(Runner runner, Failed first) {
        Shrinker shrinker = new Shrinker(runner, first);
        shrinker.run();
        return shrinker.told();
    }

    private void run() {
        runs++;
        Failed all = runner.run(Happenings.recorded());
        repeats = all != null && all.fingerprint().equals(first.fingerprint());
        if (!repeats) {
            return;
        }
        smallest = all;
        int chunk = size();
        while (chunk > 0 && runs < MOST_RUNS) {
            int before = size();
            leaveOutEach(chunk);
            chunk = size() < before ? Math.min(chunk, size()) : chunk / 2;
        }
    }

    // Backwards: what is late in a run seldom decides what was before.
    private void leaveOutEach(int chunk) {
        for (int end = size(); end > 0 && runs < MOST_RUNS; end = Math.min(end - chunk, size())) {
            List<String> rest = new ArrayList<>(smallest.happened());
            rest.subList(Math.max(0, end - chunk), end).clear();
            Failed smaller = attempt(Happenings.only(rest));
            if (smaller != null) {
                smallest = smaller;
            }
        }
    }

    private int size() {
        return smallest.happened().size();
    }

    private Failed attempt(Happenings happenings) {
        runs++;
        Failed failed = runner.run(happenings);
        return failed != null && failed.kind().equals(smallest.kind()) ? failed : null;
    }

    private AssertionError told() {
        if (!repeats) {
            return new AssertionError(
                    first.report()
                            + "\n  a second run of the same seed went another way: something isn't drawn from it",
                    first.cause());
        }
        String left = smallest.happened().isEmpty() ? "nothing" : String.join(", ", smallest.happened());
        String limit = runs < MOST_RUNS ? "" : ", the most that are tried, so more may be left out";
        return new AssertionError(
                smallest.report() + "\n  made smaller in " + runs + " runs" + limit
                        + "; what it takes, faults and clients: " + left,
                smallest.cause());
    }
}
