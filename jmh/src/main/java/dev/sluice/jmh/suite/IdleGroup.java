// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What idle connections cost those that are not. */
final class IdleGroup implements Group {
    private static final int ACTIVE = 64;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String title() {
        return "Idle connections beside busy ones";
    }

    @Override
    public String explanation() {
        return "Echo on 64 connections, one message of 64 bytes under way on each, while so many others are open and"
                + " silent. In each round the idle ones are opened, and reset at its end. Ratios are to the same server"
                + " without idle connections, so they answer what idle connections cost, and not which server is faster.";
    }

    @Override
    public List<Column> columns() {
        return Column.ofWindows("echo", "without idle");
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return all.stream()
                .filter(other -> other.subject().equals(row.subject()))
                .findFirst();
    }

    @Override
    public String plotTitle() {
        return "echoes/s ÷ without idle";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "perSecond"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.idle().size() * settings.rounds() * Bench.mostPeers();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        try (Lineup lineup = bench.peers()) {
            lineup.warmUp(bench);
            for (int round = 0; round < bench.settings().rounds(); round++) {
                for (int idle : bench.settings().idle()) {
                    lineup.hold(bench, ACTIVE + idle);
                    lineup.echo(bench, rows, String.format(Locale.ROOT, "%,d idle", idle), ACTIVE, 1);
                }
            }
        }
        return rows.list();
    }
}
