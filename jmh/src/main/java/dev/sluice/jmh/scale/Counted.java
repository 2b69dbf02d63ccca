// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** What the library did in some phases, per connection, wake-up or deadline. */
final class Counted {
    private static final String LOOP = " loop";

    private final Map<String, Long> counts;
    private final double per;

    private Counted(Map<String, Long> counts, double per) {
        this.counts = counts;
        this.per = per;
    }

    /** What was counted since {@code before}, for {@code number} of something. */
    static Counted since(Map<String, Long> before, int number) {
        Map<String, Long> counts = new LinkedHashMap<>();
        Steps.now().forEach((name, count) -> counts.put(name, count - before.getOrDefault(name, 0L)));
        return new Counted(counts, number);
    }

    /** By what it was for; the first is everything. */
    Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("steps", sum(name -> true));
        figures.put("passes", sum(name -> name.equals("loop.Loop.runOnce")));
        figures.put("keys", sum(name -> name.equals("loop.Loop.dispatch")));
        figures.put("socket calls", sum(Counted::isCall));
        figures.put("mail", sum(name -> name.equals("loop.Mailbox.put") || name.equals("loop.Loop.later")));
        figures.put("interest", sum(name -> name.equals("loop.KeyTarget.settleInterest")));
        figures.put(
                "timers touched",
                sum(name -> name.equals("loop.TimerWheel.put") || name.equals("loop.TimerWheel.disarm")));
        return figures;
    }

    private static boolean isCall(String name) {
        return name.startsWith("loop.SocketIo.")
                && !name.endsWith(LOOP)
                && !name.endsWith("Address")
                && !name.endsWith(".isReset");
    }

    private double sum(Predicate<String> which) {
        return counts.entrySet().stream()
                        .filter(e -> !e.getKey().startsWith("sim.") && which.test(e.getKey()))
                        .mapToLong(Map.Entry::getValue)
                        .sum()
                / per;
    }

    /** Entries and rounds of loops of each method that had more than a hundredth of one each. */
    Map<String, Double> byMethod() {
        Map<String, Double> each = new LinkedHashMap<>();
        counts.forEach((name, count) -> {
            if (!name.startsWith("sim.") && count / per >= 0.01) {
                each.put(name, count / per);
            }
        });
        return each;
    }
}
