// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/**
 * What is tried in a simulation, from its first server to its last check. It is run again when it fails, to find a smaller
 * run that fails as well; so it has to make everything anew, and to take randomness from nowhere but the seed.
 *
 * @see Simulation.Builder#run
 */
@FunctionalInterface
public interface Scenario {
    /**
     * Runs it.
     *
     * @param sim a new simulation
     * @throws Exception an exception or an {@code AssertionError} is a failure
     */
    void run(Simulation sim) throws Exception;
}
