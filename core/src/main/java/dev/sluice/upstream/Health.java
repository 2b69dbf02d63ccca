// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * When a backend is not used for a while because of what came of its connections ("passive health checks"), and what is
 * done if that befalls many. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>value</th><th>default</th><th>range</th><th>what it is</th></tr>
 * <tr><td>failuresInRow</td><td>5</td><td>0 to 1,000,000</td>
 *     <td>so many failures without a success between them eject a backend; 0: however many</td></tr>
 * <tr><td>failurePercent</td><td>50</td><td>0 to 100</td>
 *     <td>if at least that share of its outcomes are failures it is ejected; 0: whatever the share</td></tr>
 * <tr><td>failureOutcomes</td><td>20</td><td>1 to 1,000,000</td><td>the share means nothing before so many outcomes</td></tr>
 * <tr><td>failureWindow</td><td>10 s</td><td>100 ms to 1 h</td>
 *     <td>over which outcomes are counted; it begins with a failure</td></tr>
 * <tr><td>ejection</td><td>10 s</td><td>1 ms to 1 h</td>
 *     <td>how long it isn't used the first time; the n-th time in succession it is n times that</td></tr>
 * <tr><td>longestEjection</td><td>5 min</td><td>ejection to 1 d</td><td>but never longer</td></tr>
 * <tr><td>mostEjectedPercent</td><td>50</td><td>0 to 100</td>
 *     <td>no more than that share of all backends, rounded down, is ejected; so of one none is, of two or three one</td></tr>
 * <tr><td>panicPercent</td><td>0</td><td>0 to 100</td>
 *     <td>if less than that share is up, all are used as if they were; 0: never</td></tr>
 * </table>
 *
 * <p><b>Outcomes</b> are what callers say of a {@link Lease}: {@link Lease#failed} is a failure; {@link Lease#answered} is a
 * success, or {@link Lease#ended} if the connection had come to be. Outcomes of connections that were picked before the last
 * ejection mean nothing.
 *
 * <p><b>Afterwards</b> a backend is in probation: one connection at a time goes to it, as a trial. Its success brings the
 * backend back, its failure ejects it again, for longer. A trial without an outcome is waited for as long as the first
 * ejection; then another may begin. For each time of {@code ejection} that the backend is up, one earlier ejection is forgotten.
 */
public final class Health {
    private static final Health DEFAULTS = new Health();

    // Written before a copy is given away, and never after that.
    private int failuresInRow = 5;
    private int failurePercent = 50;
    private int failureOutcomes = 20;
    private Duration failureWindow = Duration.ofSeconds(10);
    private Duration ejection = Duration.ofSeconds(10);
    private Duration longestEjection = Duration.ofMinutes(5);
    private int mostEjectedPercent = 50;
    private int panicPercent;

    private Health() {}

    /** The defaults of the table above. */
    public static Health defaults() {
        return DEFAULTS;
    }

    /** No backend is ever ejected. */
    public static Health withoutEjection() {
        return DEFAULTS.withFailuresInRow(0).withFailurePercent(0);
    }

    /** Failures without a success between them; 0: however many. */
    public int failuresInRow() {
        return failuresInRow;
    }

    /** Share of failures, in percent; 0: whatever the share. */
    public int failurePercent() {
        return failurePercent;
    }

    /** Outcomes before which the share means nothing. */
    public int failureOutcomes() {
        return failureOutcomes;
    }

    /** Over which the share is counted. */
    public Duration failureWindow() {
        return failureWindow;
    }

    /** How long a backend isn't used the first time. */
    public Duration ejection() {
        return ejection;
    }

    /** How long at most. */
    public Duration longestEjection() {
        return longestEjection;
    }

    /** Share of all backends that may be ejected, in percent. */
    public int mostEjectedPercent() {
        return mostEjectedPercent;
    }

    /** Share of backends that are up, in percent, below which all are used; 0: never. */
    public int panicPercent() {
        return panicPercent;
    }

    /** The same with another {@link #failuresInRow}. */
    public Health withFailuresInRow(int failures) {
        return with(copy -> copy.failuresInRow = failures);
    }

    /** The same with another {@link #failurePercent}. */
    public Health withFailurePercent(int percent) {
        return with(copy -> copy.failurePercent = percent);
    }

    /** The same with other {@link #failureOutcomes}. */
    public Health withFailureOutcomes(int outcomes) {
        return with(copy -> copy.failureOutcomes = outcomes);
    }

    /** The same with another {@link #failureWindow}. */
    public Health withFailureWindow(Duration time) {
        Ranges.present("health.failureWindow", time);
        return with(copy -> copy.failureWindow = time);
    }

    /** The same with another {@link #ejection}. */
    public Health withEjection(Duration time) {
        Ranges.present("health.ejection", time);
        return with(copy -> copy.ejection = time);
    }

    /** The same with another {@link #longestEjection}. */
    public Health withLongestEjection(Duration time) {
        Ranges.present("health.longestEjection", time);
        return with(copy -> copy.longestEjection = time);
    }

    /** The same with another {@link #mostEjectedPercent}. */
    public Health withMostEjectedPercent(int percent) {
        return with(copy -> copy.mostEjectedPercent = percent);
    }

    /** The same with another {@link #panicPercent}. */
    public Health withPanicPercent(int percent) {
        return with(copy -> copy.panicPercent = percent);
    }

    boolean ejects() {
        return failuresInRow > 0 || failurePercent > 0;
    }

    /** Throws an exception that names field, value and range of the first value out of its range. */
    void check() {
        Ranges.check("health.failuresInRow", failuresInRow, 0, 1_000_000);
        Ranges.check("health.failurePercent", failurePercent, 0, 100);
        Ranges.check("health.failureOutcomes", failureOutcomes, 1, 1_000_000);
        Ranges.check("health.failureWindow", failureWindow, Duration.ofMillis(100), Duration.ofHours(1));
        Ranges.check("health.ejection", ejection, Duration.ofMillis(1), Duration.ofHours(1));
        Ranges.check("health.longestEjection", longestEjection, ejection, Duration.ofDays(1));
        Ranges.check("health.mostEjectedPercent", mostEjectedPercent, 0, 100);
        Ranges.check("health.panicPercent", panicPercent, 0, 100);
    }

    private Health with(Consumer<Health> change) {
        Health copy = new Health();
        copy.failuresInRow = failuresInRow;
        copy.failurePercent = failurePercent;
        copy.failureOutcomes = failureOutcomes;
        copy.failureWindow = failureWindow;
        copy.ejection = ejection;
        copy.longestEjection = longestEjection;
        copy.mostEjectedPercent = mostEjectedPercent;
        copy.panicPercent = panicPercent;
        change.accept(copy);
        return copy;
    }
}
