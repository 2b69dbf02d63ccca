// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.HostPattern;
import dev.sluice.prelude.IpNetwork;
import java.util.List;

/**
 * Where some clients go to: those for whom each list that isn't empty has something.
 *
 * @param listeners names of listeners that they came through
 * @param hosts names that their ClientHello may ask for
 * @param protocols protocols of ALPN, one of which it offers
 * @param sources networks that they may come from
 * @param ports of this machine that they may have connected to
 * @param upstream the name of the upstream that they go to, or null if they are refused
 */
record RouteConfig(
        List<String> listeners,
        List<HostPattern> hosts,
        List<String> protocols,
        List<IpNetwork> sources,
        List<Integer> ports,
        String upstream) {

    RouteConfig {
        listeners = List.copyOf(listeners);
        hosts = List.copyOf(hosts);
        protocols = List.copyOf(protocols);
        sources = List.copyOf(sources);
        ports = List.copyOf(ports);
    }

    /** All clients of those listeners. */
    static RouteConfig allOf(List<String> listeners, String upstream) {
        return new RouteConfig(listeners, List.of(), List.of(), List.of(), List.of(), upstream);
    }

    /** Whether it has to be known what the ClientHello says. */
    boolean asksHello() {
        return !hosts.isEmpty() || !protocols.isEmpty();
    }

    /** Whether clients of that listener may go this way. */
    boolean isFor(String listener) {
        return listeners.isEmpty() || listeners.contains(listener);
    }

    /** Whether no client is left for the other, if that is tried behind this. Networks are compared as they are written. */
    boolean covers(RouteConfig other) {
        return coversAll(listeners, other.listeners)
                && coversAll(protocols, other.protocols)
                && coversAll(sources, other.sources)
                && coversAll(ports, other.ports)
                && coversHosts(other);
    }

    private static <T> boolean coversAll(List<T> mine, List<T> others) {
        return mine.isEmpty() || !others.isEmpty() && mine.containsAll(others);
    }

    private boolean coversHosts(RouteConfig other) {
        return hosts.isEmpty()
                || !other.hosts.isEmpty()
                        && other.hosts.stream().allMatch(host -> hosts.stream().anyMatch(mine -> mine.covers(host)));
    }
}
