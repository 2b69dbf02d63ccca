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

    /** Positive steps arm a timer that far ahead, negative ones move the clock on by as much. */
    @Property
    void firesEachTimerOnceWithinATickOfItsDeadline(
            @ForAll @Size(max = 200) List<@LongRange(min = -2000 * 10_000_000L, max = 2000 * 10_000_000L) Long> steps) {
        TimerWheel wheel = new TimerWheel(17);
        Map<Timer, Long> deadlines = new IdentityHashMap<>();
        long now = 17;
        for (long step : steps) {
            wheel.passBegins(now);
            if (step >= 0) {
                Timer timer = new Timer(null);
                deadlines.put(timer, now + step);
                wheel.arm(timer, now + step);
            } else {
                long sleep = wheel.nanosUntilDue(now);
                long next = now - step;
                for (Timer fired : due(wheel, next)) {
                    long deadline = deadlines.remove(fired);
                    assertTrue(deadline <= next, "fired early");
                    assertTrue(now + sleep <= next, "fired although it said there was time to sleep");
                }
                now = next;
                for (long deadline : deadlines.values()) {
                    assertTrue(deadline > now - 2 * TICK, "still armed two ticks after its deadline");
                }
            }
            assertEquals(deadlines.size(), wheel.armed());
        }
    }

    private static List<Timer> due(TimerWheel wheel, long now) {
        List<Timer> due = new ArrayList<>();
        for (Timer timer = wheel.nextDue(now); timer != null; timer = wheel.nextDue(now)) {
            due.add(timer);
        }
        return due;
    }
}
