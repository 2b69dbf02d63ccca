// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Sluice's threads arranged in different ways, side by side: the topologies, or the choices of a Reader. */
final class Arrangements implements Group {
    private static final int FEW = 64;
    private static final int MANY = 1_000;
    private static final int SCENARIOS = 3;

    private final String name;
    private final String title;
    private final String explanation;
    private final List<String> servers; // the first is what the others are compared with
    private final int labelPart; // of a server's name

    private Arrangements(String name, String title, String explanation, int labelPart, List<String> servers) {
        this.name = name;
        this.title = title;
        this.explanation = explanation;
        this.servers = servers;
        this.labelPart = labelPart;
    }

    static Group topologies() {
        return new Arrangements(
                "topologies",
                "The five topologies",
                "The same echo; two Readers where there are Readers, two workers where there are workers. With two"
                        + " processors in the machine, all threads of a server share one: this shows what an arrangement"
                        + " costs, and nothing of what more processors would gain.",
                1,
                List.of(
                        "sluice/singleThread/1/ROUND_ROBIN",
                        "sluice/acceptorAndReaders/2/ROUND_ROBIN",
                        "sluice/sharedListener/2/ROUND_ROBIN",
                        "sluice/reusePort/2/ROUND_ROBIN",
                        "sluice/workers/2/ROUND_ROBIN"));
    }

    static Group choices() {
        return new Arrangements(
                "choices",
                "The four choices of a Reader",
                "One loop accepts, four read. *Spread* is the fewest and the most connections that one of the four Readers"
                        + " holds, of 1,000 from eight addresses. In `accept` all clients have one address, so"
                        + " `SOURCE_ADDRESS` gives all of them to one Reader.",
                3,
                List.of(
                        "sluice/acceptorAndReaders/4/ROUND_ROBIN",
                        "sluice/acceptorAndReaders/4/FEWEST_CONNECTIONS",
                        "sluice/acceptorAndReaders/4/TWO_RANDOM_CHOICES",
                        "sluice/acceptorAndReaders/4/SOURCE_ADDRESS"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String explanation() {
        return explanation;
    }

    @Override
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>(Column.ofWindows("item", label(servers.get(0))));
        columns.add(new Column(
                "spread",
                (row, base) -> row.figures().containsKey("spreadLeast")
                        ? Column.whole(row.min("spreadLeast")) + " to " + Column.whole(row.max("spreadMost"))
                        : ""));
        return columns;
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, label(servers.get(0)), all);
    }

    @Override
    public String plotTitle() {
        return "items/s ÷ " + label(servers.get(0));
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "perSecond"));
    }

    @Override
    public int steps(Settings settings) {
        return SCENARIOS * settings.rounds() * servers.size();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        try (Lineup lineup = bench.lineup(servers)) {
            lineup.warmUp(bench);
            for (int connections : List.of(FEW, MANY)) {
                String scenario = String.format(Locale.ROOT, "echo, %,d × 1", connections);
                lineup.hold(bench, connections);
                for (int round = 0; round < bench.settings().rounds(); round++) {
                    lineup.echo(bench, rows, scenario, connections, 1);
                }
                spread(lineup, rows, scenario);
            }
            lineup.hold(bench, 0);
            for (int round = 0; round < bench.settings().rounds(); round++) {
                lineup.connect(bench, rows, "accept, " + FEW + " at once", FEW);
            }
        }
        return rows.list().stream()
                .map(row -> new Row(row.scenario(), label(row.subject()), row.figures()))
                .toList();
    }

    private static void spread(Lineup lineup, Rows rows, String scenario) throws IOException, InterruptedException {
        for (Contestant contestant : lineup.contestants()) {
            long[] leastAndMost = contestant.spread();
            rows.add(scenario, contestant.name(), "spreadLeast", leastAndMost[0]);
            rows.add(scenario, contestant.name(), "spreadMost", leastAndMost[1]);
        }
    }

    private String label(String server) {
        return Arrays.asList(server.split("/")).get(labelPart);
    }
}
