// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Files that are wrong, each in one line, and behind it the lines that are told of it. */
public final class ErrorTable {
    private ErrorTable() {}

    /** Reads a file's text. */
    @FunctionalInterface
    public interface Parser {
        Object parse(String text) throws ConfigException;
    }

    /**
     * A test for each file of the table.
     *
     * @param good stands in front of what follows {@code +}
     */
    public static Stream<DynamicTest> tests(String table, String good, Parser parser) {
        List<DynamicTest> tests = new ArrayList<>();
        String file = null;
        List<String> errors = new ArrayList<>();
        for (String line : (table + "+ end").lines().toList()) {
            if (line.matches("[0-9]+:[0-9]+: .*")) {
                errors.add(line);
                continue;
            }
            if (file != null) {
                tests.add(test(file, good, List.copyOf(errors), parser));
            }
            errors.clear();
            file = line;
        }
        return tests.stream();
    }

    private static DynamicTest test(String line, String good, List<String> expected, Parser parser) {
        String text = (line.startsWith("+ ") ? good + line.substring(2) : line).replace("; ", "\n") + "\n";
        return DynamicTest.dynamicTest(line, () -> assertEquals(String.join("\n", expected), errors(text, parser)));
    }

    /** What is told of a text, in lines. */
    public static String errors(String text, Parser parser) {
        return assertThrows(ConfigException.class, () -> parser.parse(text)).errors().stream()
                .map(ConfigError::toString)
                .collect(Collectors.joining("\n"));
    }
}
