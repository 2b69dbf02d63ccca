// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The servers that are measured in turn, a short window each: A B C, A B C. */
final class Lineup implements AutoCloseable {
    private static final int SETTLE_MILLIS = 150;

    private final List<Contestant> contestants = new ArrayList<>();

    void add(Contestant contestant) {
        contestants.add(contestant);
    }

    List<Contestant> contestants() {
        return contestants;
    }

    /** Those whose names aren't among these. They are closed with this lineup. */
    Lineup without(List<String> names) {
        Lineup others = new Lineup();
        contestants.stream()
                .filter(contestant -> !names.contains(contestant.name()))
                .forEach(others::add);
        return others;
    }

    /** Lets each echo and accept for a time that isn't measured. */
    void warmUp(Bench bench) throws IOException, InterruptedException {
        int millis = bench.settings().warmMillis();
        for (Contestant contestant : contestants) {
            bench.progress().now("warming up " + contestant.name());
            contestant.hold(64);
            contestant.echo(64, 1, millis);
            contestant.echo(64, 16, millis);
            contestant.connect(64, millis);
        }
    }

    void hold(Bench bench, int connections) throws IOException, InterruptedException {
        for (Contestant contestant : contestants) {
            bench.progress().now(contestant.name() + ": " + connections + " connections");
            contestant.hold(connections);
        }
    }

    /** A window of echoes of 64 bytes for each, behind a short one that isn't recorded. */
    void echo(Bench bench, Rows rows, String scenario, int connections, int outstanding)
            throws IOException, InterruptedException {
        echo(bench, rows, scenario, connections, outstanding, Contestant.SMALL);
    }

    /** The same with messages of another length, a multiple of 64. */
    void echo(Bench bench, Rows rows, String scenario, int connections, int outstanding, int bytes)
            throws IOException, InterruptedException {
        for (Contestant contestant : contestants) {
            bench.progress().step(scenario + ", " + contestant.name());
            contestant.echo(connections, outstanding, bytes, settleMillis(bench));
            rows.add(
                    scenario,
                    contestant.name(),
                    contestant.echo(
                            connections, outstanding, bytes, bench.settings().windowMillis()));
        }
    }

    private static int settleMillis(Bench bench) {
        return Math.min(SETTLE_MILLIS, bench.settings().windowMillis());
    }

    /** A window of short connections for each. */
    void connect(Bench bench, Rows rows, String scenario, int atOnce) throws IOException, InterruptedException {
        for (Contestant contestant : contestants) {
            bench.progress().step(scenario + ", " + contestant.name());
            contestant.connect(atOnce, settleMillis(bench));
            rows.add(
                    scenario,
                    contestant.name(),
                    contestant.connect(atOnce, bench.settings().windowMillis()));
        }
    }

    @Override
    public void close() throws IOException {
        IOException failed = null;
        for (Contestant contestant : contestants) {
            try {
                contestant.close();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
