// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;

/**
 * How long a connection may take. Every deadline is finite; what happens when one has passed is said with it. How much a
 * server holds is in {@link Limits}. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>deadline</th><th>default</th><th>range</th><th>when it has passed</th></tr>
 * <tr><td>linger</td><td>2 s</td><td>10 ms to 1 h</td>
 *     <td>a connection that is being ended, and makes no progress for so long, is cut</td></tr>
 * </table>
 */
public final class Deadlines {
    private static final Deadlines DEFAULTS = new Deadlines(Duration.ofSeconds(2));
    private static final Duration SHORTEST = Duration.ofMillis(10);

    private final Duration linger;

    private Deadlines(Duration linger) {
        this.linger = linger;
    }

    /** The defaults of the table above. */
    public static Deadlines defaults() {
        return DEFAULTS;
    }

    /** Time without progress after which the ending of a connection is no longer waited for. */
    public Duration linger() {
        return linger;
    }

    /** The same with another time to {@link #linger}. */
    public Deadlines withLinger(Duration time) {
        return new Deadlines(Check.present("deadlines.linger", time));
    }

    /** Throws an exception that names field, value and range of the first deadline out of its range. */
    void check() {
        if (linger.compareTo(SHORTEST) < 0 || linger.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("deadlines.linger: " + linger + " is not within PT0.01S to PT1H");
        }
    }
}
