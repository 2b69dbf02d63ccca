// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the pages below {@code docs/} to the code: each block of Java in them is a region of a compiled file, and each of
 * nginx of a configuration that is tried, named in a comment in front of it, and each link to a file leads to one.
 *
 * <pre>
 * &lt;!-- snippet: examples/src/main/java/dev/sluice/examples/Echo.java#start --&gt;
 * </pre>
 *
 * names what stands between {@code // snippet: start} and {@code // end snippet} in that file, or behind {@code #}.
 */
class DocsTest {
    private static final Path ROOT = Path.of(System.getProperty("sluice.root", ".."));
    private static final Pattern MARKER = Pattern.compile("<!-- snippet: (\\S+)#(\\S+) -->");
    private static final Set<String> HELD = Set.of("```java", "```nginx");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*)");

    @TestFactory
    Stream<DynamicTest> javaInPagesIsCompiledCode() throws IOException {
        return pages().stream().map(page -> DynamicTest.dynamicTest(name(page), () -> checkSnippets(page)));
    }

    @TestFactory
    Stream<DynamicTest> linksLeadSomewhere() throws IOException {
        Stream<Path> front =
                Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(ROOT::resolve);
        return Stream.concat(front, pages().stream())
                .map(page -> DynamicTest.dynamicTest(name(page), () -> checkLinks(page)));
    }

    @Test
    void everyPlaceOfATableHoldsOne() throws IOException {
        for (Path page : pages()) {
            List<String> lines = Files.readAllLines(page);
            for (int i = 0; i < lines.size(); i++) {
                String place = name(page) + ":" + (i + 1);
                boolean table = i + 1 < lines.size() && lines.get(i + 1).startsWith("|");
                assertTrue(!lines.get(i).strip().endsWith("-table -->") || table, () -> place + ": no table follows");
            }
        }
    }

    @Test
    void theIndexNamesEveryPage() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/index.md"));
        for (Path page : pages()) {
            String link = ROOT.resolve("docs").relativize(page).toString();
            assertTrue(
                    link.equals("index.md") || index.contains("](" + link + ")"),
                    () -> "docs/index.md: no link to " + link);
        }
    }

    private static void checkSnippets(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page);
        for (int i = 0; i < lines.size(); i++) {
            if (!HELD.contains(lines.get(i).strip())) {
                continue;
            }
            String place = name(page) + ":" + (i + 1);
            Matcher marker = MARKER.matcher(i == 0 ? "" : lines.get(i - 1).strip());
            assertTrue(marker.matches(), () -> place + ": no snippet comment in front of this block");
            int end = i + 1;
            while (!lines.get(end).strip().equals("```")) {
                end++;
            }
            String inPage = String.join("\n", lines.subList(i + 1, end));
            assertEquals(
                    region(marker.group(1), marker.group(2), place), inPage, () -> place + " is not " + marker.group());
            i = end;
        }
    }

    private static String region(String file, String snippet, String place) throws IOException {
        Path source = ROOT.resolve(file);
        assertTrue(Files.exists(source), () -> place + ": there is no " + file);
        List<String> region = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(source)) {
            if (inside && isComment(line, "end snippet")) {
                return String.join("\n", region).stripIndent();
            }
            if (inside) {
                region.add(line);
            }
            inside |= isComment(line, "snippet: " + snippet);
        }
        throw new AssertionError(place + ": " + file + " has no region " + snippet);
    }

    private static boolean isComment(String line, String text) {
        return line.strip().equals("// " + text) || line.strip().equals("# " + text);
    }

    private static void checkLinks(Path page) throws IOException {
        for (String line : Files.readAllLines(page)) {
            Matcher link = LINK.matcher(line);
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://")) {
                    checkLink(page, target);
                }
            }
        }
    }

    private static void checkLink(Path page, String target) throws IOException {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path path = file.isEmpty() ? page : page.resolveSibling(file);
        assertTrue(Files.exists(path), () -> name(page) + ": the link " + target + " leads nowhere");
        assertFalse(file.startsWith("/"), () -> name(page) + ": the link " + target + " is absolute");
        if (hash >= 0 && path.toString().endsWith(".md")) {
            assertTrue(
                    anchors(path).contains(target.substring(hash + 1)),
                    () -> name(page) + ": " + target + " names no heading; there are " + anchors(path));
        }
    }

    /** The anchors that are made of headings: lower case, without punctuation, spaces as dashes. */
    private static List<String> anchors(Path page) {
        try (Stream<String> lines = Files.lines(page)) {
            return lines.map(HEADING::matcher)
                    .filter(Matcher::matches)
                    .map(heading -> heading.group(1).toLowerCase().replaceAll("[^\\w -]", ""))
                    .map(heading -> heading.strip().replace(' ', '-'))
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    private static String name(Path page) {
        return ROOT.relativize(page).toString();
    }
}
