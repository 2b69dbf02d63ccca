// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One kind of reply, and what it costs in each of several arrangements, the first of which is what others are held to. */
final class Kind {
    private static final long MOST_COUNTED = 1 << 20; // of larger ones some are cut at the end of each window

    private final String name;
    private final String target;
    private final long bytes;
    private final int connections;
    private final List<Arrangement> arrangements;
    private final double[][] perSecond;
    private final double[][] micros;

    /**
     * Measures nothing yet.
     *
     * @param bytes of a reply's body
     */
    Kind(String name, String target, long bytes, int connections, int rounds, List<Arrangement> arrangements) {
        this.name = name;
        this.target = target;
        this.bytes = bytes;
        this.connections = connections;
        this.arrangements = arrangements;
        this.perSecond = new double[arrangements.size()][rounds];
        this.micros = new double[arrangements.size()][rounds];
    }

    /** Loads each arrangement once, the next round beginning with the next of them; a round below 0 is not counted. */
    void round(Wrk wrk, int round, int seconds) throws IOException, InterruptedException {
        int number = arrangements.size();
        for (int i = 0; i < number; i++) {
            int which = Math.floorMod(round + i, number);
            Arrangement arrangement = arrangements.get(which);
            double before = arrangement.cpuSeconds();
            Wrk.Window window = wrk.load("http://127.0.0.1:" + arrangement.port() + target, connections, seconds);
            double cpuSeconds = arrangement.cpuSeconds() - before;
            double replies = bytes > MOST_COUNTED ? (double) window.bytes() / bytes : window.requests();
            if (round >= 0) {
                perSecond[which][round] = replies / window.seconds();
                micros[which][round] = cpuSeconds * 1e6 / replies;
            }
        }
    }

    /** Its lines of the table of figures, each of which is worth something on this machine only. */
    String figures() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < arrangements.size(); i++) {
            lines.append(String.format(
                    Locale.ROOT,
                    "%-28s %-20s %,10.0f replies/s %10.1f us of processor time%n",
                    name,
                    arrangements.get(i).name(),
                    median(perSecond[i]),
                    median(micros[i])));
        }
        return lines.toString();
    }

    /** Its lines of the table of ratios. */
    String ratios() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < arrangements.size(); i++) {
            lines.append("| ")
                    .append(name)
                    .append(" | ")
                    .append(arrangements.get(i).name());
            lines.append(" | ").append(ratio(micros, i)).append(" | ").append(ratio(perSecond, i));
            lines.append(" |\n");
        }
        return lines.toString();
    }

    private static String ratio(double[][] values, int which) {
        if (which == 0) {
            return "1";
        }
        double[] ratios = new double[values[which].length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = values[which][round] / values[0][round];
        }
        Arrays.sort(ratios);
        return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", median(ratios), ratios[0], ratios[ratios.length - 1]);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
