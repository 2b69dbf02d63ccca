// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sluice.examples.launcher.TopologyName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

/** The demo with small numbers. */
final class DemoTest {

    @Test
    void endsWithATableOfTheFiveTopologiesAndAnSvgOfIt(@TempDir Path directory) throws Exception {
        Path svg = directory.resolve("demo.svg");
        try (Launched demo = Launched.launcher(
                "demo", "--connections", "50", "--active", "5", "--seconds", "0.2", "--svg", svg.toString())) {
            assertEquals(0, demo.status(), demo::toString);
            List<String> lines = demo.stdout().lines().toList();
            for (TopologyName topology : TopologyName.values()) {
                String row = topology + "( +[0-9,]+){5} +[0-9]+";
                assertEquals(1, lines.stream().filter(line -> line.matches(row)).count(), () -> row + "\n" + demo);
            }
            assertEquals(
                    TopologyName.values().length, demo.stderr().lines().count(), "a line for each topology " + demo);
            assertFalse(demo.stderr().contains("\r"), "no bar without a terminal");
            assumeFalse(demo.stdout().contains("chart: not drawn"), "no fonts here, so no chart");
            assertTrue(demo.stdout().contains("chart: " + svg), demo::toString);
            assertEquals("svg", parse(svg).getDocumentElement().getTagName());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--active, 0, active: 0 is not within 1 to 50",
        "--seconds, 0.01, seconds: 0.01 is not within 0.1 to 3600",
        "--readers, 0, readers: 0 is not within 1 to 1024",
        "--svg, /no/such/directory/demo.svg, svg: /no/such/directory is no directory that can be written to"
    })
    void refusesWrongOptionsWithFieldValueAndRange(String option, String value, String message) throws Exception {
        try (Launched demo = Launched.launcher("demo", "--connections", "100", option, value)) {
            assertEquals(1, demo.status(), demo::toString);
            assertEquals("sluice-examples: " + message, demo.stderr().strip());
            assertEquals("", demo.stdout());
        }
    }

    @Test
    void refusesTooFewConnections() throws Exception {
        try (Launched demo = Launched.launcher("demo", "--connections", "9")) {
            assertEquals(1, demo.status(), demo::toString);
            assertEquals(
                    "sluice-examples: connections: 9 is not within 10 to 1000000",
                    demo.stderr().strip());
        }
    }

    private static Document parse(Path svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(Files.newInputStream(svg));
    }
}
