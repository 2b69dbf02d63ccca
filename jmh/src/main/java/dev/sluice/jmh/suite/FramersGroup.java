// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.FramerBenchmark;
import dev.sluice.jmh.RespBenchmark;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What it costs to cut a stream into frames, beside Netty's decoders, with JMH. */
final class FramersGroup implements Group {
    private static final String OURS = "Sluice";
    private static final String THEIRS = "Netty";

    /** Two benchmarks that do the same. */
    private record Format(String name, Class<?> benchmark, String method, String sizeParam) {}

    private static final List<Format> FORMATS = List.of(
            new Format("line", FramerBenchmark.class, "line", "frameBytes"),
            new Format("delimiter", FramerBenchmark.class, "delimiter", "frameBytes"),
            new Format("length field", FramerBenchmark.class, "length", "frameBytes"),
            new Format("fixed", FramerBenchmark.class, "fixed", "frameBytes"),
            new Format("RESP", RespBenchmark.class, "request", "valueBytes"));

    @Override
    public String name() {
        return "framers";
    }

    @Override
    public String title() {
        return "Framers";
    }

    @Override
    public String explanation() {
        return "Framing alone: the bytes are in a direct buffer already, and of each frame only the length is looked at."
                + " *Whole*: as after one large read, up to 64 KiB. *Segments*: 1,448 bytes become visible at a time, and"
                + " after each the framer is asked. Sizes are those of a frame on the wire, for RESP of the value in a"
                + " `SET`. Netty's decoders are called without a pipeline, except that of RESP, which has no other"
                + " entrance than an `EmbeddedChannel` and needs two aggregators for whole requests. GB/s is the size"
                + " divided by the time: more than memory gives where a framer needn't look at the bytes. By JMH, in forks that aren't pinned; a pair's forks follow each other.";
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("ns/frame", (row, base) -> Column.number("%,.1f", row.median("nanos"))),
                new Column("best", (row, base) -> Column.number("%,.1f", row.min("nanos"))),
                new Column("Netty: ns/frame", (row, base) -> Column.number("%,.1f", base.median("nanos"))),
                new Column("best", (row, base) -> Column.number("%,.1f", base.min("nanos"))),
                new Column("Netty ÷ Sluice", (row, base) -> Column.ratio(base, row, "nanos")),
                new Column(
                        "GB/s, Netty's",
                        (row, base) -> Column.number("%.2f", row.median("bytes") / row.median("nanos")) + ", "
                                + Column.number("%.2f", base.median("bytes") / base.median("nanos"))),
                new Column(
                        "bytes allocated/frame, Netty's",
                        (row, base) -> Column.number("%.1f", row.median("allocated")) + ", "
                                + Column.number("%.1f", base.median("allocated"))));
    }

    @Override
    public boolean shown(Row row) {
        return row.subject().endsWith(OURS);
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, row.subject().replace(OURS, THEIRS), all);
    }

    @Override
    public String plotTitle() {
        return "time, Netty ÷ Sluice";
    }

    @Override
    public boolean logarithmic() {
        return true;
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(base.ratios(row, "nanos"));
    }

    @Override
    public int steps(Settings settings) {
        return FORMATS.size()
                * settings.frameBytes().size()
                * FramerBenchmark.Arrival.values().length
                * Math.max(1, settings.framerRounds());
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        for (Format format : FORMATS) {
            for (FramerBenchmark.Arrival arrival : FramerBenchmark.Arrival.values()) {
                for (int bytes : bench.settings().frameBytes()) {
                    for (int round = 0; round < Math.max(1, bench.settings().framerRounds()); round++) {
                        measure(bench, format, arrival, bytes, rows);
                    }
                }
            }
        }
        return rows.list();
    }

    private static void measure(Bench bench, Format format, FramerBenchmark.Arrival arrival, int bytes, Rows rows)
            throws RunnerException {
        String scenario =
                String.format(Locale.ROOT, "%,d, %s", bytes, arrival.name().toLowerCase(Locale.ROOT));
        bench.progress().step(format.name() + ", " + scenario);
        ChainedOptionsBuilder options = options(bench.settings())
                .include(format.benchmark().getName() + "\\." + format.method() + "(" + OURS + "|" + THEIRS + ")$")
                .param(format.sizeParam(), String.valueOf(bytes))
                .param("arrival", arrival.name());
        for (RunResult result : new Runner(options.build()).run()) {
            String subject =
                    format.name() + ", " + (result.getParams().getBenchmark().endsWith(OURS) ? OURS : THEIRS);
            record(result, bytes, scenario, subject, rows);
        }
    }

    private static ChainedOptionsBuilder options(Settings settings) {
        TimeValue time = TimeValue.milliseconds(settings.framerMillis());
        return new OptionsBuilder()
                .forks(Math.min(1, settings.framerRounds()))
                .warmupIterations(2)
                .warmupTime(time)
                .measurementIterations(3)
                .measurementTime(time)
                .timeUnit(TimeUnit.NANOSECONDS)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private static void record(RunResult result, int bytes, String scenario, String subject, Rows rows) {
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                rows.add(
                        scenario, subject, "nanos", iteration.getPrimaryResult().getScore());
                rows.add(scenario, subject, "bytes", bytes);
                for (String name : iteration.getSecondaryResults().keySet()) {
                    if (name.endsWith("gc.alloc.rate.norm")) {
                        double bytesEach =
                                iteration.getSecondaryResults().get(name).getScore();
                        rows.add(scenario, subject, "allocated", bytesEach);
                    }
                }
            }
        }
    }
}
