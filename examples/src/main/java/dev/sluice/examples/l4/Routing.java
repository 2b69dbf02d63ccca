// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.HostPattern;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.IpNetwork;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a client goes to: the first route of its listener that takes it, or nowhere. A pure function of what is known of the
 * client; safe for any thread.
 */
final class Routing {
    private final Map<String, List<Tried>> byListener;

    private Routing(Map<String, List<Tried>> byListener) {
        this.byListener = byListener;
    }

    static Routing of(L4Config config) {
        return new Routing(config.listeners().stream()
                .collect(Collectors.toMap(ListenerConfig::name, listener -> tried(config.routes(), listener.name()))));
    }

    private static List<Tried> tried(List<RouteConfig> routes, String listener) {
        return routes.stream()
                .filter(route -> route.isFor(listener))
                .map(Tried::of)
                .toList();
    }

    /**
     * Whether some route of that listener asks for what a ClientHello says. Where none does, or TLS is ended anyway, none is waited for.
     */
    boolean needsHello(String listener) {
        return byListener.get(listener).stream().anyMatch(tried -> tried.route.asksHello());
    }

    /**
     * The name of the upstream, or null if the client is refused.
     *
     * @param listener the name of a listener of the configuration
     * @param hello what the client has said, or null if it isn't known, for which no route that asks for it is good
     * @param source the client's address, or null if it has none, for which no route that asks for networks is good
     * @param port of this machine that it has connected to
     */
    String upstream(String listener, ClientHello hello, InetAddress source, int port) {
        for (Tried tried : byListener.get(listener)) {
            if (tried.takes(hello, source, port)) {
                return tried.route.upstream();
            }
        }
        return null;
    }

    /** A route with its exact names at hand. */
    private record Tried(RouteConfig route, Set<String> exact, List<HostPattern> below) {

        static Tried of(RouteConfig route) {
            Set<String> exact = new HashSet<>();
            List<HostPattern> below = new ArrayList<>();
            for (HostPattern host : route.hosts()) {
                if (host.below()) {
                    below.add(host);
                } else {
                    exact.add(host.name());
                }
            }
            return new Tried(route, exact, below);
        }

        boolean takes(ClientHello hello, InetAddress source, int port) {
            return takesPort(port) && takesSource(source) && takesHost(hello) && takesProtocol(hello);
        }

        private boolean takesPort(int port) {
            return route.ports().isEmpty() || route.ports().contains(port);
        }

        private boolean takesSource(InetAddress source) {
            if (route.sources().isEmpty()) {
                return true;
            }
            for (IpNetwork network : route.sources()) {
                if (source != null && network.contains(source)) {
                    return true;
                }
            }
            return false;
        }

        private boolean takesHost(ClientHello hello) {
            if (route.hosts().isEmpty()) {
                return true;
            }
            String host = hello == null ? null : hello.serverName();
            return host != null && (exact.contains(host) || below.stream().anyMatch(pattern -> pattern.matches(host)));
        }

        private boolean takesProtocol(ClientHello hello) {
            return route.protocols().isEmpty()
                    || hello != null && route.protocols().stream().anyMatch(hello.protocols()::contains);
        }
    }
}
