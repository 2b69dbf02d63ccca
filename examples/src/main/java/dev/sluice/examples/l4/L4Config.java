// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.HostPort;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ProxyConfig;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.UpstreamConfig;
import java.util.List;
import java.util.Optional;

/**
 * What the proxy is to do. {@code docs/l4-configuration.md} has the file that it is read from, its defaults and ranges.
 *
 * @param listeners where clients come from, at least one
 * @param routes where they go to, in the order in which they are tried
 * @param upstreams where backends are, at least one
 * @param limits what is held at most
 * @param deadlines how long something may take
 * @param server threads, and the end
 * @param admin where the pages for people and scrapers are, or null for nowhere
 */
record L4Config(
        List<ListenerConfig> listeners,
        List<RouteConfig> routes,
        List<UpstreamConfig> upstreams,
        LimitsConfig limits,
        DeadlinesConfig deadlines,
        ServerConfig server,
        HostPort admin)
        implements ProxyConfig {

    L4Config {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        upstreams = List.copyOf(upstreams);
    }

    Optional<ListenerConfig> listener(String name) {
        return listeners.stream()
                .filter(listener -> listener.name().equals(name))
                .findFirst();
    }

    Optional<UpstreamConfig> upstream(String name) {
        return upstreams.stream()
                .filter(upstream -> upstream.name().equals(name))
                .findFirst();
    }
}
