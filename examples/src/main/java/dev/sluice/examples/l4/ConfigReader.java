// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;

import dev.sluice.prelude.IpNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Makes a configuration of the file's tables, and notes all that is wrong with them. */
final class ConfigReader {
    private static final Function<Object, Duration> DEADLINE = Readings.duration(ofMillis(10), ofDays(365));

    private final Fields file;
    private final Errors errors;

    ConfigReader(Fields file, Errors errors) {
        this.file = file;
        this.errors = errors;
    }

    /** Whatever was wrong, something is returned; whoever calls looks at the errors first. */
    L4Config read() {
        Map<String, Fields> listenerTables = file.named("listener");
        List<Fields> routeTables = file.tables("route");
        Map<String, Fields> upstreamTables = file.named("upstream");
        DeadlinesConfig deadlines = deadlines(file.table("deadlines"));
        LimitsConfig limits = limits(file.table("limits"));
        ServerConfig server = server(file.table("server"));
        Fields adminTable = file.table("admin");
        HostPort admin = admin(adminTable);
        file.end();

        UpstreamReader upstreamReader = new UpstreamReader(errors);
        List<ListenerConfig> listeners = new ArrayList<>();
        listenerTables.forEach((name, table) -> listeners.add(listener(name, table)));
        List<UpstreamConfig> upstreams = new ArrayList<>();
        upstreamTables.forEach((name, table) -> upstreams.add(upstreamReader.read(name, table)));
        ConfigChecks checks = new ConfigChecks(file, listenerTables, upstreamTables);
        List<RouteConfig> routes = new ArrayList<>();
        for (Fields table : routeTables) {
            int before = errors.size();
            RouteConfig route = route(table, listenerTables.keySet(), upstreamTables.keySet());
            routes.add(route);
            if (errors.size() == before) {
                checks.reachable(route, table);
            }
        }
        checks.listeners(listeners, admin, adminTable);
        checks.destinations(routes).ifPresent(routes::add);
        return new L4Config(listeners, routes, upstreams, limits, deadlines, server, admin);
    }

    private ListenerConfig listener(String name, Fields table) {
        checkName(name, table);
        HostPort address =
                table.require("address", Readings::listenAddress, "say where to listen, as address = \"*:443\"");
        int connections = table.get(
                "connections",
                Readings.number(1, ListenerConfig.DEFAULT_CONNECTIONS),
                ListenerConfig.DEFAULT_CONNECTIONS);
        ProxyMode mode = table.get("proxy-protocol", Readings.choice(ProxyMode.class), ProxyMode.OFF);
        List<IpNetwork> trusted = table.list("trusted", Readings::network);
        if (mode == ProxyMode.REQUIRED && !table.has("trusted")) {
            table.wrong("trusted", "missing; with proxy-protocol, say whose headers are believed, as \"10.0.0.0/8\"");
        }
        if (mode == ProxyMode.OFF && table.has("trusted")) {
            table.wrong("trusted", "nobody's headers are read unless proxy-protocol = \"required\"");
        }
        table.end();
        return new ListenerConfig(name, address, trusted, connections);
    }

    private enum ProxyMode {
        OFF,
        REQUIRED
    }

    private static void checkName(String name, Fields table) {
        try {
            Readings.name(name);
        } catch (IllegalArgumentException e) {
            table.wrong(e.getMessage());
        }
    }

    private RouteConfig route(Fields table, Set<String> listeners, Set<String> upstreams) {
        List<String> through = table.list("listener", oneOf(listeners, "listener"));
        List<HostPattern> hosts = table.list("sni", HostPattern::parse);
        List<String> protocols = table.list("alpn", Readings::visibleText);
        List<IpNetwork> sources = table.list("source", Readings::network);
        List<Integer> ports = table.list("port", Readings.number(1, 65_535));
        String to = table.get("to", oneOf(upstreams, "upstream"), null);
        boolean refuse = table.get("refuse", Readings::flag, false);
        if (table.has("to") && refuse) {
            table.wrong("refuse", "a route leads to an upstream or refuses, not both");
        }
        if (!table.has("to") && !refuse) {
            table.wrong("to", "missing; name an upstream, or say refuse = true");
        }
        table.end();
        return new RouteConfig(through, hosts, protocols, sources, ports, to);
    }

    private static Function<Object, String> oneOf(Set<String> names, String kind) {
        return value -> {
            if (value instanceof String name && names.contains(name)) {
                return name;
            }
            String meant = value instanceof String name
                    ? Nearest.to(name, names)
                            .map(near -> "; did you mean \"" + near + "\"?")
                            .orElse("")
                    : "";
            throw Readings.wrong(value, "is no " + kind + " of this file" + meant);
        };
    }

    private static LimitsConfig limits(Fields table) {
        LimitsConfig usual = LimitsConfig.DEFAULTS;
        Function<Object, Integer> connections = Readings.number(1, LimitsConfig.MOST_CONNECTIONS);
        LimitsConfig limits = new LimitsConfig(
                table.get("connections", connections, usual.connections()),
                table.get("connections-per-source", connections, usual.connectionsPerSource()),
                table.get(
                        "accepts-per-second", Readings.number(1, LimitsConfig.MOST_ACCEPTS), usual.acceptsPerSecond()),
                table.get("memory", Readings.size(1L << 20, 1L << 40), usual.memoryBytes()));
        table.end();
        return limits;
    }

    private static DeadlinesConfig deadlines(Fields table) {
        DeadlinesConfig usual = DeadlinesConfig.DEFAULTS;
        DeadlinesConfig deadlines = new DeadlinesConfig(
                table.get("connect", Readings.duration(ofMillis(10), ofHours(1)), usual.connect()),
                table.get("hello", DEADLINE, usual.hello()),
                table.get("idle", DEADLINE, usual.idle()),
                table.get("write-stall", DEADLINE, usual.writeStall()));
        table.end();
        return deadlines;
    }

    private static ServerConfig server(Fields table) {
        ServerConfig usual = ServerConfig.DEFAULTS;
        ServerConfig server = new ServerConfig(
                table.get("topology", Readings.choice(ServerConfig.Kind.class), usual.topology()),
                table.get("readers", Readings.number(1, 1024), usual.readers()),
                table.get("drain", Readings.duration(Duration.ZERO, ofHours(24)), usual.drain()),
                table.get("access-log", Readings::text, null));
        table.end();
        return server;
    }

    private HostPort admin(Fields table) {
        if (!file.has("admin")) {
            return null;
        }
        HostPort address = table.require(
                "address", Readings::listenAddress, "say where the pages are, as address = \"127.0.0.1:9090\"");
        table.end();
        return address;
    }
}
