// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;
import java.util.Optional;

/** Connections that live for one message. */
final class AcceptGroup implements Group {
    private static final int AT_ONCE = 64;
    private static final String SCENARIO = AT_ONCE + " at once";

    @Override
    public String name() {
        return "accept";
    }

    @Override
    public String title() {
        return "Accept: connections that live for one message";
    }

    @Override
    public String explanation() {
        return "Connect, 64 bytes there and back, reset by the client, which leaves no port in TIME_WAIT. Opening costs"
                + " the clients more than the servers: where they are at 100 %, rates say little, and processor time for"
                + " each connection is the figure to look at.";
    }

    @Override
    public List<Column> columns() {
        return Column.ofWindows("connection", EchoGroup.FLOOR);
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, EchoGroup.FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "server CPU per connection ÷ nio";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "serverCpuMicros"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.rounds() * Bench.mostPeers();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        try (Lineup lineup = bench.peers()) {
            lineup.warmUp(bench);
            lineup.hold(bench, 0);
            for (int round = 0; round < bench.settings().rounds(); round++) {
                lineup.connect(bench, rows, SCENARIO, AT_ONCE);
            }
        }
        return rows.list();
    }
}
