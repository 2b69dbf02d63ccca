// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before something that has failed is tried again. Each time is drawn at random from zero up to a bound, and
 * the bound doubles with each failure, up to the longest. So whoever fails for long is seldom asked, and many who have
 * failed together, for instance because their server was restarted, don't come back together.
 *
 * <pre>{@code
 * BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(30), new SplittableRandom());
 * }</pre>
 *
 * <p>What succeeds and fails again at once is no success: a success is told with {@link #held}, and makes a new beginning only
 * if it has lasted for at least the longest time. One object is for one thing that is tried, and for one thread at a time.
 */
public final class BackOff {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(24);

    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private long boundNanos;

    /**
     * Makes one at its beginning.
     *
     * @param first the bound of the first time, 1 ms to 24 h
     * @param longest the bound that is not passed, {@code first} to 24 h
     * @param random where times are drawn from; a seeded one repeats them
     * @throws IllegalArgumentException if a time is out of its range; the message names it
     */
    public BackOff(Duration first, Duration longest, RandomGenerator random) {
        check("backOff.first", first, SHORTEST);
        check("backOff.longest", longest, first);
        if (random == null) {
            throw new IllegalArgumentException("backOff.random: missing");
        }
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
        this.boundNanos = firstNanos;
    }

    private static void check(String field, Duration time, Duration least) {
        if (time == null || time.compareTo(least) < 0 || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(field + ": " + time + " is not within " + least + " to " + LONGEST);
        }
    }

    /** Draws the time to wait after one more failure. */
    public Duration next() {
        long nanos = random.nextLong(boundNanos + 1);
        boundNanos = Math.min(longestNanos, 2 * boundNanos);
        return Duration.ofNanos(nanos);
    }

    /** It had succeeded, and that has lasted for so long: starts over if that is the longest time to wait or more. */
    public void held(Duration time) {
        if (time.compareTo(Duration.ofNanos(longestNanos)) >= 0) {
            reset();
        }
    }

    /** Starts over. */
    public void reset() {
        boundNanos = firstNanos;
    }
}
