// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SeldomTest {
    private final Seldom seldom = new Seldom();

    @Test
    void theFirstIsSaidAndThenOneInTenSecondsThatTellsOfTheOthers() {
        long begin = Long.MAX_VALUE - Seldom.EVERY_NANOS / 2; // the clock may pass its largest value
        assertEquals(0, seldom.ask(begin));
        assertEquals(-1, seldom.ask(begin));
        assertEquals(-1, seldom.ask(begin + Seldom.EVERY_NANOS - 1));
        assertEquals(2, seldom.ask(begin + Seldom.EVERY_NANOS));
        assertEquals(0, seldom.ask(begin + 2 * Seldom.EVERY_NANOS));
    }
}
