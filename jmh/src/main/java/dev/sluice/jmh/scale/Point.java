// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.LinkedHashMap;
import java.util.Map;

/** All figures for one number of connections. */
record Point(int connections, Map<String, Double> figures) {
    Point(int connections) {
        this(connections, new LinkedHashMap<>());
    }

    void put(String name, double figure) {
        figures.put(name, figure);
    }

    double get(String name) {
        Double figure = figures.get(name);
        if (figure == null) {
            throw new IllegalArgumentException("no figure '" + name + "' among " + figures.keySet());
        }
        return figure;
    }
}
