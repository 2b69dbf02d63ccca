// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.WhenFull;
import java.io.IOException;
import java.util.Arrays;

/**
 * A server that may have 256 descriptors, and 2,000 clients who knock: what share of a processor it takes while it is
 * full, whether those that it holds are served meanwhile, and how soon it accepts again after five of them have left.
 * Once for each {@link WhenFull}. Needs Linux with {@code prlimit} and {@code ulimit -n} of 2,500. Ends with 1 if more than
 * 5 % of a processor is taken by waiting, if somebody isn't served, or if in half of the rounds it takes 100 ms or more
 * until it goes on; the longest round says more about what else the machine does.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.pressure.Descriptors
 * }</pre>
 */
public final class Descriptors {
    private static final int DESCRIPTORS = 256;
    private static final int CLIENTS = 2_000;
    private static final int LEAVING = 5;
    private static final int ROUNDS = 21;
    private static final long FULL_MILLIS = 10_000;
    private static final long PATIENCE_MILLIS = 10_000;
    private static final double MOST_CPU = 0.05;
    private static final double MOST_MILLIS = 100;

    private final WhenFull outcome;
    private final ScarceProcess server;
    private boolean failed;

    private Descriptors(WhenFull outcome, ScarceProcess server) {
        this.outcome = outcome;
        this.server = server;
    }

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        boolean failed = false;
        for (WhenFull outcome : WhenFull.values()) {
            try (ScarceProcess server = new ScarceProcess(outcome, DESCRIPTORS)) {
                Descriptors measured = new Descriptors(outcome, server);
                measured.measure();
                failed |= measured.failed;
            }
        }
        System.exit(failed ? 1 : 0);
    }

    private void measure() throws IOException, InterruptedException {
        try (Knockers knockers = new Knockers(server.port())) {
            knockers.knock(CLIENTS);
            knockers.run(2_000); // until all that there is room for are served, and what was loaded is warm
            System.out.printf("%s, %d descriptors, %d clients%n", outcome, DESCRIPTORS, CLIENTS);
            share(knockers);
            served(knockers);
            if (outcome == WhenFull.WAIT) {
                goesOn(knockers);
            }
        }
    }

    private void share(Knockers knockers) throws IOException, InterruptedException {
        ScarceProcess.Counts before = server.counts();
        int toldBefore = knockers.refused();
        long cpu = server.cpuNanos();
        long start = System.nanoTime();
        knockers.run(FULL_MILLIS);
        double seconds = (System.nanoTime() - start) / 1e9;
        double share = (server.cpuNanos() - cpu) / 1e9 / seconds;
        ScarceProcess.Counts after = server.counts();
        System.out.printf(
                "  held: %d, while full for %.0f s: %.1f %% of a processor%n", after.held(), seconds, 100 * share);
        System.out.printf(
                "  a second: %.1f times without a descriptor, %.1f refused (%.1f heard it), %.1f evicted%n",
                (after.withoutDescriptor() - before.withoutDescriptor()) / seconds,
                (after.refused() - before.refused()) / seconds,
                (knockers.refused() - toldBefore) / seconds,
                (after.evicted() - before.evicted()) / seconds);
        check(share <= MOST_CPU, "more than 5 % of a processor");
    }

    /** With EVICT_IDLEST those that are held change; who is asked may be thrown out before. */
    private void served(Knockers knockers) throws IOException, InterruptedException {
        int lost = knockers.lost();
        int answers = knockers.answers();
        int asked = knockers.ask();
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (outcome != WhenFull.EVICT_IDLEST
                && knockers.answers() - answers < asked
                && System.nanoTime() - deadline < 0) {
            knockers.step(100);
        }
        if (outcome == WhenFull.EVICT_IDLEST) {
            knockers.run(1_000);
        }
        int served = Math.min(asked, knockers.answers() - answers);
        System.out.printf(
                "  asked while full: %d, answered: %d, connections lost: %d%n", asked, served, knockers.lost() - lost);
        check(outcome == WhenFull.EVICT_IDLEST || served == asked, "somebody wasn't served");
    }

    private void goesOn(Knockers knockers) throws IOException, InterruptedException {
        double[] millis = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            knockers.run(300 + 13L * i); // anywhere between two tries
            int answers = knockers.answers();
            long start = System.nanoTime();
            knockers.hangUp(LEAVING);
            while (knockers.answers() == answers && System.nanoTime() - start < PATIENCE_MILLIS * 1_000_000) {
                knockers.step(100);
            }
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
                "  from the first of %d leaving until the next is served: median %.1f ms, at most %.1f ms, %d rounds%n",
                LEAVING, millis[ROUNDS / 2], millis[ROUNDS - 1], ROUNDS);
        check(millis[ROUNDS / 2] < MOST_MILLIS, "100 ms or more until it goes on, as a rule");
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            failed = true;
            System.out.println("  FAILED: " + what);
        }
    }
}
