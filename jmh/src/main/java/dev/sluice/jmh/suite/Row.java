// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What was found of one subject in one scenario.
 *
 * @param figures by name, one value for each round
 */
record Row(String scenario, String subject, Map<String, List<Double>> figures) {

    double median(String name) {
        return median(values(name));
    }

    double min(String name) {
        return Arrays.stream(values(name)).min().orElse(Double.NaN);
    }

    double max(String name) {
        return Arrays.stream(values(name)).max().orElse(Double.NaN);
    }

    /** For each round this one's value divided by the other's. */
    double[] ratios(Row other, String name) {
        double[] mine = values(name);
        double[] others = other.values(name);
        double[] ratios = new double[Math.min(mine.length, others.length)];
        Arrays.setAll(ratios, i -> mine[i] / others[i]);
        return ratios;
    }

    private double[] values(String name) {
        return figures.getOrDefault(name, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
