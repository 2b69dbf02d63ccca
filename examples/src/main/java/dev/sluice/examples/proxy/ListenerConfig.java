// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.prelude.IpNetwork;
import dev.sluice.tls.ServerTls;
import java.util.List;

/**
 * Where clients come from.
 *
 * @param name as in {@code [listener.NAME]}
 * @param address a port of 0 is a free one
 * @param trusted the networks of proxies whose headers of the PROXY protocol are required; empty if that isn't spoken
 * @param connections how many it holds at most; others wait to be accepted
 * @param tls its certificates if TLS ends here, or null
 */
public record ListenerConfig(String name, HostPort address, List<IpNetwork> trusted, int connections, ListenerTls tls) {
    public static final int DEFAULT_CONNECTIONS = 100_000_000;

    public ListenerConfig {
        trusted = List.copyOf(trusted);
    }

    /** A listener that holds as many as there is room for. */
    public static ListenerConfig of(String name, HostPort address, List<IpNetwork> trusted, ListenerTls tls) {
        return new ListenerConfig(name, address, trusted, DEFAULT_CONNECTIONS, tls);
    }

    /** Its endpoint without its TLS. A name is looked up here. */
    public Endpoint toEndpoint() {
        Endpoint endpoint = Endpoint.parse("tcp://" + address).withConnections(connections);
        if (trusted.isEmpty()) {
            return endpoint;
        }
        String[] networks = trusted.stream().map(IpNetwork::toString).toArray(String[]::new);
        return endpoint.withProxyProtocol(ProxyProtocol.requiredFrom(networks));
    }

    /**
     * Its endpoint, where so few clients are held that there is room for a connection to a backend for each, however many come at
     * once.
     *
     * @param opened what its {@link #tls} is when it has been read, or null
     */
    public Endpoint toEndpoint(LimitsConfig limits, ServerTls opened) {
        int clients = Math.min(connections, Math.max(1, limits.connections() / 2));
        Endpoint endpoint = toEndpoint().withConnections(clients);
        return opened == null ? endpoint : endpoint.withTls(opened);
    }
}
