// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private static final int WAKE_UPS = 1_000;

    @Test
    void countsEachEntryAndEachRoundOfALoop() throws Exception {
        Trial deadlines = CountingLoader.make(Deadlines.class, 10);
        Map<String, Long> before = Steps.now();
        deadlines.run(Phase.ARM, 10);
        Map<String, Long> armed = Steps.now();
        assertEquals(10, since(before, armed, "loop.TimerWheel.arm"));
        assertEquals(0, since(before, armed, "loop.TimerWheel.arm loop"));
        deadlines.run(Phase.FIRE, 10);
        Map<String, Long> fired = Steps.now();
        assertEquals(10, since(armed, fired, "loop.Timer.timeHasCome"));
        long looks = since(armed, fired, "loop.TimerWheel.gather loop"); // at slots: each tick may end one
        assertTrue(looks > 10 && looks < 10_000, looks + " looks at slots");
        deadlines.end();
    }

    @Test
    void findsTheCountsOfFewConnectionsAsOfMore() throws Exception {
        try (Progress progress = new Progress()) {
            Point few = new Measurement(300, WAKE_UPS, progress).measure();
            Point more = new Measurement(900, WAKE_UPS, progress).measure();
            for (Point point : List.of(few, more)) {
                assertEquals(1, point.get("wake-up: keys"), 0.01);
                assertEquals(2, point.get("wake-up: socket calls"), 0.01); // a read and a write
                assertEquals(144, point.get("bytes held, library"), 4);
                assertTrue(point.get("nanos WAKE_UP") > 0);
            }
            assertEquals(few.get("wake-up: steps"), more.get("wake-up: steps"), 0.5);
            assertEquals(few.get("accept: steps"), more.get("accept: steps"), 0.5);
        }
    }

    @Test
    void failsWhereACountGrowsWithTheNumberOfConnections() {
        Point few = flat(1_000);
        Point many = flat(1_000_000);
        assertEquals(List.of(), Verdict.failures(List.of(few, many)));
        many.put("wake-up: steps", 1.1 * few.get("wake-up: steps"));
        List<String> failures = Verdict.failures(List.of(few, many));
        assertEquals(1, failures.size());
        assertTrue(failures.get(0).startsWith("wake-up: steps must be the same"), failures.get(0));
    }

    @Test
    void failsWhereTheLibraryHoldsMoreBytesThanPromised() {
        Point point = flat(1_000);
        point.put("bytes held by the library", 200.5);
        List<String> failures = Verdict.failures(List.of(point));
        assertEquals(1, failures.size());
        assertTrue(failures.get(0).contains("200.5 at 1"), failures.get(0));
    }

    private static Point flat(int connections) {
        Point point = new Point(connections);
        for (String per : List.of("accept", "wake-up", "deadline")) {
            Verdict.COUNTS.forEach(count -> point.put(per + ": " + count, 100));
        }
        point.put("deadline of a minute: timers touched", 1);
        point.put("bytes held by the library", 136);
        point.put("bytes armed, library", 160);
        return point;
    }

    private static long since(Map<String, Long> before, Map<String, Long> after, String name) {
        return after.get(name) - before.getOrDefault(name, 0L);
    }

    @Test
    void anHourLaterAllDeadlinesOfAnHourHaveFired() throws Exception {
        assertDoesNotThrow(() -> Throughput.secondsPerHour(1));
    }
}
