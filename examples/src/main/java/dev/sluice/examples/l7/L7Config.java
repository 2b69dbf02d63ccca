// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.HostPort;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ProxyConfig;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.UpstreamConfig;
import java.util.List;

/**
 * What the proxy is to do. {@code docs/l7-configuration.md} has the file that it is read from, its defaults and ranges.
 *
 * @param listeners where clients come from, at least one
 * @param routes where their requests go to
 * @param pools where backends are, and how they are reached, at least one
 * @param forwarding what they are told about clients
 * @param http how large requests may be
 * @param limits what is held at most
 * @param deadlines how long something may take
 * @param server threads, and the end
 * @param admin where the pages are, or null
 */
record L7Config(
        List<ListenerConfig> listeners,
        List<RouteConfig> routes,
        List<L7UpstreamConfig> pools,
        ForwardingConfig forwarding,
        HttpConfig http,
        LimitsConfig limits,
        DeadlinesConfig deadlines,
        ServerConfig server,
        HostPort admin)
        implements ProxyConfig {

    L7Config {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        pools = List.copyOf(pools);
    }

    @Override
    public List<UpstreamConfig> upstreams() {
        return pools.stream().map(L7UpstreamConfig::at).toList();
    }

    /** An upstream that is there. */
    L7UpstreamConfig upstream(String name) {
        return pools.stream()
                .filter(pool -> pool.at().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
