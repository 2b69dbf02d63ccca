// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures one number of connections: heap and times with the classes as they are, then counts with counting ones. */
final class Measurement {
    private static final int TIMED_CONNECTIONS = 100_000; // fewer are timed several times
    private static final int MOST_ROUNDS = 9;
    private static final int CHASES = 5;

    private final int connections;
    private final int wakeUps;
    private final Progress progress;
    private final Point point;
    private final Map<Phase, List<Double>> nanos = new EnumMap<>(Phase.class); // processor time of this thread, each
    private final Map<Phase, List<Double>> collecting = new EnumMap<>(Phase.class);

    Measurement(int connections, int wakeUps, Progress progress) {
        this.wakeUps = wakeUps;
        this.connections = connections;
        this.progress = progress;
        this.point = new Point(connections);
    }

    Point measure() throws Exception {
        int rounds = Math.max(1, Math.min(MOST_ROUNDS, TIMED_CONNECTIONS / connections));
        for (int i = 0; i < rounds; i++) {
            crowd(i == rounds - 1);
        }
        for (Phase phase : Phase.values()) {
            point.put("nanos " + phase, median(nanos.get(phase)));
            point.put("nanos collecting " + phase, median(collecting.get(phase)));
        }
        bare();
        deadlines();
        count();
        point.put("nanos control", chase(false));
        point.put("nanos control, scattered", chase(true));
        return point;
    }

    // ---- heap and times

    private void crowd(boolean weigh) throws Exception {
        Crowd crowd = new Crowd(connections);
        Heap empty = weigh ? Heap.live() : null;
        long start = System.nanoTime();
        time(crowd, Phase.ACCEPT, connections);
        if (weigh) {
            put("bytes held", Heap.live().minus(empty));
        }
        time(crowd, Phase.WAKE_UP, wakeUps);
        time(crowd, Phase.ARM, connections);
        if (weigh) {
            put("bytes armed", Heap.live().minus(empty));
        }
        time(crowd, Phase.FIRE, connections);
        progress.during(connections, "closing the clients", crowd::done, crowd::end);
        point.put("seconds", (System.nanoTime() - start) / 1e9);
    }

    private void time(Trial trial, Phase phase, int number) throws Exception {
        long millis = Heap.collectingMillis();
        long start = cpuNanos();
        progress.during(connections, phase.name(), trial::done, () -> trial.run(phase, number));
        double each = (double) (cpuNanos() - start) / number;
        double collected = (Heap.collectingMillis() - millis) * 1e6 / number;
        nanos.computeIfAbsent(phase, p -> new ArrayList<>()).add(each);
        collecting.computeIfAbsent(phase, p -> new ArrayList<>()).add(collected);
    }

    private void put(String name, Heap heap) {
        point.put(name + ", library", (double) heap.library() / connections);
        point.put(name + ", simulation", (double) heap.simulation() / connections);
        point.put(name + ", JDK", (double) heap.rest() / connections);
        point.put(name + ", all", (double) heap.all() / connections);
        point.put(name + ", objects", (double) heap.objects() / connections);
    }

    private void bare() throws Exception {
        Bare bare = new Bare(connections);
        Heap empty = Heap.live();
        progress.during(connections, "without the library", bare::accepted, () -> bare.accept(connections));
        Heap held = Heap.live().minus(empty);
        bare.accepted(); // it must be alive until here
        double all = (double) held.all() / connections;
        point.put("bytes held without the library", all);
        point.put("bytes held by the library", point.get("bytes held, all") - all);
    }

    private void deadlines() throws Exception {
        Deadlines deadlines = new Deadlines(connections);
        deadlines.run(Phase.ARM, connections);
        long start = cpuNanos();
        progress.during(
                connections, "deadlines of a minute", deadlines::done, () -> deadlines.run(Phase.FIRE, connections));
        long took = cpuNanos() - start;
        deadlines.end();
        point.put("nanos deadline of a minute", (double) took / connections);
    }

    // ---- counts

    private void count() throws Exception {
        Trial crowd = CountingLoader.make(Crowd.class, connections);
        count(crowd, "accept", connections, Phase.ACCEPT);
        count(crowd, "wake-up", wakeUps, Phase.WAKE_UP);
        count(crowd, "deadline", connections, Phase.ARM, Phase.FIRE);
        crowd.end();
        Trial deadlines = CountingLoader.make(Deadlines.class, connections);
        deadlines.run(Phase.ARM, connections);
        Map<String, Long> before = Steps.now();
        progress.during(
                connections, "counting deadlines", deadlines::done, () -> deadlines.run(Phase.FIRE, connections));
        Counted counted = Counted.since(before, connections);
        point.put("deadline of a minute: timers touched", counted.figures().get("timers touched"));
        deadlines.end();
    }

    private void count(Trial trial, String per, int number, Phase... phases) throws Exception {
        Map<String, Long> before = Steps.now();
        for (Phase phase : phases) {
            progress.during(connections, "counting " + phase, trial::done, () -> trial.run(phase, number));
        }
        Counted counted = Counted.since(before, number);
        counted.figures().forEach((name, each) -> point.put(per + ": " + name, each));
        counted.byMethod().forEach((name, each) -> point.put(per + " in " + name, each));
    }

    // ---- the control

    private double chase(boolean scattered) {
        Chase chase = new Chase(connections, Math.round(point.get("bytes held, all")), scattered);
        List<Double> each = new ArrayList<>();
        long visited = chase.walk(wakeUps);
        for (int i = 0; i < CHASES; i++) {
            long start = cpuNanos();
            visited += chase.walk(wakeUps);
            each.add((double) (cpuNanos() - start) / wakeUps);
        }
        if (visited != (CHASES + 1L) * wakeUps * chase.length()) {
            throw new IllegalStateException(visited + " objects visited");
        }
        point.put("objects of the control", chase.length());
        return median(each);
    }

    // Of this thread: neither the collector's threads nor others on the machine are in it.
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(List<Double> figures) {
        double[] sorted = figures.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
