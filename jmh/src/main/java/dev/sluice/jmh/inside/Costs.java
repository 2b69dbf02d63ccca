// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What was measured in each round, and two tables of it. */
final class Costs {
    private final Window[][] windows;

    /**
     * A way in a round.
     *
     * @param perSecond requests that were answered
     * @param balancerMicros processor time of one
     * @param backendMicros likewise
     * @param bytes that the backend has sent for one
     */
    record Window(double perSecond, double balancerMicros, double backendMicros, double bytes) {}

    Costs(int rounds) {
        windows = new Window[Way.values().length][rounds];
    }

    void add(Way way, int round, Window window) {
        windows[way.ordinal()][round] = window;
    }

    /** Figures, which are worth something on this machine only, and ratios to the first way. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Way way : Way.values()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-52s %,9.0f requests/s %8.1f us of the balancer's processor time, %8.1f us of the backend's%n",
                    way.told,
                    median(values(way, Window::perSecond)),
                    median(values(way, Window::balancerMicros)),
                    median(values(way, Window::backendMicros))));
        }
        text.append(
                "\n| way | balancer's processor time | backend's | requests per second | bytes from the backend |\n");
        text.append("|---|---|---|---|---|\n");
        for (Way way : Way.values()) {
            text.append("| ").append(way.told);
            text.append(" | ").append(ratio(way, Window::balancerMicros));
            text.append(" | ").append(ratio(way, Window::backendMicros));
            text.append(" | ").append(ratio(way, Window::perSecond));
            text.append(String.format(Locale.ROOT, " | %,.0f |%n", median(values(way, Window::bytes))));
        }
        return text.toString();
    }

    private double[] values(Way way, ToDoubleFunction<Window> value) {
        return Arrays.stream(windows[way.ordinal()]).mapToDouble(value).toArray();
    }

    private String ratio(Way way, ToDoubleFunction<Window> value) {
        if (way.ordinal() == 0) {
            return "1";
        }
        double[] ratios = values(way, value);
        double[] first = values(Way.values()[0], value);
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] /= first[i];
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
