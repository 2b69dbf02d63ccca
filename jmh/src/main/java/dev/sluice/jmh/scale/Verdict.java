// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.ArrayList;
import java.util.List;

/** What must hold for the figures. */
final class Verdict {
    /** How far counts may be apart, from the smallest number of connections to the largest. */
    static final double TOLERANCE = 0.05;

    /** What a structure that is made once may add to counts per connection where there are few. */
    private static final double SMALL_CHANGE = 0.05;

    static final int MOST_BYTES = 200;
    private static final List<String> FLAT = List.of("accept", "wake-up", "deadline");
    static final List<String> COUNTS =
            List.of("steps", "passes", "keys", "socket calls", "mail", "interest", "timers touched");

    private Verdict() {}

    /** Returns what doesn't hold, a line each. */
    static List<String> failures(List<Point> points) {
        List<String> failures = new ArrayList<>();
        for (String per : FLAT) {
            COUNTS.forEach(count -> checkFlat(per + ": " + count, points, failures));
        }
        checkFlat("deadline of a minute: timers touched", points, failures);
        for (Point point : points) {
            checkBytes(point, "bytes held by the library", failures);
            checkBytes(point, "bytes armed, library", failures);
        }
        return failures;
    }

    private static void checkFlat(String name, List<Point> points, List<String> failures) {
        double least = points.stream().mapToDouble(p -> p.get(name)).min().orElseThrow();
        double most = points.stream().mapToDouble(p -> p.get(name)).max().orElseThrow();
        if (most > least * (1 + TOLERANCE) + SMALL_CHANGE) {
            StringBuilder line = new StringBuilder(String.format(
                    "%s must be the same for all numbers of connections, within %.0f %%, and is",
                    name, 100 * TOLERANCE));
            points.forEach(p -> line.append(String.format(" %.2f at %,d", p.get(name), p.connections())));
            failures.add(line.toString());
        }
    }

    private static void checkBytes(Point point, String name, List<String> failures) {
        double bytes = point.get(name);
        if (bytes > MOST_BYTES) {
            failures.add(String.format(
                    "%s are to be at most %d for each connection, and are %.1f at %,d connections",
                    name, MOST_BYTES, bytes, point.connections()));
        }
    }
}
