// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * A column of a table.
 *
 * @param text from a row and the one that it is compared with, which may be the same
 */
record Column(String title, BiFunction<Row, Row, String> text) {

    /** Rate and processor time as such and against the baseline, and who was busy. */
    static List<Column> ofWindows(String item, String baseline) {
        return List.of(
                new Column(item + "/s, median", (row, base) -> whole(row.median("perSecond"))),
                new Column("best", (row, base) -> whole(row.max("perSecond"))),
                new Column("best ÷ best", (row, base) -> number("%.2f", row.max("perSecond") / base.max("perSecond"))),
                new Column("rate ÷ " + baseline, (row, base) -> ratio(row, base, "perSecond")),
                new Column("server CPU, µs/" + item, (row, base) -> number("%.2f", row.median("serverCpuMicros"))),
                new Column("CPU ÷ " + baseline, (row, base) -> ratio(row, base, "serverCpuMicros")),
                new Column(
                        "busy: server, clients, others",
                        (row, base) -> percent(row.median("serverBusy")) + ", " + percent(row.median("loadBusy")) + ", "
                                + percent(row.median("othersBusy"))));
    }

    /** The median of the rounds' ratios, and between which they were. */
    static String ratio(Row row, Row base, String figure) {
        if (row.equals(base)) {
            return "1";
        }
        double[] ratios = row.ratios(base, figure);
        double median = Row.median(ratios);
        if (!Double.isFinite(median)) {
            return "–";
        }
        double least = median;
        double most = median;
        for (double ratio : ratios) {
            least = Math.min(least, ratio);
            most = Math.max(most, ratio);
        }
        return String.format(Locale.ROOT, "**%.2f** (%.2f to %.2f)", median, least, most);
    }

    static String whole(double value) {
        return number("%,.0f", value);
    }

    static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }

    private static String percent(double share) {
        return number("%.0f %%", 100 * share);
    }
}
