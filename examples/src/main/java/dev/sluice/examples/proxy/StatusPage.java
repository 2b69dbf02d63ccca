// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.examples.proxy.Snapshot.BackendView;
import dev.sluice.examples.proxy.Snapshot.ListenerView;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The page for people: plain text, whose form may change. */
final class StatusPage {
    private static final int LONGEST_FAILURE = 200;

    private StatusPage() {}

    static String of(Snapshot snapshot, Words words) {
        StringBuilder page = new StringBuilder();
        page.append(words.proxy()).append(", up ").append(time(snapshot.up()));
        page.append(snapshot.draining() ? ", ending" : "");
        page.append(", ").append(snapshot.reloads()).append(" reloads taken, ");
        page.append(snapshot.failedReloads()).append(" refused for errors\n\n");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "listener", "address", words.active(), "accepted", "unrouted", "not let in", "read", "written"));
        snapshot.listeners().forEach(view -> rows.add(row(view)));
        append(page, rows);
        snapshot.upstreams().forEach(view -> append(page.append('\n'), view, words));
        return page.toString();
    }

    private static List<String> row(ListenerView view) {
        ListenerFigures figures = view.figures();
        long refused =
                figures.refused().values().stream().mapToLong(Long::longValue).sum();
        return List.of(
                view.name(),
                view.address() == null ? "closed" : view.address(),
                "" + view.active(),
                "" + figures.accepted(),
                "" + view.unrouted(),
                "" + refused,
                bytes(figures.bytesRead()),
                bytes(figures.bytesWritten()));
    }

    private static void append(StringBuilder page, UpstreamView view, Words words) {
        page.append("upstream ").append(view.name()).append(": ");
        page.append(view.backends().stream().filter(BackendView::isUsed).count());
        page.append(" of ").append(view.backends().size()).append(" used");
        page.append(view.panic() ? ", all because too few are good" : "");
        page.append(", ").append(view.retries()).append(" retries");
        String without = view.withoutBackend().entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        page.append(without.isEmpty() ? "" : ", clients without backend: " + without)
                .append('\n');
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "  backend",
                "address",
                "weight",
                "state",
                "for",
                words.active(),
                "picked",
                "connected",
                "failed",
                "last failure"));
        view.backends().forEach(backend -> rows.add(row(backend)));
        append(page, rows);
    }

    private static List<String> row(BackendView view) {
        return List.of(
                "  " + Quoted.plain(view.name()),
                view.address(),
                "" + view.weight(),
                view.state(),
                time(view.since()),
                "" + view.active(),
                "" + view.picked(),
                "" + view.connected(),
                "" + view.failed(),
                view.lastFailure() == null ? "-" : Quoted.plain(view.lastFailure(), LONGEST_FAILURE));
    }

    /** Columns as wide as their widest cell. */
    private static void append(StringBuilder page, List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            page.append(line.toString().stripTrailing()).append('\n');
        }
    }

    static String time(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds < 86_400
                ? seconds / 3600 + " h " + seconds % 3600 / 60 + " min"
                : seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %ciB", bytes / (double) (1L << 10 * unit), "KMGTPE".charAt(unit - 1));
    }
}
