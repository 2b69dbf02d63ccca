// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TimerWheelProperties {
    private static final long TICK = TimerWheel.TICK_NANOS;
    private static final long LONGEST = 100_000L * 1_000_000_000; // more than a day, over four of the wheels

    /** Positive steps arm a timer that far ahead, negative ones move the clock on by as much. */
    @Property
    void firesEachTimerOnceWhenItsDeadlineHasPassed(
            @ForAll @Size(max = 200) List<@LongRange(min = -LONGEST, max = LONGEST) Long> steps) {
        TimerWheel wheel = new TimerWheel(17);
        Map<Timed, Long> deadlines = new IdentityHashMap<>();
        Map<Timed, Long> latest = new IdentityHashMap<>();
        long now = 17;
        for (long step : steps) {
            wheel.passBegins(now);
            if (step >= 0) {
                Timer timer = new Timer(null);
                deadlines.put(timer, now + step);
                latest.put(timer, now + step + step / 15 + TICK);
                if (step % 2 == 0) {
                    wheel.arm(timer, now + step);
                } else {
                    wheel.armBy(timer, now + step);
                }
            } else {
                long sleep = wheel.nanosUntilDue(now);
                long next = now - step;
                for (Timed fired : due(wheel, next)) {
                    long deadline = deadlines.remove(fired);
                    assertTrue(deadline <= next, "fired early");
                    assertTrue(now + sleep <= next, "fired although it said there was time to sleep");
                }
                now = next;
                for (Timed armed : deadlines.keySet()) {
                    assertTrue(latest.get(armed) > now, "still armed long after its deadline");
                }
            }
            assertEquals(deadlines.size(), wheel.armed());
        }
    }

    private static List<Timed> due(TimerWheel wheel, long now) {
        List<Timed> due = new ArrayList<>();
        for (Timed timer = wheel.nextDue(now); timer != null; timer = wheel.nextDue(now)) {
            due.add(timer);
        }
        return due;
    }
}
