// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What idle connections hold of the server's heap. */
final class HeapGroup implements Group {
    private static final int FIRST = 500; // what the first ones leave behind is no cost of a connection
    private static final int ROUNDS = 2; // collections find the same each time, nearly
    private static final int SETTLE_MILLIS = 500;

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public String title() {
        return "Heap of an idle connection";
    }

    @Override
    public String explanation() {
        return "Bytes that are in use on the server's heap after a full collection, divided by connections; what it held"
                + " without connections is taken off. Each connection has echoed a message before it idles. The JDK's own"
                + " objects for a channel or socket are in it for all, and are nearly all that `nio` has. What is off the"
                + " heap isn't: direct buffers, and the kernel's part.";
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("bytes per connection", (row, base) -> Column.whole(row.median("heapBytes"))),
                new Column(
                        "more than nio",
                        (row, base) -> Column.number("%+,.0f", row.median("heapBytes") - base.median("heapBytes"))),
                new Column("÷ nio", (row, base) -> Column.ratio(row, base, "heapBytes")));
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, EchoGroup.FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "heap bytes per idle connection";
    }

    @Override
    public double plotted(Row row, Row base) {
        return row.median("heapBytes");
    }

    @Override
    public int steps(Settings settings) {
        return ROUNDS * settings.heap().size() * Bench.mostPeers();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        for (int round = 0; round < ROUNDS; round++) {
            try (Lineup lineup = bench.peers()) {
                measure(bench, lineup.contestants(), rows);
            }
        }
        return rows.list();
    }

    private static void measure(Bench bench, List<Contestant> contestants, Rows rows)
            throws IOException, InterruptedException {
        Map<Contestant, Long> without = new HashMap<>();
        for (Contestant contestant : contestants) {
            contestant.hold(FIRST);
            contestant.hold(1);
            contestant.echo(1, 1, Math.min(SETTLE_MILLIS, 10 * bench.settings().windowMillis())); // others close
            without.put(contestant, contestant.heldBytes());
        }
        for (int connections : bench.settings().heap()) {
            String scenario = String.format(Locale.ROOT, "%,d connections", connections);
            for (Contestant contestant : contestants) {
                bench.progress().step(scenario + ", " + contestant.name());
                contestant.hold(1 + connections);
                double bytes = contestant.heldBytes() - without.get(contestant);
                rows.add(scenario, contestant.name(), "heapBytes", bytes / connections);
                contestant.echo(1 + connections, 1, 1); // all are still there
            }
        }
    }
}
