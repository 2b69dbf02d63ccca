// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the suite with few of everything, so that what is broken fails the build and not the next measurement. */
class SuiteTest {
    private static final Settings TINY =
            new Settings(1, 20, 20, List.of(1, 70), List.of(0, 50), List.of(50), List.of(16), 0, 5);

    @TempDir
    Path docs;

    @Test
    void theWholeSuiteWritesAPageWithEveryGroupsRowsAndPlots() throws Exception {
        assertEquals(0, Suite.run(TINY, "--write", docs.toString()));
        Path results = docs.resolve("benchmarks");
        String page = Files.readString(docs.resolve("benchmarks.md"));
        for (String row : List.of(
                "| 16, whole | line, Sluice |",
                "| 16, segments | RESP, Sluice |",
                "| 1 × 1 | sluice |",
                "| 70 × 16 | nio |",
                "| 64 at once | netty |",
                "| 50 idle | sluice |",
                "| 50 connections | netty |",
                "| echo, 64 × 1 | reusePort |",
                "| accept, 64 at once | workers |",
                "| echo, 1,000 × 1 | SOURCE_ADDRESS |",
                "| 64 B, 1 × 1 | direct |",
                "| 64 B, 64 × 16 | sluice |",
                "| connections, 64 at once | nio |",
                "| 64 KiB, 64 × 1 | netty |",
                "| 50 clients | sluice |")) {
            assertTrue(page.contains(row), () -> row + " is not in\n" + page);
        }
        assertFalse(page.contains(docs.toString()), "the page tells where it was written");
        for (String group : List.of(
                "framers", "echo", "accept", "idle", "heap", "topologies", "choices", "relay", "relay-memory")) {
            Report report = Report.load(results, group).orElseThrow();
            assertFalse(report.rows().isEmpty(), group);
            Path plot = results.resolve(group + ".svg");
            assertEquals(Plot.canDraw(), Files.exists(plot), plot::toString);
            if (Plot.canDraw()) {
                assertTrue(Files.size(plot) < 100_000, () -> plot + " is too long for a repository");
            }
        }
        assertProxiesAreMeasuredOrLeftOut(results);
        assertHttpIsMeasuredOrLeftOut(results);
        Files.delete(docs.resolve("benchmarks.md"));
        assertEquals(0, Suite.run(TINY, "--again", "--write", docs.toString()));
        assertEquals(page, Files.readString(docs.resolve("benchmarks.md")));
    }

    private static void assertProxiesAreMeasuredOrLeftOut(Path results) throws IOException {
        Report report = Report.load(results, "relay").orElseThrow();
        for (String name : List.of("nginx", "haproxy", "nginx, 64 KiB", "haproxy, 64 KiB")) {
            boolean measured =
                    report.rows().stream().anyMatch(row -> row.subject().equals(name));
            boolean told = report.about().notes().stream().anyMatch(note -> note.startsWith(name + " was left out"));
            assertNotEquals(measured, told, name);
        }
    }

    private static void assertHttpIsMeasuredOrLeftOut(Path results) throws IOException {
        for (String group : List.of("proxy", "tls", "to-tls")) {
            Report report = Report.load(results, group).orElseThrow();
            assertNotEquals(Sites.hasWrk(), report.about().notes().contains(Sites.NO_WRK), group);
            List<String> subjects =
                    report.rows().stream().map(Row::subject).distinct().toList();
            List<String> expected = group.equals("to-tls")
                    ? List.of("plain", "TLS, resumed", "TLS, full handshakes")
                    : List.of("sluice", "netty");
            assertEquals(Sites.hasWrk(), subjects.containsAll(expected), () -> group + " has " + subjects);
        }
    }

    @Test
    void aPeerThatThisJdkLacksIsLeftOutAndThePageSaysWhy() throws Exception {
        assertEquals(0, Suite.run(TINY, "--only", "accept", "--write", docs.toString()));
        Report report = Report.load(docs.resolve("benchmarks"), "accept").orElseThrow();
        boolean measured = report.rows().stream().anyMatch(row -> row.subject().equals("virtual-threads"));
        boolean told = report.about().notes().stream().anyMatch(note -> note.startsWith("virtual-threads"));
        assertNotEquals(measured, told);
        assertEquals(Runtime.version().feature() >= 21, measured);
    }

    @Test
    void whatIsNoGroupOrDirectoryIsRefused() {
        assertNotEquals(0, Suite.run(TINY, "--only", "ecco", "--write", docs.toString()));
        assertNotEquals(0, Suite.run(TINY, "--write", docs.resolve("nowhere").toString()));
        assertNotEquals(0, Suite.run(TINY, "--rounds", "0", "--write", docs.toString()));
    }

    /** To be mended with {@code --again}. */
    @Test
    void thePageInTheDocumentationIsMadeOfTheResultsBesideIt() throws Exception {
        Path documentation = Path.of("..", "docs");
        Path page = docs.resolve("benchmarks.md");
        new Page(documentation.resolve("benchmarks")).write(page, Suite.groups());
        assertEquals(Files.readString(documentation.resolve("benchmarks.md")), Files.readString(page));
    }

    @Test
    void ratiosAreThoseOfTheSameRoundAndTheirMedianIsShown() {
        Row row = new Row("s", "a", Map.of("x", List.of(2.0, 30.0, 4.0)));
        Row base = new Row("s", "b", Map.of("x", List.of(1.0, 10.0, 4.0)));
        assertEquals("**2.00** (1.00 to 3.00)", Column.ratio(row, base, "x"));
        assertEquals("1", Column.ratio(base, base, "x"));
        assertEquals("–", Column.ratio(row, base, "y"));
        assertEquals(Optional.of(base), Group.sameScenario(row, "b", List.of(row, base)));
    }

    @Test
    void numbersThatNeedMoreDescriptorsThanThereAreAreLeftOut() {
        Settings within = Settings.full().within(1_024);
        assertEquals(List.of(1, 64), within.connections());
        assertEquals(List.of(0), within.idle());
        assertEquals(List.of(), within.heap());
        assertEquals(Settings.full(), Settings.full().within(20_000));
    }

    @Test
    void aMachineWithOneProcessorIsToldAsNotPinned() throws Exception {
        Pins pins = Pins.find(1);
        assertEquals(List.of(), pins.server());
        assertTrue(pins.told().startsWith("not pinned"), pins.told());
    }
}
