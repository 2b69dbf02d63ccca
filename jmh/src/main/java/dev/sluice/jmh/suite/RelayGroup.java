// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a layer 4 proxy costs. */
final class RelayGroup implements Group {
    private static final int AT_ONCE = 64;
    private static final int LARGE = 64 << 10;
    private static final int SPARE_DESCRIPTORS = 200;
    private static final int SMALL_SCENARIOS = 6; // each one of Load's, a median and the short connections

    private record Load(int connections, int outstanding) {
        String scenario() {
            return String.format(Locale.ROOT, "64 B, %,d × %d", connections, outstanding);
        }
    }

    private static final Load ONE = new Load(1, 1);
    private static final List<Load> LOADS = List.of(ONE, new Load(64, 1), new Load(64, 16), new Load(1_000, 1));

    private static final List<String> ALL_SIZES = Stream.concat(Relays.ALL.stream(), Relays.WITH_LARGE_BUFFERS.stream())
            .toList();

    @Override
    public String name() {
        return "relay";
    }

    @Override
    public String title() {
        return "Layer 4 proxies";
    }

    @Override
    public String explanation() {
        return "Echo through a proxy that passes on bytes: the proxy has the servers' processor, and one echo server, the"
                + " hand-written one, is on the clients', so *server* is the proxy alone. `direct` is the same echo server"
                + " without a proxy, on the servers' processor: what an answer costs at all. Messages are of 64 bytes or"
                + " 64 KiB, so many connections × so many under way on each; or a connection is opened, takes one message,"
                + " and is reset. `nio` is a relay in 200 lines of `java.nio`, with half-close and back pressure; nginx is"
                + " its `stream` module in one process, HAProxy has one thread and TCP mode, both with buffers of 16 KiB as"
                + " they come, and with 64 KiB as the others have. *Median time* is that of a round trip: what is above"
                + " `direct`'s the proxy adds.";
    }

    @Override
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>(Column.ofWindows("item", EchoGroup.FLOOR));
        columns.add(new Column(
                "median time, µs",
                (row, base) -> row.figures().containsKey("medianMicros")
                        ? Column.number("%.1f", row.median("medianMicros"))
                        : ""));
        return columns;
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, EchoGroup.FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "proxy's CPU per item ÷ nio";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "serverCpuMicros"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.rounds() * (SMALL_SCENARIOS * Relays.ALL.size() + ALL_SIZES.size());
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        try (Relays relays = Relays.start(bench, ALL_SIZES, mostConnections())) {
            small(bench, relays.lineup().without(Relays.WITH_LARGE_BUFFERS), rows);
            large(bench, relays.lineup(), rows);
        }
        return rows.list();
    }

    private static int mostConnections() {
        return LOADS.stream().mapToInt(Load::connections).max().orElseThrow();
    }

    private static void small(Bench bench, Lineup lineup, Rows rows) throws IOException, InterruptedException {
        int rounds = bench.settings().rounds();
        lineup.warmUp(bench);
        for (Load load : LOADS) {
            if (Relays.ALL.size() * load.connections() + SPARE_DESCRIPTORS > Surroundings.descriptors()) {
                bench.note(load.scenario() + " was left out: the echo server needs more descriptors");
                continue;
            }
            lineup.hold(bench, load.connections());
            for (int round = 0; round < rounds; round++) {
                lineup.echo(bench, rows, load.scenario(), load.connections(), load.outstanding());
                if (load.equals(ONE)) {
                    times(bench, lineup, rows);
                }
            }
        }
        lineup.hold(bench, 0);
        for (int round = 0; round < rounds; round++) {
            lineup.connect(bench, rows, "connections, " + AT_ONCE + " at once", AT_ONCE);
        }
    }

    private static void times(Bench bench, Lineup lineup, Rows rows) throws IOException, InterruptedException {
        for (Contestant contestant : lineup.contestants()) {
            bench.progress().step("median time, " + contestant.name());
            double micros = contestant.medianMicros(bench.settings().windowMillis());
            rows.add(ONE.scenario(), contestant.name(), "medianMicros", micros);
        }
    }

    private static void large(Bench bench, Lineup lineup, Rows rows) throws IOException, InterruptedException {
        for (Contestant contestant : lineup.contestants()) {
            bench.progress().now("warming up " + contestant.name());
            contestant.hold(AT_ONCE);
            contestant.echo(AT_ONCE, 1, LARGE, 2 * bench.settings().warmMillis());
        }
        for (int round = 0; round < bench.settings().rounds(); round++) {
            lineup.echo(bench, rows, "64 KiB, " + AT_ONCE + " × 1", AT_ONCE, 1, LARGE);
        }
    }
}
