// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

/**
 * What was done in a moment of measuring, and what it took.
 *
 * @param machineCpuNanos processor time of everything on the machine, these included
 */
record Window(long items, long nanos, long serverCpuNanos, long loadCpuNanos, long machineCpuNanos) {

    double perSecond() {
        return items * 1e9 / nanos;
    }

    double serverCpuMicros() {
        return serverCpuNanos / 1e3 / items;
    }

    double serverBusy() {
        return (double) serverCpuNanos / nanos;
    }

    /** What neither took, in processors. */
    double othersBusy() {
        return Math.max(0, (double) (machineCpuNanos - serverCpuNanos - loadCpuNanos) / nanos);
    }

    double loadBusy() {
        return (double) loadCpuNanos / nanos;
    }
}
