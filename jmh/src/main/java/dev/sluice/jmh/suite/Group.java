// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;
import java.util.Optional;

/** One part of the suite: what it measures, and how that is shown. */
interface Group {

    /** Its name on the command line and its files'. */
    String name();

    String title();

    /** What is measured, in Markdown, above the table. */
    String explanation();

    List<Column> columns();

    /** Whether the row has a line of its own in the table, and bars in the plot. */
    default boolean shown(Row row) {
        return true;
    }

    /** The row that another is compared with, if it was measured. */
    Optional<Row> baseline(Row row, List<Row> all);

    /** What the plot's bars are. */
    String plotTitle();

    /** Whether bars are so different in length that their logarithms are drawn. */
    default boolean logarithmic() {
        return false;
    }

    /** The length of a bar. */
    double plotted(Row row, Row base);

    /** In how many steps it is measured, for the progress. */
    int steps(Settings settings);

    List<Row> measure(Bench bench) throws Exception;

    /** Finds the row of another subject in the same scenario. */
    static Optional<Row> sameScenario(Row row, String subject, List<Row> all) {
        return all.stream()
                .filter(other -> other.scenario().equals(row.scenario())
                        && other.subject().equals(subject))
                .findFirst();
    }
}
