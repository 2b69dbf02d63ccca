// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

/** What is measured, phase by phase. Public, for it is seen from two class loaders: see {@link CountingLoader}. */
public interface Trial {
    /** Goes through one phase; what {@code number} counts is said with the phases. */
    void run(Phase phase, int number) throws Exception;

    /** Ends what is left, and checks that nothing is. */
    void end() throws Exception;

    /** How much of the phase is done, for progress. Any thread. */
    int done();
}
