// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.prelude.IpNetwork;
import java.util.List;

/**
 * Where clients come from.
 *
 * @param name as in {@code [listener.NAME]}
 * @param address a port of 0 is a free one
 * @param trusted the networks of proxies whose headers of the PROXY protocol are required; empty if that isn't spoken
 * @param connections how many it holds at most; others wait to be accepted
 */
public record ListenerConfig(String name, HostPort address, List<IpNetwork> trusted, int connections) {
    public static final int DEFAULT_CONNECTIONS = 100_000_000;

    public ListenerConfig {
        trusted = List.copyOf(trusted);
    }

    /** Its endpoint. A name is looked up here. */
    public Endpoint toEndpoint() {
        Endpoint endpoint = Endpoint.parse("tcp://" + address).withConnections(connections);
        if (trusted.isEmpty()) {
            return endpoint;
        }
        String[] networks = trusted.stream().map(IpNetwork::toString).toArray(String[]::new);
        return endpoint.withProxyProtocol(ProxyProtocol.requiredFrom(networks));
    }
}
