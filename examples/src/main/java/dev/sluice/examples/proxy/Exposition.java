// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.HashSet;
import java.util.Set;

/**
 * Writes figures in Prometheus' text format, version 0.0.4. Each metric is begun once, by {@link #counter} or {@link #gauge},
 * and its samples follow.
 */
public final class Exposition {
    /** The content type for it. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();
    private final Set<String> begun = new HashSet<>();
    private String metric;

    /** What only grows. Its name ends in {@code _total}. */
    public Exposition counter(String name, String help) {
        if (!name.endsWith("_total")) {
            throw new IllegalArgumentException(name + ": a counter's name ends in _total");
        }
        return begin(name, help, "counter");
    }

    /** What rises and falls. */
    public Exposition gauge(String name, String help) {
        return begin(name, help, "gauge");
    }

    private Exposition begin(String name, String help, String type) {
        if (!name.matches("[a-z][a-z0-9_]*") || !begun.add(name)) {
            throw new IllegalArgumentException(name + " is no name, or is there already");
        }
        metric = name;
        text.append("# HELP ").append(name).append(' ');
        escape(help, false);
        text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /**
     * A sample of the metric that was begun last.
     *
     * @param labels names and values in turn
     */
    public Exposition sample(double value, String... labels) {
        text.append(metric);
        for (int i = 0; i < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
            escape(labels[i + 1], true);
            text.append('"');
        }
        text.append(labels.length == 0 ? " " : "} ");
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            text.append((long) value);
        } else {
            text.append(value); // a Java double is a Go float, but for infinities, which nothing here is
        }
        text.append('\n');
        return this;
    }

    private void escape(String raw, boolean quoted) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '"' -> text.append(quoted ? "\\\"" : "\"");
                default -> text.append(c);
            }
        }
    }

    /** All of it. */
    @Override
    public String toString() {
        return text.toString();
    }
}
