// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/** Who holds a socket of the simulated kernel, and is told when what it could do with it may have changed. */
@FunctionalInterface
interface Owner {
    void changed();
}
