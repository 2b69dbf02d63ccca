// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts connections by what became of them, and keeps an example of each. Any thread. */
final class Tally {
    private record Count(int number, String example) {
        Count and(Count more) {
            return new Count(number + more.number, example);
        }
    }

    private final Map<Obstacle, Count> counts = new EnumMap<>(Obstacle.class);

    synchronized void add(Obstacle obstacle, int number, String example) {
        counts.merge(obstacle, new Count(number, example), Count::and);
    }

    synchronized boolean isEmpty() {
        return counts.isEmpty();
    }

    /** A line for each kind: how many, what it is, what to do, and what was said of the first. */
    synchronized List<String> lines(Bounds bounds) {
        List<String> lines = new ArrayList<>();
        counts.forEach((obstacle, count) -> lines.add(String.format(
                Locale.ROOT,
                "%,d %s: %s (%s)",
                count.number,
                obstacle.label(),
                obstacle.advice(bounds),
                count.example)));
        return lines;
    }
}
