// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.outbound.PortsExhausted;
import java.net.BindException;

/** Failures of a connector to connect that say nothing about whom it was to connect to. */
final class OwnTrouble {
    private OwnTrouble() {}

    /**
     * Whether that is one: its limit of connections is reached, it has no source port or no descriptor left, or it stops. Where
     * the kernel chooses the source ports, and has none left, it says that of the address.
     */
    static boolean is(Throwable connectFailure) {
        Throwable cause = connectFailure.getCause();
        return cause == null || cause instanceof PortsExhausted || cause instanceof BindException && isOfAddress(cause);
    }

    private static boolean isOfAddress(Throwable cause) { // and not a firewall's no
        String why = String.valueOf(cause.getMessage());
        return why.contains("assign requested address") || why.contains("in use");
    }
}
