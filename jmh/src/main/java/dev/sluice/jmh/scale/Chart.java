// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Work and time as multiples of what they are with the fewest connections. */
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
        XYChart chart = new XYChartBuilder()
                .width(800)
                .height(450)
                .title("Work and time, as multiples of those with the fewest connections")
                .xAxisTitle("connections")
                .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
        add(chart, "work per accept", "accept: steps");
        add(chart, "work per wake-up", "wake-up: steps");
        add(chart, "work per deadline", "deadline: steps");
        add(chart, "time per wake-up", "nanos WAKE_UP");
        add(chart, "time of the control", "nanos control");
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private void add(XYChart chart, String title, String name) {
        double first = points.get(0).get(name);
        chart.addSeries(
                title,
                points.stream().map(Point::connections).toList(),
                points.stream().map(p -> p.get(name) / first).toList());
    }
}
