// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.restart;

import java.util.Map;
import java.util.TreeMap;

/** How many requests were asked, answered and lost, and how they were. Any thread. */
final class Tally {
    private long asked;
    private long answered;
    private final Map<String, Integer> lost = new TreeMap<>();

    synchronized void asked() {
        asked++;
    }

    synchronized void answered() {
        answered++;
    }

    synchronized void lost(String how) {
        lost.merge(how, 1, Integer::sum);
    }

    synchronized long lost() {
        return lost.values().stream().mapToLong(number -> number).sum();
    }

    /** Those that are over, one way or the other. */
    synchronized long done() {
        return answered + lost();
    }

    @Override
    public synchronized String toString() {
        return String.format("%d requests asked, %d answered, %d lost", asked, answered, lost())
                + (lost.isEmpty() ? "" : " " + lost);
    }
}
