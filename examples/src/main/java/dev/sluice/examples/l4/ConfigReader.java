// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;

import dev.sluice.examples.proxy.Destinations;
import dev.sluice.examples.proxy.Errors;
import dev.sluice.examples.proxy.Fields;
import dev.sluice.examples.proxy.HostPattern;
import dev.sluice.examples.proxy.HostPort;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.Readings;
import dev.sluice.examples.proxy.RouteEnd;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.TableReader;
import dev.sluice.examples.proxy.TakenAddresses;
import dev.sluice.examples.proxy.UpstreamConfig;
import dev.sluice.examples.proxy.UpstreamReader;
import dev.sluice.prelude.IpNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Makes a configuration of the file's tables, and notes all that is wrong with them. */
final class ConfigReader {
    private static final Function<Object, Duration> UP_TO_AN_HOUR = Readings.duration(ofMillis(10), ofHours(1));
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
        LimitsConfig limits = TableReader.limits(file.table("limits"));
        ServerConfig server = TableReader.server(file.table("server"));
        HostPort admin = TableReader.admin(file);
        file.end();

        UpstreamReader upstreamReader = new UpstreamReader(errors, true);
        List<ListenerConfig> listeners = new ArrayList<>();
        listenerTables.forEach((name, table) -> listeners.add(TableReader.listener(name, table, true)));
        List<UpstreamConfig> upstreams = new ArrayList<>();
        upstreamTables.forEach((name, table) -> upstreams.add(upstreamReader.read(name, table)));
        ConfigChecks checks = new ConfigChecks();
        List<RouteConfig> routes = new ArrayList<>();
        for (Fields table : routeTables) {
            int before = errors.size();
            RouteConfig route = route(table, listenerTables.keySet(), upstreamTables.keySet());
            routes.add(route);
            if (errors.size() == before) {
                checks.reachable(route, table);
            }
        }
        TakenAddresses.check(file, listenerTables, listeners, admin);
        List<String> without = Destinations.check(
                file,
                listenerTables,
                upstreamTables,
                name -> routes.stream().anyMatch(route -> route.isFor(name)),
                "clients");
        if (!without.isEmpty()) {
            routes.add(RouteConfig.allOf(without, upstreams.get(0).name()));
        }
        return new L4Config(listeners, routes, upstreams, limits, deadlines, server, admin);
    }

    private static RouteConfig route(Fields table, Set<String> listeners, Set<String> upstreams) {
        List<String> through = table.list("listener", TableReader.oneOf(listeners, "listener"));
        List<HostPattern> hosts = table.list("sni", HostPattern::parse);
        List<String> protocols = table.list("alpn", Readings::visibleText);
        List<IpNetwork> sources = table.list("source", Readings::network);
        List<Integer> ports = table.list("port", Readings.number(1, 65_535));
        RouteEnd end = RouteEnd.read(table, upstreams);
        table.end();
        return new RouteConfig(through, hosts, protocols, sources, ports, end.to());
    }

    private static DeadlinesConfig deadlines(Fields table) {
        DeadlinesConfig usual = DeadlinesConfig.DEFAULTS;
        DeadlinesConfig deadlines = new DeadlinesConfig(
                table.get("connect", UP_TO_AN_HOUR, usual.connect()),
                table.get("hello", UP_TO_AN_HOUR, usual.hello()),
                table.get("idle", DEADLINE, usual.idle()),
                table.get("write-stall", DEADLINE, usual.writeStall()));
        table.end();
        return deadlines;
    }
}
