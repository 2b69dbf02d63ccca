// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.net.SocketAddress;

/**
 * One server of an {@link Upstream}, as it is described; what has become of it is a {@link BackendStatus}.
 *
 * @param name what it is called in logs and figures, unique in its upstream; 1 to 255 characters, no control characters
 * @param address where it listens; it is handed to whoever connects, as it is
 * @param weight its share beside the others, 1 to 256
 * @param connections how many leases it may have at once, 1 to {@link Integer#MAX_VALUE}
 */
public record Backend(String name, SocketAddress address, int weight, int connections) {

    /** The heaviest. */
    public static final int MAX_WEIGHT = 256;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of its range; the message names it
     */
    public Backend {
        Ranges.name("backend.name", name);
        Ranges.present("backend.address", address);
        Ranges.check("backend.weight", weight, 1, MAX_WEIGHT);
        Ranges.check("backend.connections", connections, 1, Integer.MAX_VALUE);
    }

    /** Of weight 1, and as many connections as come. */
    public static Backend of(String name, SocketAddress address) {
        return new Backend(name, address, 1, Integer.MAX_VALUE);
    }

    /** The same with another weight, 1 to 256. */
    public Backend withWeight(int newWeight) {
        return new Backend(name, address, newWeight, connections);
    }

    /** The same with another limit of connections. */
    public Backend withConnections(int most) {
        return new Backend(name, address, weight, most);
    }

    boolean isSameAs(Backend other) {
        return name.equals(other.name) && address.equals(other.address);
    }
}
