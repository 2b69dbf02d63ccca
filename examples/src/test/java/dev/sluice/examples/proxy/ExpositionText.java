// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of Prometheus' text format, version 0.0.4: HELP and TYPE once for each metric and in front of its samples,
 * metrics in one piece, no sample twice, escapes that there are, and a line's end behind the last line.
 */
public final class ExpositionText {
    private static final Pattern HELP =
            Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\\\n]|\\\\\\\\|\\\\n)+)");
    private static final Pattern TYPE = Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)");
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\\\\\"\n]|\\\\\\\\|\\\\n|\\\\\")*\"";
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\\{" + LABEL + "(?:," + LABEL
            + ")*})?) (-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:E-?[0-9]+)?)");
    private static final Pattern ONE_LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"]|\\\\.)*)\"");

    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Map<String, Set<String>> labelNames = new LinkedHashMap<>();
    private String helped;
    private String current;

    /** Reads it, or fails. */
    public static ExpositionText read(String text) {
        ExpositionText read = new ExpositionText();
        assertTrue(text.endsWith("\n"), "no line's end behind the last line");
        text.lines().forEach(read::line);
        return read;
    }

    /** The value of a sample, written as {@code name{label="value",...}}, in the order of the text. */
    public double value(String sample) {
        Double value = samples.get(sample);
        assertTrue(value != null, () -> "no " + sample + " in " + samples.keySet());
        return value;
    }

    public Map<String, String> types() {
        return types;
    }

    private void line(String line) {
        Matcher help = HELP.matcher(line);
        Matcher type = TYPE.matcher(line);
        Matcher sample = SAMPLE.matcher(line);
        if (help.matches()) {
            helped = help.group(1);
            assertFalse(types.containsKey(helped), () -> "twice: " + line);
        } else if (type.matches()) {
            current = type.group(1);
            assertEquals(helped, current, "TYPE follows HELP");
            types.put(current, type.group(2));
            assertEquals(type.group(2).equals("counter"), current.endsWith("_total"), line);
        } else {
            assertTrue(sample.matches(), () -> "no line of the format: " + line);
            assertEquals(current, sample.group(1), "a metric's samples stand together");
            checkLabels(sample.group(2));
            assertEquals(null, samples.put(sample.group(1) + sample.group(2), Double.valueOf(sample.group(3))), line);
            if (types.get(current).equals("counter")) {
                assertTrue(!sample.group(3).startsWith("-"), line);
            }
        }
    }

    private void checkLabels(String labels) {
        Set<String> names = new HashSet<>();
        Matcher label = ONE_LABEL.matcher(labels);
        while (label.find()) {
            assertTrue(names.add(label.group(1)), () -> "a label twice: " + labels);
        }
        assertEquals(
                labelNames.computeIfAbsent(current, name -> names),
                names,
                "all samples of a metric have the same labels");
    }
}
