// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.outbound.PortsExhausted;

/** Failures of a connector to connect that say nothing about whom it was to connect to. */
final class OwnTrouble {
    private OwnTrouble() {}

    /** Whether that is one: its limit of connections is reached, or it has no source port or no descriptor left. */
    static boolean is(Throwable connectFailure) {
        return connectFailure.getCause() == null || connectFailure.getCause() instanceof PortsExhausted;
    }
}
