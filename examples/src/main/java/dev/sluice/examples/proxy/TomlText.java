// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.prelude.ProxyVersion;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tomlj.Toml;

/** Writes a configuration as a file that reads the same, with the defaults filled in. */
public final class TomlText {
    private final StringBuilder text = new StringBuilder();

    /** With nothing written yet. */
    public TomlText() {}

    /** {@code [listener.NAME]} with its certificates. */
    public void listener(ListenerConfig listener) {
        header("[listener." + key(listener.name()) + "]");
        quoted("address", listener.address());
        put("connections", listener.connections());
        if (!listener.trusted().isEmpty()) {
            quoted("proxy-protocol", "required");
            putAll("trusted", listener.trusted());
        }
        if (listener.tls() != null) {
            listener.tls().write(this, listener.name());
        }
    }

    /** {@code [upstream.NAME]} with its tables. */
    public void upstream(UpstreamConfig upstream) {
        String name = "upstream." + key(upstream.name());
        header("[" + name + "]");
        quoted("balance", Readings.label(upstream.balance()));
        time("slow-start", upstream.slowStart());
        put("panic", upstream.panic());
        put("connections", upstream.connections());
        put("retries", upstream.retries());
        ProxyVersion version = upstream.sendProxy();
        if (version != null) {
            quoted("send-proxy", version.name().toLowerCase(Locale.ROOT));
        }
        putAll("source-addresses", upstream.sources());
        text.append("backends = [\n");
        for (BackendConfig backend : upstream.backends()) {
            text.append("    { address = ").append(quote(backend.address()));
            if (!backend.name().equals(backend.address().toString())) {
                text.append(", name = ").append(quote(backend.name()));
            }
            text.append(", weight = ").append(backend.weight()).append(" },\n");
        }
        text.append("]\n");
        if (upstream.tls() != null) {
            header("[" + name + ".tls]");
            upstream.tls().write(this);
        }
        health(name, upstream.health());
        header("[" + name + ".ejection]");
        EjectionConfig ejection = upstream.ejection();
        put("failures", ejection.failures());
        put("percent", ejection.percent());
        time("time", ejection.time());
        put("most", ejection.most());
    }

    private void health(String upstream, HealthConfig health) {
        header("[" + upstream + ".health]");
        quoted("check", Readings.label(health.check()));
        time("interval", health.interval());
        time("timeout", health.timeout());
        put("rise", health.rise());
        put("fall", health.fall());
        if (!health.send().isEmpty()) {
            quoted("send", health.send());
        }
        if (!health.expect().isEmpty()) {
            quoted("expect", health.expect());
        }
        if (health.check() == HealthConfig.Check.HTTP) {
            quoted("path", health.path());
        }
        if (!health.host().isEmpty()) {
            quoted("host", health.host());
        }
    }

    /** {@code [limits]}. */
    public void limits(LimitsConfig limits) {
        header("[limits]");
        put("connections", limits.connections());
        put("connections-per-source", limits.connectionsPerSource());
        put("accepts-per-second", limits.acceptsPerSecond());
        if (limits.memoryBytes() > 0) {
            quoted("memory", Readings.sizeText(limits.memoryBytes()));
        }
    }

    /** {@code [server]} and {@code [admin]}, which may be null. */
    public void server(ServerConfig server, HostPort admin) {
        header("[server]");
        quoted("topology", Readings.label(server.topology()));
        put("readers", server.readers());
        time("drain", server.drain());
        if (server.accessLog() != null) {
            quoted("access-log", server.accessLog());
        }
        if (admin != null) {
            header("[admin]");
            quoted("address", admin);
        }
    }

    /** The beginning of a table, with its brackets, behind an empty line. */
    public void header(String header) {
        text.append(text.length() == 0 ? "" : "\n").append(header).append('\n');
    }

    /** A key with a number or a flag, or whatever else needs no quotes. */
    public void put(String key, Object value) {
        text.append(key).append(" = ").append(value).append('\n');
    }

    /** A key with a text. */
    public void quoted(String key, Object value) {
        put(key, quote(value));
    }

    /** A key with a time. */
    public void time(String key, Duration duration) {
        quoted(key, Readings.durationText(duration));
    }

    /** A key with several texts, or nothing if there are none. */
    public void putAll(String key, List<?> values) {
        if (!values.isEmpty()) {
            put(key, values.stream().map(TomlText::quote).collect(Collectors.joining(", ", "[", "]")));
        }
    }

    private static String quote(Object value) {
        return "\"" + Toml.tomlEscape(value.toString()) + "\"";
    }

    /** A table's name as it stands in a header. */
    public static String key(String name) {
        return name.indexOf('.') >= 0 ? quote(name) : name;
    }

    /** All of it. */
    @Override
    public String toString() {
        return text.toString();
    }
}
