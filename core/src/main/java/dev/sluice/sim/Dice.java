// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/** Decides at each opportunity whether a fault happens, and counts those that did. */
final class Dice {
    private final Chance chance;
    private final EventLog log;
    private final Happenings happenings;
    private final long[] struck = new long[Fault.values().length];
    private final int[] forced = new int[Fault.values().length];
    private final long[] happened = new long[Fault.values().length];
    private Faults faults;

    Dice(Chance chance, EventLog log, Happenings happenings, Faults faults) {
        this.chance = chance;
        this.log = log;
        this.happenings = happenings;
        this.faults = faults;
    }

    void change(Faults newFaults) {
        faults = newFaults;
    }

    void force(Fault fault, int times) {
        forced[fault.ordinal()] += times;
    }

    boolean hits(Fault fault) {
        double probability = faults.probability(fault);
        if (forced[fault.ordinal()] > 0) {
            forced[fault.ordinal()]--;
        } else if (probability == 0 || !chance.hits(probability)) {
            return false;
        }
        if (!happenings.mayHappen(fault.toString(), ++struck[fault.ordinal()])) {
            return false;
        }
        happened[fault.ordinal()]++;
        log.begin("fault ").append(fault);
        log.end();
        return true;
    }

    /** {@code n}, or less if the fault happens: half of the time one, else anything. */
    int shortened(Fault fault, int n) {
        if (n <= 1 || !hits(fault)) {
            return n;
        }
        return chance.hits(0.5) ? 1 : 1 + chance.below(n - 1);
    }

    Chance chance() {
        return chance;
    }

    long happened(Fault fault) {
        return happened[fault.ordinal()];
    }
}
