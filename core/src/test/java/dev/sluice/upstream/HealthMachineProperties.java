// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The machine beside a model that forgets nothing and computes its state from all that has happened. */
class HealthMachineProperties {
    private static final long BASE = Duration.ofSeconds(10).toNanos();
    private static final long WINDOW = Duration.ofSeconds(10).toNanos();

    @Property(tries = 500)
    void doesWhatTheModelDoes(
            @ForAll Random random, @ForAll @IntRange(max = 6) int inRow, @ForAll @IntRange(max = 100) int percent) {
        Health health = Health.defaults()
                .withFailuresInRow(inRow)
                .withFailurePercent(percent)
                .withFailureOutcomes(8)
                .withLongestEjection(Duration.ofSeconds(35));
        long now = random.nextLong();
        HealthMachine machine = new HealthMachine(health, now);
        Model model = new Model(health, now);
        long successes = 0;
        for (int step = 0; step < 300; step++) {
            now += random.nextInt(4) == 0 ? random.nextInt(2_000_000_000) * 8L : random.nextInt(200_000_000);
            machine.passed(now);
            model.passed(now);
            int then = random.nextInt(8) == 0 ? machine.ejections() - 1 : machine.ejections();
            boolean mayEject = random.nextInt(8) > 0;
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    successes++;
                    machine.succeeded(now, then);
                    model.succeeded(now, then);
                }
                case 2, 3, 4, 5 -> {
                    machine.failed(now, then, successes, mayEject);
                    model.failed(now, then, mayEject);
                }
                default -> {
                    boolean good = random.nextInt(3) > 0;
                    machine.checked(now, good, 3, 2);
                    model.checked(now, good, 3, 2);
                }
            }
            assertEquals(model.state(), machine.state(), "after step " + step);
            assertEquals(model.ejections.size(), machine.ejections());
        }
    }

    private static final class Model {
        private record Outcome(long at, boolean good) {}

        private final Health health;
        private final List<Outcome> outcomes =
                new ArrayList<>(); // since it was last up; successes that are too old included
        private final List<Long> ejections = new ArrayList<>();
        private final List<Boolean> checks = new ArrayList<>(); // since the last change
        private String passive = "UP";
        private long upSince;
        private long ejectedAt;
        private long times;
        private boolean down;
        private boolean first = true;

        Model(Health health, long now) {
            this.health = health;
            this.upSince = now;
        }

        BackendState state() {
            return down ? BackendState.DOWN : BackendState.valueOf(passive);
        }

        void passed(long now) {
            long length = Math.min(times * BASE, health.longestEjection().toNanos());
            if (passive.equals("EJECTED") && now >= ejectedAt + length && now - ejectedAt >= length) {
                passive = "PROBATION";
            }
        }

        void succeeded(long now, int then) {
            if (then == ejections.size() && !passive.equals("UP")) {
                up(now);
            } else {
                outcomes.add(new Outcome(now, true));
                if (then == ejections.size()) {
                    outcomes.add(null); // ends what is in a row
                }
            }
        }

        void failed(long now, int then, boolean mayEject) {
            if (then != ejections.size() || passive.equals("EJECTED")) {
                return;
            }
            if (passive.equals("PROBATION")) {
                times++;
                eject(now);
                return;
            }
            outcomes.add(new Outcome(now, false));
            if (mayEject && (inRow() || share())) {
                times = Math.max(0, times - (now - upSince) / BASE) + 1;
                eject(now);
            }
        }

        private boolean inRow() {
            int row = 0;
            for (int i = outcomes.size() - 1; i >= 0 && outcomes.get(i) != null; i--) {
                row += outcomes.get(i).good() ? 0 : 1;
            }
            return health.failuresInRow() > 0 && row >= health.failuresInRow();
        }

        private boolean share() {
            boolean in = false;
            long start = 0;
            int good = 0;
            int bad = 0;
            for (Outcome outcome : outcomes) {
                if (outcome == null) {
                    continue;
                }
                if (!outcome.good() && (!in || outcome.at() - start >= WINDOW)) {
                    in = true;
                    start = outcome.at();
                    good = 0;
                    bad = 0;
                }
                good += outcome.good() ? 1 : 0;
                bad += outcome.good() ? 0 : 1;
            }
            return health.failurePercent() > 0
                    && good + bad >= health.failureOutcomes()
                    && bad * 100 >= (good + bad) * health.failurePercent();
        }

        private void eject(long now) {
            times = Math.min(times, 4); // 35 s are reached
            ejections.add(now);
            ejectedAt = now;
            passive = "EJECTED";
        }

        private void up(long now) {
            passive = "UP";
            upSince = now;
            outcomes.clear();
        }

        void checked(long now, boolean good, int fall, int rise) {
            checks.add(good);
            int needed = first ? 1 : good ? rise : fall;
            first = false;
            boolean changes = good == down
                    && checks.size() >= needed
                    && checks.subList(checks.size() - needed, checks.size()).stream()
                            .allMatch(check -> check == good);
            if (changes) {
                down = !good;
                checks.clear();
                if (good) {
                    up(now);
                }
            }
        }
    }
}
