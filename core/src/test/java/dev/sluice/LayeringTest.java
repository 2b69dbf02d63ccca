// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Which package may know which: measured by the JDK's own jdeps, so the picture in docs/architecture.md stays true. */
class LayeringTest {
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry(
                    "dev.sluice",
                    Set.of(
                            "dev.sluice.frame",
                            "dev.sluice.loop",
                            "dev.sluice.outbound",
                            "dev.sluice.prelude",
                            "dev.sluice.tls")),
            Map.entry("dev.sluice.frame", Set.of()),
            Map.entry(
                    "dev.sluice.http",
                    Set.of(
                            "dev.sluice",
                            "dev.sluice.frame",
                            "dev.sluice.prelude",
                            "dev.sluice.tls",
                            "dev.sluice.upstream")),
            Map.entry("dev.sluice.loop", Set.of()),
            Map.entry("dev.sluice.outbound", Set.of("dev.sluice.prelude")),
            Map.entry("dev.sluice.prelude", Set.of("dev.sluice.frame")),
            Map.entry(
                    "dev.sluice.relay",
                    Set.of(
                            "dev.sluice",
                            "dev.sluice.frame",
                            "dev.sluice.outbound",
                            "dev.sluice.prelude",
                            "dev.sluice.tls")),
            Map.entry("dev.sluice.resp", Set.of("dev.sluice.frame")),
            Map.entry(
                    "dev.sluice.sim",
                    Set.of("dev.sluice", "dev.sluice.frame", "dev.sluice.loop", "dev.sluice.outbound")),
            Map.entry("dev.sluice.testing", Set.of("dev.sluice.frame")),
            Map.entry("dev.sluice.tls", Set.of("dev.sluice.prelude")),
            Map.entry(
                    "dev.sluice.upstream",
                    Set.of(
                            "dev.sluice",
                            "dev.sluice.frame",
                            "dev.sluice.outbound",
                            "dev.sluice.prelude",
                            "dev.sluice.tls")));

    /** A row of the page's table: a package, and at the end whom it may know. */
    private static final Pattern ROW = Pattern.compile("^\\| `(dev\\.sluice[.a-z]*)` \\| .* \\| ([^|]*) \\|$");

    private static final Pattern NAME = Pattern.compile("`(?:dev\\.sluice\\.?)?([a-z]*)`");

    /** {@code package -> package   archive}, as jdeps prints it for {@code -verbose:package}. */
    private static final Pattern ARROW = Pattern.compile("^\\s+(dev\\.sluice\\S*)\\s+->\\s+(dev\\.sluice\\S*)\\s.*$");

    @Test
    void packagesKnowOnlyWhomTheyMay() throws URISyntaxException {
        Map<String, Set<String>> arrows = arrows();
        assertFalse(arrows.isEmpty(), "jdeps printed no arrow");
        arrows.forEach((from, to) -> {
            assertTrue(ALLOWED.containsKey(from), "a package without a place in the picture: " + from);
            Set<String> forbidden = new TreeSet<>(to);
            forbidden.removeAll(ALLOWED.get(from));
            assertEquals(Set.of(), forbidden, from + " knows whom it may not");
        });
    }

    @Test
    void theTableOfThePageSaysTheSame() throws IOException {
        Map<String, Set<String>> rows = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "architecture.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> names = new TreeSet<>();
                NAME.matcher(row.group(2))
                        .results()
                        .forEach(name ->
                                names.add(name.group(1).isEmpty() ? "dev.sluice" : "dev.sluice." + name.group(1)));
                rows.put(row.group(1), names);
            }
        }
        assertEquals(new TreeMap<>(ALLOWED), rows);
    }

    @Test
    void coreNeedsNothingButTheJdkAndSlf4j() throws URISyntaxException {
        String summary = jdeps("-s", classes());
        for (String line : summary.lines().toList()) {
            String to = line.substring(line.indexOf("->") + 2).strip();
            assertTrue(Set.of("java.base", "org.slf4j").contains(to), line);
        }
    }

    private static Map<String, Set<String>> arrows() throws URISyntaxException {
        Map<String, Set<String>> arrows = new TreeMap<>();
        jdeps("-verbose:package", "-filter:none", classes()).lines().forEach(line -> {
            Matcher arrow = ARROW.matcher(line);
            if (arrow.matches() && !arrow.group(1).equals(arrow.group(2))) {
                arrows.computeIfAbsent(arrow.group(1), from -> new TreeSet<>()).add(arrow.group(2));
            }
        });
        return arrows;
    }

    private static String classes() throws URISyntaxException {
        return locationOf(Server.class);
    }

    private static String locationOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String jdeps(String... arguments) throws URISyntaxException {
        StringWriter out = new StringWriter();
        List<String> options = new ArrayList<>(
                List.of("--multi-release", "base", "--module-path", locationOf(org.slf4j.LoggerFactory.class)));
        options.addAll(List.of(arguments));
        String[] all = options.toArray(String[]::new);
        int status = ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(out), new PrintWriter(out), all);
        assertEquals(0, status, out::toString);
        return out.toString();
    }
}
