// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The page with the last results of every group, made of the files that these are kept in. */
final class Page {
    private final Path results;

    Page(Path results) {
        this.results = results;
    }

    void write(Path file, List<Group> groups) throws IOException {
        StringBuilder text = new StringBuilder(introduction());
        for (Group group : groups) {
            Optional<Report> report = Report.load(results, group.name());
            if (report.isPresent()) {
                text.append("\n## ").append(group.title()).append("\n\n");
                text.append(group.explanation()).append("\n\n");
                text.append(plot(group)).append(table(group, report.get().rows()));
                text.append('\n').append(about(report.get()));
            }
        }
        Files.writeString(file, text);
    }

    private static String introduction() throws IOException {
        try (InputStream in = Page.class.getResourceAsStream("introduction.md")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String plot(Group group) {
        Path file = results.resolve(group.name() + ".svg");
        return Files.exists(file)
                ? "![" + group.plotTitle() + "](" + results.getFileName() + "/" + file.getFileName() + ")\n\n"
                : "No plot: the machine has no fonts.\n\n";
    }

    private static String table(Group group, List<Row> rows) {
        StringBuilder table = new StringBuilder("| | |");
        group.columns()
                .forEach(column -> table.append(' ').append(column.title()).append(" |"));
        table.append("\n|---|---|")
                .append("---|".repeat(group.columns().size()))
                .append('\n');
        for (Row row : rows) {
            Optional<Row> base = group.baseline(row, rows);
            if (group.shown(row) && base.isPresent()) {
                table.append("| ")
                        .append(row.scenario())
                        .append(" | ")
                        .append(row.subject())
                        .append(" |");
                for (Column column : group.columns()) {
                    table.append(' ')
                            .append(column.text().apply(row, base.get()))
                            .append(" |");
                }
                table.append('\n');
            }
        }
        return table.toString();
    }

    private static String about(Report report) {
        About about = report.about();
        boolean otherJdk = about.peerJdk() != null
                && report.rows().stream().anyMatch(row -> row.subject().equals(Bench.VIRTUAL_THREADS));
        String virtualThreads = otherJdk ? "; virtual threads on " + about.peerJdk() : "";
        String notes = about.notes().stream().map(note -> " " + note + ".").collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                "%s, commit `%s`, %s, %s, %s%s, in %d s; %s; load average before: %.1f.%s `%s`. All figures:"
                        + " [%s.json](benchmarks/%s.json).%n",
                about.date(),
                about.commit(),
                about.machine(),
                about.kernel(),
                about.jdk(),
                virtualThreads,
                about.seconds(),
                about.pinning(),
                about.loadBefore(),
                notes,
                about.command(),
                report.group(),
                report.group());
    }
}
