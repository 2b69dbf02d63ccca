// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** The results as an SVG: one small chart for each figure, since they have no unit in common. */
final class Chart {
    private static final int WIDTH = 620;
    private static final int HEIGHT = 320;

    private final List<Result> results;

    Chart(List<Result> results) {
        this.results = results;
    }

    /**
     * Whether charts can be drawn here. The JDK leaves fonts to the operating system, and one that was unpacked on a bare
     * system finds none; it tells so with errors of several kinds.
     */
    static boolean canDraw() {
        System.setProperty("java.awt.headless", "true"); // a display is of no use here, and may not be reachable
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("x", new FontRenderContext(null, true, true));
            return true;
        } catch (RuntimeException | InternalError | LinkageError e) {
            return false;
        }
    }

    /** Writes the file. */
    void save(Path file) throws IOException {
        VectorGraphics2D canvas = new VectorGraphics2D();
        paint(canvas, 0, 0, chart("accepts per second", Result::acceptsPerSecond));
        paint(canvas, 1, 0, chart("round trips per second", Result::roundTripsPerSecond));
        CategoryChart latency = chart("answered within, in microseconds", Result::p50Micros, "p50");
        add(latency, "p99", Result::p99Micros);
        paint(canvas, 0, 1, latency);
        paint(canvas, 1, 1, chart("heap bytes per idle connection", Result::heapBytesPerIdleConnection));
        try (OutputStream out = Files.newOutputStream(file)) {
            new SVGProcessor()
                    .getDocument(canvas.getCommands(), new PageSize(0, 0, 2 * WIDTH, 2 * HEIGHT))
                    .writeTo(out);
        }
    }

    private static void paint(Graphics2D canvas, int column, int row, CategoryChart chart) {
        Graphics2D panel = (Graphics2D) canvas.create();
        panel.translate(column * WIDTH, row * HEIGHT);
        chart.paint(panel, WIDTH, HEIGHT);
    }

    private CategoryChart chart(String title, ToDoubleFunction<Result> figure) {
        return chart(title, figure, title);
    }

    private CategoryChart chart(String title, ToDoubleFunction<Result> figure, String series) {
        CategoryChart chart = new CategoryChartBuilder()
                .title(title)
                .width(WIDTH)
                .height(HEIGHT)
                .build();
        chart.getStyler().setLegendVisible(!title.equals(series));
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setYAxisDecimalPattern("#,##0");
        add(chart, series, figure);
        return chart;
    }

    private void add(CategoryChart chart, String series, ToDoubleFunction<Result> figure) {
        chart.addSeries(
                series,
                results.stream().map(Result::topology).toList(),
                results.stream().map(figure::applyAsDouble).toList());
    }
}
