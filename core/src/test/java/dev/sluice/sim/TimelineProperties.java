// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TimelineProperties {

    /** Each number schedules an event at that time; of those that are negative an earlier event is taken back first. */
    @Property
    void eventsHappenInTheOrderOfTimeThenOfScheduling(
            @ForAll @Size(max = 200) List<@IntRange(min = -20, max = 20) Integer> times) {
        Timeline timeline = new Timeline();
        List<Event> expected = new ArrayList<>();
        List<Event> happened = new ArrayList<>();
        for (int time : times) {
            if (time < 0 && !expected.isEmpty()) {
                Event taken = expected.remove(-time % expected.size());
                timeline.cancel(taken);
                assertFalse(taken.isScheduled());
            }
            Event[] self = new Event[1];
            self[0] = new Event(() -> happened.add(self[0]));
            timeline.at(Math.abs(time), self[0]);
            expected.add(self[0]);
        }
        expected.sort(Comparator.comparingLong(event -> event.time)); // stable
        while (timeline.next() < Long.MAX_VALUE) {
            timeline.advanceTo(timeline.next());
            timeline.takeDue().action.run();
        }
        assertEquals(expected, happened);
    }
}
