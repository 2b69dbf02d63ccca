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
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    /**
     * A failed run.
     *
     * @param what the failure
     * @param happened what could be left out of it
     * @param error how it is told, with the last events
     */
    record Failed(String what, List<String> happened, AssertionError error) {

        /** The failure without what differs from run to run. */
        String kind() {
            String line = what.lines().findFirst().orElse("");
            return NUMBER.matcher(QUOTED.matcher(line).replaceAll("''")).replaceAll("0");
        }
    }

    /** Makes one run. */
    interface Runner {
        /** Returns how it failed, or null if it didn't. */
        Failed run(Happenings happenings);
    }

    private final Runner runner;
    private Failed smallest;
    private int runs;

    private Shrinker(Runner runner, Failed first) {
        this.runner = runner;
        this.smallest = first;
    }

    /** Returns how the smallest run failed that was found, with what was left of it. */
    static AssertionError shrink(Runner runner, Failed first) {
        Shrinker shrinker = new Shrinker(runner, first);
        shrinker.run();
        return shrinker.told(first);
    }

    private void run() {
        Failed all = attempt(Happenings.recorded());
        if (all == null) {
            return; // it can't be repeated, which told() says
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

    private AssertionError told(Failed first) {
        if (smallest == first) {
            return new AssertionError(
                    first.error().getMessage()
                            + "\n  a second run of the same seed did not fail like that: something isn't drawn from it",
                    first.error());
        }
        String left = smallest.happened().isEmpty() ? "nothing" : String.join(", ", smallest.happened());
        return new AssertionError(
                smallest.error().getMessage() + "\n  made smaller in " + runs
                        + " runs; what it takes, faults and clients: " + left,
                smallest.error());
    }
}
