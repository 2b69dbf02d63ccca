// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.prelude.IpNetwork;
import dev.sluice.prelude.ProxyVersion;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tomlj.Toml;

/** Writes a configuration as a file that reads the same, with the defaults filled in. */
final class ConfigText {
    private final StringBuilder text = new StringBuilder();

    private ConfigText() {}

    static String of(L4Config config) {
        ConfigText out = new ConfigText();
        config.listeners().forEach(out::listener);
        config.routes().forEach(out::route);
        config.upstreams().forEach(out::upstream);
        out.rest(config);
        return out.text.toString();
    }

    private void listener(ListenerConfig listener) {
        header("[listener." + key(listener.name()) + "]");
        put("address", quoted(listener.address()));
        put("connections", listener.connections());
        if (!listener.trusted().isEmpty()) {
            put("proxy-protocol", quoted("required"));
            putAll("trusted", listener.trusted());
        }
    }

    private void route(RouteConfig route) {
        header("[[route]]");
        putAll("listener", route.listeners());
        putAll("sni", route.hosts());
        putAll("alpn", route.protocols());
        putAll("source", route.sources().stream().map(IpNetwork::toString).toList());
        if (!route.ports().isEmpty()) {
            put("port", route.ports());
        }
        if (route.upstream() == null) {
            put("refuse", true);
        } else {
            put("to", quoted(route.upstream()));
        }
    }

    private void upstream(UpstreamConfig upstream) {
        String name = "upstream." + key(upstream.name());
        header("[" + name + "]");
        put("balance", quoted(Readings.label(upstream.balance())));
        put("slow-start", time(upstream.slowStart()));
        put("panic", upstream.panic());
        put("connections", upstream.connections());
        put("retries", upstream.retries());
        ProxyVersion version = upstream.sendProxy();
        put("send-proxy", quoted(version == null ? "off" : version.name().toLowerCase(Locale.ROOT)));
        putAll("source-addresses", upstream.sources());
        text.append("backends = [\n");
        for (BackendConfig backend : upstream.backends()) {
            text.append("    { address = ").append(quoted(backend.address()));
            if (!backend.name().equals(backend.address().toString())) {
                text.append(", name = ").append(quoted(backend.name()));
            }
            text.append(", weight = ").append(backend.weight()).append(" },\n");
        }
        text.append("]\n");
        health(name, upstream.health());
        header("[" + name + ".ejection]");
        EjectionConfig ejection = upstream.ejection();
        put("failures", ejection.failures());
        put("percent", ejection.percent());
        put("time", time(ejection.time()));
        put("most", ejection.most());
    }

    private void health(String upstream, HealthConfig health) {
        header("[" + upstream + ".health]");
        put("check", quoted(Readings.label(health.check())));
        put("interval", time(health.interval()));
        put("timeout", time(health.timeout()));
        put("rise", health.rise());
        put("fall", health.fall());
        if (!health.send().isEmpty()) {
            put("send", quoted(health.send()));
        }
        if (!health.expect().isEmpty()) {
            put("expect", quoted(health.expect()));
        }
        if (health.check() == HealthConfig.Check.HTTP) {
            put("path", quoted(health.path()));
        }
        if (!health.host().isEmpty()) {
            put("host", quoted(health.host()));
        }
    }

    private void rest(L4Config config) {
        header("[limits]");
        put("connections", config.limits().connections());
        put("connections-per-source", config.limits().connectionsPerSource());
        put("accepts-per-second", config.limits().acceptsPerSecond());
        if (config.limits().memoryBytes() > 0) {
            put("memory", quoted(Readings.sizeText(config.limits().memoryBytes())));
        }
        header("[deadlines]");
        put("connect", time(config.deadlines().connect()));
        put("hello", time(config.deadlines().hello()));
        put("idle", time(config.deadlines().idle()));
        put("write-stall", time(config.deadlines().writeStall()));
        header("[server]");
        put("topology", quoted(Readings.label(config.server().topology())));
        put("readers", config.server().readers());
        put("drain", time(config.server().drain()));
        if (config.server().accessLog() != null) {
            put("access-log", quoted(config.server().accessLog()));
        }
        if (config.admin() != null) {
            header("[admin]");
            put("address", quoted(config.admin()));
        }
    }

    private void header(String header) {
        text.append(text.length() == 0 ? "" : "\n").append(header).append('\n');
    }

    private void put(String key, Object value) {
        text.append(key).append(" = ").append(value).append('\n');
    }

    private void putAll(String key, List<?> values) {
        if (!values.isEmpty()) {
            put(key, values.stream().map(ConfigText::quoted).collect(Collectors.joining(", ", "[", "]")));
        }
    }

    private static String time(Duration duration) {
        return quoted(Readings.durationText(duration));
    }

    private static String quoted(Object value) {
        return "\"" + Toml.tomlEscape(value.toString()) + "\"";
    }

    private static String key(String name) {
        return name.indexOf('.') >= 0 ? quoted(name) : name;
    }
}
