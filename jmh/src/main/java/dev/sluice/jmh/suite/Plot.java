// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** A group's bars, as an SVG. */
final class Plot {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 380;

    private Plot() {}

    /** Whether one can be drawn here: the JDK leaves fonts to the operating system, which may have none. */
    static boolean canDraw() {
        System.setProperty("java.awt.headless", "true"); // a display is of no use here, and may not be reachable
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("x", new FontRenderContext(null, true, true));
            return true;
        } catch (RuntimeException | InternalError | LinkageError e) {
            return false;
        }
    }

    static void save(Group group, List<Row> rows, Path file) throws IOException {
        VectorGraphics2D canvas = new VectorGraphics2D();
        chart(group, rows).paint(canvas, WIDTH, HEIGHT);
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        new SVGProcessor()
                .getDocument(canvas.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT))
                .writeTo(svg);
        Files.writeString(file, shortened(svg.toString(StandardCharsets.UTF_8)));
    }

    // Letters are drawn as outlines, with fifteen digits for each point, of which one behind the dot can be seen.
    private static String shortened(String svg) {
        return svg.replaceAll("(\\d\\.\\d)\\d+", "$1").replaceAll("(\\d)\\.0(?!\\d)", "$1");
    }

    private static CategoryChart chart(Group group, List<Row> rows) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(group.plotTitle())
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler()
                .setPlotGridLinesStroke(new BasicStroke(0.5f)); // a dashed line is as long as a chart, in bytes
        if (group.logarithmic()) {
            chart.getStyler().setYAxisLogarithmic(true);
            chart.getStyler().setYAxisMin(0.1);
        } else {
            chart.getStyler().setYAxisMin(0.0);
        }
        chart.getStyler().setYAxisDecimalPattern("#,##0.##");
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        Set<String> scenarios = new LinkedHashSet<>();
        Set<String> subjects = new LinkedHashSet<>();
        for (Row row : rows) {
            if (group.shown(row)) {
                scenarios.add(row.scenario());
                subjects.add(row.subject());
            }
        }
        for (String subject : subjects) {
            List<Double> bars = new ArrayList<>();
            for (String scenario : scenarios) {
                bars.add(bar(group, rows, scenario, subject));
            }
            chart.addSeries(subject, List.copyOf(scenarios), bars);
        }
        return chart;
    }

    private static double bar(Group group, List<Row> rows, String scenario, String subject) {
        return rows.stream()
                .filter(row -> row.scenario().equals(scenario) && row.subject().equals(subject))
                .findFirst()
                .flatMap(row -> group.baseline(row, rows).map(base -> group.plotted(row, base)))
                .filter(Double::isFinite)
                .orElse(0.0);
    }
}
