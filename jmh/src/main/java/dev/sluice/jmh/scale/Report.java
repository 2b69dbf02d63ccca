// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The figures as tables for the eye, as a file for programs, and as a chart. */
final class Report {
    private final List<Point> points;

    Report(List<Point> points) {
        this.points = points;
    }

    void print(PrintStream out) {
        out.printf(
                "%nJDK %s, heap of at most %d MiB%n",
                Runtime.version(), Runtime.getRuntime().maxMemory() >> 20);
        head(out, "bytes of live heap per connection");
        row(out, "library: what is more than without it", "%.1f", p -> p.get("bytes held by the library"));
        row(out, "library: its classes", "%.1f", p -> p.get("bytes held, library"));
        row(out, "library, while a deadline is armed", "%.1f", p -> p.get("bytes armed, library"));
        row(out, "simulation: its classes", "%.1f", p -> p.get("bytes held, simulation"));
        row(out, "JDK's classes", "%.1f", p -> p.get("bytes held, JDK"));
        row(out, "all", "%.1f", p -> p.get("bytes held, all"));
        row(out, "objects", "%.1f", p -> p.get("bytes held, objects"));
        for (String per : List.of("accept", "wake-up", "deadline")) {
            head(out, "work of the library per " + per);
            for (String count : Verdict.COUNTS) {
                row(out, count, "%.2f", p -> p.get(per + ": " + count));
            }
        }
        head(out, "work of a loop per deadline of a minute");
        row(out, "timers touched", "%.2f", p -> p.get("deadline of a minute: timers touched"));
        head(out, "nanoseconds of processor time, simulation and clients included");
        row(out, "per accept", "%,.0f", p -> p.get("nanos ACCEPT"));
        row(out, "per wake-up", "%,.0f", p -> p.get("nanos WAKE_UP"));
        row(out, "per deadline", "%,.0f", p -> p.get("nanos ARM") + p.get("nanos FIRE"));
        row(out, "collector, per accept", "%,.0f", p -> p.get("nanos collecting ACCEPT"));
        row(out, "per deadline of a minute, timers alone", "%,.0f", p -> p.get("nanos deadline of a minute"));
        row(
                out,
                "control: a walk through one connection's objects, side by side",
                "%,.0f",
                p -> p.get("nanos control"));
        row(out, "control: the same, scattered", "%,.0f", p -> p.get("nanos control, scattered"));
        row(out, "per wake-up, more than with fewest", "%,.0f", p -> more(p, "nanos WAKE_UP"));
        row(out, "control side by side, more", "%,.0f", p -> more(p, "nanos control"));
        row(out, "control scattered, more", "%,.0f", p -> more(p, "nanos control, scattered"));
        head(out, "seconds");
        row(out, "from the first connect until drained", "%.1f", p -> p.get("seconds"));
    }

    private double more(Point point, String name) {
        return point.get(name) - points.get(0).get(name);
    }

    private void head(PrintStream out, String title) {
        out.println();
        out.println("| " + title + " |"
                + points.stream()
                        .map(p -> String.format(Locale.ROOT, " %,d |", p.connections()))
                        .collect(Collectors.joining()));
        out.println("|---|" + "---|".repeat(points.size()));
    }

    private void row(PrintStream out, String name, String format, ToDoubleFunction<Point> figure) {
        out.println("| " + name + " |"
                + points.stream()
                        .map(p -> String.format(Locale.ROOT, " " + format + " |", figure.applyAsDouble(p)))
                        .collect(Collectors.joining()));
    }

    void save() throws IOException {
        Files.writeString(Path.of("scale.json"), json());
        if (Chart.canDraw()) {
            new Chart(points).save(Path.of("scale.png"));
            System.out.println("\nwrote scale.json and scale.png");
        } else {
            System.out.println("\nwrote scale.json; no chart, for this machine has no fonts");
        }
    }

    private String json() {
        return points.stream().map(Report::json).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String json(Point point) {
        return point.figures().entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "    \"%s\": %.4f", e.getKey(), e.getValue()))
                .collect(
                        Collectors.joining(",\n", "  {\n    \"connections\": " + point.connections() + ",\n", "\n  }"));
    }
}
