// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/**
 * What must hold at any time. Checked by the simulation after each turn that somebody took, so it should be cheap; give
 * it to {@link Simulation#check}.
 */
@FunctionalInterface
public interface Invariant {
    /**
     * Looks.
     *
     * @throws AssertionError if it doesn't hold; the message says what was seen
     */
    void check();
}
