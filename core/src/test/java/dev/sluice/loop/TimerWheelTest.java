// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long TICK = TimerWheel.TICK_NANOS;

    private TimerWheel wheel = new TimerWheel(0);

    @Test
    void neverFiresEarlyAndAtMostOneTickLate() {
        Timer timer = new Timer(null);
        wheel.arm(timer, 3 * TICK + 1);
        assertNull(wheel.nextDue(3 * TICK + 1));
        assertSame(timer, wheel.nextDue(4 * TICK));
        assertNull(wheel.nextDue(4 * TICK));
        assertFalse(timer.isArmed());
    }

    @Test
    void aDisarmedTimerDoesNotFire() {
        Timer timer = new Timer(null);
        wheel.arm(timer, TICK);
        wheel.disarm(timer);
        wheel.disarm(timer);
        assertEquals(0, wheel.armed());
        assertNull(wheel.nextDue(100 * TICK));
    }

    @Test
    void armingAgainMovesTheDeadline() {
        Timer timer = new Timer(null);
        wheel.arm(timer, TICK);
        wheel.arm(timer, 50 * TICK);
        assertEquals(1, wheel.armed());
        assertNull(wheel.nextDue(40 * TICK));
        assertSame(timer, wheel.nextDue(51 * TICK));
    }

    @Test
    void deadlinesBeyondOneTurnWaitForTheirOwn() {
        Timer soon = new Timer(null);
        Timer late = new Timer(null);
        wheel.arm(late, (512 + 5) * TICK);
        wheel.arm(soon, 5 * TICK);
        assertSame(soon, wheel.nextDue(6 * TICK));
        assertNull(wheel.nextDue(6 * TICK));
        assertNull(wheel.nextDue((512 + 5) * TICK));
        assertSame(late, wheel.nextDue((512 + 32) * TICK));
    }

    @Test
    void aLongDeadlineIsLateByAtMostAFifteenth() {
        for (long length : new long[] {1_000, 3_000, 9_999, 100_000, 3_600_000, 100_000_000, 3_153_600_000L}) {
            long ticks = length / 10;
            Timer timer = new Timer(null);
            wheel.arm(timer, ticks * TICK);
            assertNull(wheel.nextDue(ticks * TICK), length + " ms fired early");
            assertSame(timer, wheel.nextDue((ticks + ticks / 15 + 1) * TICK), length + " ms");
            wheel = new TimerWheel(0);
        }
    }

    @Test
    void armingByATimeKeepsAnEarlierOne() {
        Timer timer = new Timer(null);
        wheel.armBy(timer, 50 * TICK);
        wheel.armBy(timer, 3000 * TICK);
        wheel.armBy(timer, 20 * TICK);
        wheel.armBy(timer, 21 * TICK);
        assertEquals(1, wheel.armed());
        assertNull(wheel.nextDue(20 * TICK));
        assertSame(timer, wheel.nextDue(21 * TICK));
        assertNull(wheel.nextDue(4000 * TICK));
    }

    @Test
    void armingByATimeMovesOneThatIsDueAndNotTakenOnlyToThatTime() {
        Timer taken = new Timer(null);
        Timer timer = new Timer(null);
        wheel.arm(taken, 0);
        wheel.arm(timer, 0);
        assertSame(taken, wheel.nextDue(5 * TICK));
        wheel.armBy(timer, 9 * TICK);
        assertSame(timer, wheel.nextDue(10 * TICK));
        assertEquals(0, wheel.armed());
    }

    @Test
    void aJumpOfTheClockByManyTurnsFiresEverything() {
        for (int i = 0; i < 2000; i++) {
            wheel.arm(new Timer(null), i * TICK);
        }
        int fired = 0;
        while (wheel.nextDue(1_000_000 * TICK) != null) {
            fired++;
        }
        assertEquals(2000, fired);
    }

    @Test
    void whatIsDueAndNotYetTakenCanBeDisarmedOrMoved() {
        Timer taken = new Timer(null);
        Timer disarmed = new Timer(null);
        Timer moved = new Timer(null);
        wheel.arm(taken, 0);
        wheel.arm(disarmed, 0);
        wheel.arm(moved, 0);
        assertSame(taken, wheel.nextDue(5 * TICK));
        assertEquals(0, wheel.nanosUntilDue(5 * TICK));
        wheel.disarm(disarmed);
        wheel.arm(moved, 7 * TICK);
        assertNull(wheel.nextDue(5 * TICK));
        assertSame(moved, wheel.nextDue(8 * TICK));
        assertEquals(0, wheel.armed());
    }

    /** What lies in a slot is due when the slot ends: none of it has to be asked before. */
    @Test
    void whatIsInASlotIsTakenOutAtOnceAndInTheOrderOfArming() {
        Timer[] timers = new Timer[1000];
        for (int i = 0; i < timers.length; i++) {
            timers[i] = new Timer(null);
            wheel.arm(timers[i], 3000 * TICK);
        }
        wheel.disarm(timers[500]);
        assertEquals(3008 * TICK, wheel.nanosUntilDue(0));
        for (int i = 0; i < timers.length; i++) {
            if (i != 500) {
                assertSame(timers[i], wheel.nextDue(3008 * TICK));
            }
        }
        assertNull(wheel.nextDue(3008 * TICK));
    }

    @Test
    void whatIsArmedAfterALongSleepIsMeasuredFromTheBeginningOfThePass() {
        wheel.arm(new Timer(null), 1_000_000 * TICK);
        wheel.passBegins(10_000 * TICK);
        Timer timer = new Timer(null);
        wheel.arm(timer, 10_200 * TICK);
        assertEquals(201 * TICK, wheel.nanosUntilDue(10_000 * TICK));
        assertNull(wheel.nextDue(10_200 * TICK));
        assertSame(timer, wheel.nextDue(10_201 * TICK));
    }

    @Test
    void whatFiringArmsIsDueInALaterTick() {
        Timer timer = new Timer(null);
        wheel.arm(timer, 0);
        assertSame(timer, wheel.nextDue(10 * TICK));
        wheel.arm(timer, 0);
        assertTrue(wheel.nanosUntilDue(10 * TICK) <= TICK);
        assertSame(timer, wheel.nextDue(11 * TICK));
    }

    @Test
    void tellsHowLongToSleep() {
        assertEquals(Long.MAX_VALUE, wheel.nanosUntilDue(0));
        wheel.arm(new Timer(null), 7 * TICK);
        assertEquals(8 * TICK, wheel.nanosUntilDue(0));
        assertEquals(TICK, wheel.nanosUntilDue(7 * TICK));
        assertEquals(0, wheel.nanosUntilDue(9 * TICK));
    }

    @Test
    void aLongDeadlineIsSleptForInOne() {
        wheel.arm(new Timer(null), 60_000_000_000L);
        long sleep = wheel.nanosUntilDue(0);
        assertTrue(sleep >= 60_000_000_000L, sleep + " ns");
        assertNull(wheel.nextDue(sleep - 1));
        assertNotNull(wheel.nextDue(sleep));
    }

    @Test
    void aDisarmedTimerIsSleptForAtMostOnce() {
        Timer disarmed = new Timer(null);
        wheel.arm(disarmed, 7 * TICK);
        wheel.arm(new Timer(null), 60_000_000_000L);
        wheel.disarm(disarmed);
        long now = wheel.nanosUntilDue(0);
        assertNull(wheel.nextDue(now));
        assertTrue(wheel.nanosUntilDue(now) > 59_000_000_000L, "woke up twice");
    }
}
