// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.prelude.IpNetwork;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * From whom an {@link Endpoint} takes headers of the PROXY protocol. It then takes nothing else: each connection has to
 * come from one of these networks and to begin with a header, or it ends. So nobody can say that he is somebody else,
 * and nobody's first bytes are taken for a header. A value of this class never changes.
 *
 * <pre>{@code
 * Endpoint.tcp(8080).withProxyProtocol(ProxyProtocol.requiredFrom("10.0.0.0/24"))
 * }</pre>
 */
public final class ProxyProtocol {
    private final List<IpNetwork> networks;

    private ProxyProtocol(List<IpNetwork> networks) {
        this.networks = networks;
    }

    /**
     * Headers of both versions, from these networks. Processes of this machine that come by a Unix domain socket are trusted as
     * well: the permissions of its file say who they are.
     *
     * @param networks as {@link IpNetwork#parse} reads them; one or more
     * @throws IllegalArgumentException if one of them is something else, or there is none
     */
    public static ProxyProtocol requiredFrom(String... networks) {
        Check.present("proxyProtocol.networks", networks);
        Check.range("proxyProtocol.networks", networks.length, 1, 10_000);
        return new ProxyProtocol(Stream.of(networks).map(IpNetwork::parse).toList());
    }

    /** As {@link Endpoint#parse} reads them. */
    String networks() {
        return networks.stream().map(IpNetwork::toString).collect(Collectors.joining(","));
    }

    boolean trusts(SocketAddress proxy) {
        return !(proxy instanceof InetSocketAddress inet)
                || networks.stream().anyMatch(network -> network.contains(inet.getAddress()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProxyProtocol o && networks.equals(o.networks);
    }

    @Override
    public int hashCode() {
        return networks.hashCode();
    }

    @Override
    public String toString() {
        return "PROXY protocol from " + networks;
    }
}
