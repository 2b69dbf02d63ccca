// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Round trips with few and many connections. */
final class EchoGroup implements Group {
    static final String FLOOR = "nio";

    private static final List<Integer> OUTSTANDING = List.of(1, 16);

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public String title() {
        return "Echo: few and many connections";
    }

    @Override
    public String explanation() {
        return "Messages of 64 bytes, so many connections × so many messages under way on each. All connections of a"
                + " scenario echo. `nio` is the hand-written loop: one selector, one buffer, nothing else.";
    }

    @Override
    public List<Column> columns() {
        return Column.ofWindows("echo", FLOOR);
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "echoes/s ÷ nio";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "perSecond"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.connections().size() * OUTSTANDING.size() * settings.rounds() * Bench.mostPeers();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        try (Lineup lineup = bench.peers()) {
            lineup.warmUp(bench);
            for (int connections : bench.settings().connections()) {
                lineup.hold(bench, connections);
                for (int outstanding : OUTSTANDING) {
                    String scenario = String.format(Locale.ROOT, "%,d × %d", connections, outstanding);
                    for (int round = 0; round < bench.settings().rounds(); round++) {
                        lineup.echo(bench, rows, scenario, connections, outstanding);
                    }
                }
            }
        }
        return rows.list();
    }
}
