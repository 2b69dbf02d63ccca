// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long TICK = TimerWheel.TICK_NANOS;

    private final TimerWheel wheel = new TimerWheel(0);

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
        assertNull(wheel.nextDue(500 * TICK));
        assertSame(late, wheel.nextDue(518 * TICK));
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

    /** Else each pass would walk through all timers that are due a turn or more later and share the slot. */
    @Test
    void aSlotIsLookedThroughOnceATickHoweverOftenTheLoopPasses() {
        Timer late = new Timer(null);
        wheel.arm(late, (512 + 5) * TICK - 1);
        assertNull(wheel.nextDue(5 * TICK));
        late.tick = 5; // whoever looks at it again takes it
        assertNull(wheel.nextDue(5 * TICK));
        assertNull(wheel.nextDue(5 * TICK + TICK / 2));
    }

    @Test
    void timeThatPassedWhileNothingWasArmedIsNotWalkedThrough() {
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
    void aDeadlineTurnsAwayIsSleptForNotSpunFor() {
        wheel.arm(new Timer(null), 60_000_000_000L);
        long now = 0;
        int wakeUps = 0;
        while (wheel.nextDue(now) == null) {
            long sleep = wheel.nanosUntilDue(now);
            assertTrue(sleep > 0, "would spin at " + now);
            now += sleep;
            wakeUps++;
        }
        assertTrue(wakeUps <= 60 / 5 + 1, "woke up " + wakeUps + " times");
    }
}
