// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects figures, round by round. */
final class Rows {
    private static final MathContext DIGITS = new MathContext(5);

    private final Map<List<String>, Row> rows = new LinkedHashMap<>();

    void add(String scenario, String subject, Window window) {
        add(scenario, subject, "perSecond", window.perSecond());
        add(scenario, subject, "serverCpuMicros", window.serverCpuMicros());
        add(scenario, subject, "serverBusy", window.serverBusy());
        add(scenario, subject, "loadBusy", window.loadBusy());
        add(scenario, subject, "othersBusy", window.othersBusy());
    }

    void add(String scenario, String subject, String figure, double value) {
        rows.computeIfAbsent(List.of(scenario, subject), key -> new Row(scenario, subject, new LinkedHashMap<>()))
                .figures()
                .computeIfAbsent(figure, key -> new ArrayList<>())
                .add(new BigDecimal(value).round(DIGITS).doubleValue());
    }

    /** In the order in which they came first. */
    List<Row> list() {
        return List.copyOf(rows.values());
    }
}
