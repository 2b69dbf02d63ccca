// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** What stays the same with more connections, and what doesn't. */
final class Chart {
    private final List<Point> points;

    Chart(List<Point> points) {
        this.points = points;
    }

    /** Whether charts can be drawn here: the JDK leaves fonts to the operating system, which may have none. */
    static boolean canDraw() {
        System.setProperty("java.awt.headless", "true"); // a display is of no use here, and may not be reachable
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("x", new FontRenderContext(null, true, true));
            return true;
        } catch (RuntimeException | InternalError | LinkageError e) {
            return false;
        }
    }

    void save(Path file) throws IOException {
        XYChart work = chart("work of the library for one", "steps");
        add(work, "accept", p -> p.get("accept: steps"));
        add(work, "wake-up", p -> p.get("wake-up: steps"));
        add(work, "deadline", p -> p.get("deadline: steps"));
        XYChart time = chart("time more than with the fewest, for one", "nanoseconds");
        add(time, "wake-up", p -> more(p, "nanos WAKE_UP"));
        add(time, "control, side by side", p -> more(p, "nanos control"));
        add(time, "control, scattered", p -> more(p, "nanos control, scattered"));
        BitmapEncoder.saveBitmap(List.of(work, time), 1, 2, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static XYChart chart(String title, String unit) {
        XYChart chart = new XYChartBuilder()
                .width(450)
                .height(360)
                .title(title)
                .xAxisTitle("connections")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        chart.getStyler().setYAxisDecimalPattern("#,##0");
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
        return chart;
    }

    private void add(XYChart chart, String series, ToDoubleFunction<Point> figure) {
        chart.addSeries(
                series,
                points.stream().map(Point::connections).toList(),
                points.stream().map(figure::applyAsDouble).toList());
    }

    private double more(Point point, String name) {
        return point.get(name) - points.get(0).get(name);
    }
}
