// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

/** Files that somebody has spoilt, and what a proxy says of them. */
public final class WrongFiles {
    private static final List<String> SCRAPS = List.of(
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            "\"",
            "'",
            "\"\"\"",
            "\\",
            "\\u",
            "#",
            "\n",
            "\r\n",
            ",",
            ".",
            "0",
            "-1",
            "1e9",
            "99999999999999999999",
            "nan",
            "true",
            "\0",
            "\ufeff",
            "\ud83d",
            "\u00e9",
            "1979-05-27",
            "[upstream.web]",
            "[[route]]",
            "to = \"web\"",
            "\"\"",
            "backends = []",
            "*.");

    private WrongFiles() {}

    /** A file's text with letters changed, cut and put in, lines moved and doubled. */
    public static String changed(String text, long seed, int changes) {
        Random random = new Random(seed);
        StringBuilder changed = new StringBuilder(text);
        for (int i = 0; i < changes; i++) {
            change(changed, random);
        }
        return changed.toString();
    }

    private static void change(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(5)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.setCharAt(at, (char) random.nextInt(128));
            case 2 -> text.insert(at, SCRAPS.get(random.nextInt(SCRAPS.size())));
            case 3 -> {
                int from = text.lastIndexOf("\n", at) + 1;
                int to = Math.max(from, text.indexOf("\n", at) + 1);
                String line = text.substring(from, to);
                if (random.nextBoolean()) {
                    text.delete(from, to);
                }
                text.insert(text.lastIndexOf("\n", random.nextInt(text.length())) + 1, line);
            }
            default -> {
                int to = Math.min(text.length() - 1, at + random.nextInt(40));
                text.delete(at, to);
            }
        }
    }

    /** There are errors, each at a place of the text and in one line. */
    public static void assertAllIsTold(ConfigException e, String text) {
        assertFalse(e.errors().isEmpty());
        long lines = text.chars().filter(c -> c == '\n').count() + 1;
        for (ConfigError error : e.errors()) {
            assertTrue(error.line() >= 1 && error.line() <= lines && error.column() >= 1, error::toString);
            assertTrue(error.toString().lines().count() == 1, error::toString);
        }
    }
}
