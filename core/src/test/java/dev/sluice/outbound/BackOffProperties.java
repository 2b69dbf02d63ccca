// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BackOffProperties {

    @Property
    void eachTimeIsWithinABoundThatDoublesUpToTheLongest(
            @ForAll @IntRange(min = 1, max = 10_000) int firstMillis,
            @ForAll @IntRange(min = 0, max = 1_000_000) int more,
            @ForAll long seed) {
        Duration bound = Duration.ofMillis(firstMillis);
        Duration longest = bound.plusMillis(more);
        BackOff backOff = new BackOff(bound, longest, new SplittableRandom(seed));
        for (int i = 0; i < 100; i++) {
            Duration next = backOff.next();
            assertTrue(!next.isNegative() && next.compareTo(bound) <= 0, () -> next + " is drawn");
            bound = bound.multipliedBy(2).compareTo(longest) < 0 ? bound.multipliedBy(2) : longest;
        }
    }

    @Example
    void timesAreSpreadOverAllOfTheBound() {
        BackOff backOff = new BackOff(Duration.ofMillis(1), Duration.ofSeconds(1), new SplittableRandom(1));
        int[] tenths = new int[10];
        for (int i = 0; i < 11; i++) {
            backOff.next();
        }
        for (int i = 0; i < 10_000; i++) {
            tenths[(int) Math.min(9, backOff.next().toMillis() / 100)]++;
        }
        for (int tenth : tenths) {
            assertTrue(tenth > 800 && tenth < 1200, () -> tenth + " of 10,000 in a tenth");
        }
    }

    @Example
    void startsOverOnlyAfterASuccessThatHasHeld() {
        BackOff backOff = new BackOff(Duration.ofMillis(1), Duration.ofHours(1), new SplittableRandom(1));
        for (int i = 0; i < 30; i++) {
            backOff.next();
        }
        backOff.held(Duration.ofMinutes(59));
        assertTrue(backOff.next().compareTo(Duration.ofMillis(1)) > 0);
        backOff.held(Duration.ofHours(1));
        assertTrue(backOff.next().compareTo(Duration.ofMillis(1)) <= 0);
        backOff.next();
        backOff.reset();
        assertTrue(backOff.next().compareTo(Duration.ofMillis(1)) <= 0);
    }

    @Example
    void timesOutOfTheirRangeAreRefused() {
        SplittableRandom random = new SplittableRandom();
        assertEquals(
                "backOff.first: PT0S is not within PT0.001S to PT24H",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new BackOff(Duration.ZERO, Duration.ofSeconds(1), random))
                        .getMessage());
        assertEquals(
                "backOff.longest: PT1S is not within PT2S to PT24H",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(1), random))
                        .getMessage());
    }
}
