// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts of work: for each method how often it was entered, and how often a loop in it went round. The classes that
 * {@link CountingLoader} has loaded count here. One thread only.
 */
public final class Steps {
    private static final int MOST_METHODS = 4096;

    /** Of the method number {@code i}: entries at {@code 2 * i}, rounds of its loops behind it. Public for those classes. */
    public static final long[] COUNTS = new long[2 * MOST_METHODS];

    private static final List<String> METHODS = new ArrayList<>();

    private Steps() {}

    /** Gives a method, such as {@code loop.Loop.dispatch}, its number. Methods of the same name share it. */
    static int number(String method) {
        int i = METHODS.indexOf(method);
        if (i >= 0) {
            return i;
        }
        if (METHODS.size() == MOST_METHODS) {
            throw new IllegalStateException("more than " + MOST_METHODS + " methods");
        }
        METHODS.add(method);
        return METHODS.size() - 1;
    }

    /** All counts; loops as {@code method loop}. */
    static Map<String, Long> now() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (int i = 0; i < METHODS.size(); i++) {
            counts.put(METHODS.get(i), COUNTS[2 * i]);
            counts.put(METHODS.get(i) + " loop", COUNTS[2 * i + 1]);
        }
        return counts;
    }
}
