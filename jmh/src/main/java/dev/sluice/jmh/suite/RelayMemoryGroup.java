// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What idle clients hold in a layer 4 proxy. */
final class RelayMemoryGroup implements Group {
    private static final int FIRST = 500; // what the first ones leave behind is no cost of a client
    private static final int MOST_ROUNDS = 3; // there is little chance in it
    private static final int SPARE_DESCRIPTORS = 200;

    @Override
    public String name() {
        return "relay-memory";
    }

    @Override
    public String title() {
        return "Memory of an idle client in a layer 4 proxy";
    }

    @Override
    public String explanation() {
        return "The same proxies, each with clients that have echoed a message and idle. What a client holds is both of its"
                + " connections together: for those in Java the bytes that are in use on the heap after a full collection,"
                + " for nginx and HAProxy the process' memory (Pss). It is the difference between " + FIRST
                + " clients and so many more. What nginx takes when it starts, for all connections that it is configured"
                + " for, isn't in it, nor what Java holds off the heap, nor the kernel's part: two sockets for each client.";
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("bytes per client", (row, base) -> Column.whole(row.median("heldBytes"))),
                new Column("÷ nio", (row, base) -> Column.ratio(row, base, "heldBytes")));
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, EchoGroup.FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "bytes per idle client";
    }

    @Override
    public double plotted(Row row, Row base) {
        return row.median("heldBytes");
    }

    @Override
    public int steps(Settings settings) {
        return rounds(settings) * Relays.ALL.size() * numbers(settings).size();
    }

    private static int rounds(Settings settings) {
        return Math.min(MOST_ROUNDS, settings.rounds());
    }

    // A proxy needs two descriptors for each.
    private static List<Integer> numbers(Settings settings) {
        return settings.heap().stream()
                .filter(number -> 2 * (FIRST + number) + SPARE_DESCRIPTORS <= Surroundings.descriptors())
                .toList();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        List<Integer> numbers = numbers(bench.settings());
        if (numbers.isEmpty()) {
            bench.note("a process may have too few descriptors");
            return rows.list();
        }
        int most = FIRST + numbers.get(numbers.size() - 1);
        for (int round = 0; round < rounds(bench.settings()); round++) {
            try (Relays relays = Relays.start(bench, Relays.ALL, most)) {
                for (Contestant contestant : relays.lineup().contestants()) {
                    measure(bench, contestant, numbers, rows);
                }
            }
        }
        return rows.list();
    }

    // One holds clients at a time, since there is one echo server for all.
    private static void measure(Bench bench, Contestant contestant, List<Integer> numbers, Rows rows)
            throws IOException, InterruptedException {
        contestant.hold(FIRST);
        long held = contestant.heldBytes();
        for (int number : numbers) {
            String scenario = String.format(Locale.ROOT, "%,d clients", number);
            bench.progress().step(scenario + ", " + contestant.name());
            contestant.hold(FIRST + number);
            rows.add(scenario, contestant.name(), "heldBytes", (double) (contestant.heldBytes() - held) / number);
            contestant.echo(FIRST + number, 1, 1); // all are still there
        }
        contestant.hold(0);
    }
}
