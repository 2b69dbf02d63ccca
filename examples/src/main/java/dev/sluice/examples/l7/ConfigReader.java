// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

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
import dev.sluice.examples.proxy.UpstreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Makes a configuration of the file's tables, and notes all that is wrong with them. */
final class ConfigReader {
    private static final Function<Object, Duration> DEADLINE = Readings.duration(ofMillis(10), ofDays(365));
    private static final Function<Object, Duration> UP_TO_A_DAY = Readings.duration(ofMillis(10), ofDays(1));
    private static final Function<Object, Long> BODY = Readings.size(0, HttpConfig.MOST_BODY);

    private final Fields file;
    private final Errors errors;

    ConfigReader(Fields file, Errors errors) {
        this.file = file;
        this.errors = errors;
    }

    /** Whatever was wrong, something is returned; whoever calls looks at the errors first. */
    L7Config read() {
        Map<String, Fields> listenerTables = file.named("listener");
        List<Fields> routeTables = file.tables("route");
        Map<String, Fields> upstreamTables = file.named("upstream");
        ForwardingConfig forwarding = forwarding(file.table("forwarding"));
        HttpConfig http = http(file.table("http"));
        LimitsConfig limits = TableReader.limits(file.table("limits"));
        DeadlinesConfig deadlines = deadlines(file.table("deadlines"));
        ServerConfig server = TableReader.server(file.table("server"));
        HostPort admin = TableReader.admin(file);
        file.end();

        UpstreamReader upstreamReader = new UpstreamReader(errors, false);
        List<ListenerConfig> listeners = new ArrayList<>();
        listenerTables.forEach((name, table) -> listeners.add(TableReader.listener(name, table, false)));
        List<L7UpstreamConfig> upstreams = new ArrayList<>();
        upstreamTables.forEach((name, table) -> {
            PoolConfig pool = pool(table.table("pool"));
            upstreams.add(new L7UpstreamConfig(upstreamReader.read(name, table), pool));
        });
        ConfigChecks checks = new ConfigChecks(listenerTables.keySet());
        List<RouteConfig> routes = new ArrayList<>();
        for (Fields table : routeTables) {
            int before = errors.size();
            RouteConfig route = route(table, listenerTables.keySet(), upstreamTables.keySet());
            routes.add(route);
            if (errors.size() == before) {
                checks.route(route, table);
            }
        }
        TakenAddresses.check(file, listenerTables, listeners, admin);
        List<String> without = Destinations.check(
                file,
                listenerTables,
                upstreamTables,
                name -> routes.stream().anyMatch(route -> route.isFor(name)),
                "requests");
        if (!without.isEmpty()) {
            routes.add(RouteConfig.allOf(without, upstreams.get(0).at().name()));
        }
        return new L7Config(listeners, routes, upstreams, forwarding, http, limits, deadlines, server, admin);
    }

    // ---- routes

    private static RouteConfig route(Fields table, Set<String> listeners, Set<String> upstreams) {
        List<String> through = table.list("listener", TableReader.oneOf(listeners, "listener"));
        List<HostPattern> hosts = table.list("host", HostPattern::parse);
        List<String> paths = table.list("path", PathPrefix::parse);
        RouteEnd end = RouteEnd.read(table, upstreams);
        String replace = table.get("replace", PathPrefix::parse, null);
        String sendHost = table.get("send-host", PathPrefix::authority, null);
        Duration timeout = table.get("timeout", UP_TO_A_DAY, RouteConfig.DEFAULT_TIMEOUT);
        int retries = table.get("retries", Readings.number(0, 10), -1);
        List<String> upgrades = table.list("upgrade", PathPrefix::protocol);
        long body = table.get("body", BODY, -1L);
        if (end.refuses()) {
            for (String key : List.of("replace", "send-host", "timeout", "retries", "upgrade", "body")) {
                if (table.has(key)) {
                    table.wrong(key, "has no meaning where requests are refused");
                }
            }
        }
        if (!table.has("path")) {
            paths = List.of("/");
        }
        checkReplace(table, paths, replace);
        table.end();
        return new RouteConfig(through, hosts, paths, end.to(), replace, sendHost, timeout, retries, upgrades, body);
    }

    /** What is left behind the prefix has its slash in front, or hasn't. */
    private static void checkReplace(Fields table, List<String> paths, String replace) {
        for (String path : paths) {
            if (replace != null && path.endsWith("/") != replace.endsWith("/")) {
                table.wrong(
                        "replace",
                        "ends with a slash if the path does, which \"" + path + "\" "
                                + (path.endsWith("/") ? "does" : "doesn't"));
                return;
            }
        }
    }

    // ---- the rest

    private static PoolConfig pool(Fields table) {
        PoolConfig usual = PoolConfig.DEFAULTS;
        PoolConfig pool = new PoolConfig(
                table.get("connections", Readings.number(1, 1_000_000), usual.connections()),
                table.get("queue", Readings.number(0, 1_000_000), usual.queue()),
                table.get("wait", Readings.duration(ofMillis(1), ofHours(1)), usual.longestWait()),
                table.get("idle", DEADLINE, usual.idle()),
                table.get("age", DEADLINE, usual.age()));
        table.end();
        return pool;
    }

    private static ForwardingConfig forwarding(Fields table) {
        ForwardingConfig usual = ForwardingConfig.DEFAULTS;
        ForwardingConfig forwarding = new ForwardingConfig(
                table.get("x-forwarded", Readings::flag, usual.xForwarded()),
                table.get("forwarded", Readings::flag, usual.forwarded()),
                table.get("via", ConfigReader::pseudonym, usual.via()),
                table.list("trusted", Readings::network));
        table.end();
        return forwarding;
    }

    private static String pseudonym(Object value) {
        if (value instanceof String text && text.matches("[A-Za-z0-9_.-]{0,64}")) {
            return text;
        }
        throw Readings.wrong(value, "is no name of up to 64 letters, digits, underscores, dots and hyphens");
    }

    private static HttpConfig http(Fields table) {
        HttpConfig usual = HttpConfig.DEFAULTS;
        HttpConfig http = new HttpConfig(
                (int) (long) table.get("head", Readings.size(1 << 10, 1 << 20), (long) usual.head()),
                table.get("body", BODY, usual.body()),
                (int) (long) table.get("held", Readings.size(0, 1 << 30), (long) usual.held()));
        table.end();
        return http;
    }

    private static DeadlinesConfig deadlines(Fields table) {
        DeadlinesConfig usual = DeadlinesConfig.DEFAULTS;
        Function<Object, Duration> upToAnHour = Readings.duration(ofMillis(10), ofHours(1));
        DeadlinesConfig deadlines = new DeadlinesConfig(
                table.get("connect", upToAnHour, usual.connect()),
                table.get("handshake", upToAnHour, usual.handshake()),
                table.get("request", DEADLINE, usual.request()),
                table.get("idle", DEADLINE, usual.idle()),
                table.get("write-stall", DEADLINE, usual.writeStall()));
        table.end();
        return deadlines;
    }
}
