// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;

import dev.sluice.examples.proxy.HealthConfig.Check;
import dev.sluice.outbound.PortRange;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.upstream.Balancer;
import dev.sluice.upstream.Upstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code [upstream.NAME]} and what is in it. */
public final class UpstreamReader {
    private static final int MOST_PER_BACKEND = 1_000_000;

    private final Errors errors;
    private final boolean ownConnections;

    /**
     * Of one file.
     *
     * @param ownConnections whether each client has a connection of its own, so that keys about single connections are there
     */
    public UpstreamReader(Errors errors, boolean ownConnections) {
        this.errors = errors;
        this.ownConnections = ownConnections;
    }

    /** Reads one, and ends its table. */
    public UpstreamConfig read(String name, Fields table) {
        TableReader.checkName(name, table);
        UpstreamConfig usual = UpstreamConfig.of(name, List.of());
        UpstreamConfig upstream = new UpstreamConfig(
                name,
                backends(table),
                table.get("balance", Readings.choice(Balancer.class), usual.balance()),
                table.get("slow-start", Readings.duration(Duration.ZERO, ofHours(1)), usual.slowStart()),
                health(table),
                ejection(table.table("ejection"), usual.ejection()),
                table.get("panic", Readings.number(0, 100), usual.panic()),
                table.get("retries", Readings.number(0, 10), usual.retries()),
                ownConnections ? sendProxy(table) : null,
                table.get("connections", Readings.number(1, MOST_PER_BACKEND), usual.connections()),
                ownConnections ? sources(table) : List.of(),
                UpstreamTls.read(table));
        table.end();
        return upstream;
    }

    // ---- backends

    private List<BackendConfig> backends(Fields table) {
        if (!table.has("backends")) {
            table.wrong("backends", "missing; name at least one, as backends = [\"10.0.0.1:80\"]");
        }
        List<BackendConfig> backends = new ArrayList<>();
        Map<String, Value> names = new HashMap<>();
        Map<HostPort, Value> addresses = new HashMap<>();
        boolean anyWeight = false;
        for (Value value : table.values("backends")) {
            BackendConfig backend = backend(value);
            if (backend == null) {
                anyWeight = true; // nothing is known of it, and one error is enough
                continue;
            }
            anyWeight |= backend.weight() > 0;
            Value sameAddress = addresses.putIfAbsent(backend.address(), value);
            Value sameName = names.putIfAbsent(backend.name(), value);
            if (sameAddress != null) {
                twice(value, sameAddress, backend.address().toString());
            } else if (sameName != null) {
                twice(value, sameName, backend.name());
            }
            backends.add(backend);
        }
        if (!backends.isEmpty() && !anyWeight) {
            table.wrong("backends", "none has a weight above 0, so nobody could be let through");
        }
        if (backends.size() > Upstream.MAX_BACKENDS) {
            table.wrong("backends", "there are " + backends.size() + " and at most " + Upstream.MAX_BACKENDS);
        }
        return backends;
    }

    private void twice(Value value, Value earlier, String what) {
        int line = earlier.place().line();
        errors.add(value.place(), value.path(), Quoted.of(what) + " is there already, in line " + line);
    }

    private static BackendConfig backend(Value value) {
        if (!value.isTable()) {
            HostPort address = value.read(Readings::peerAddress, null);
            return address == null ? null : new BackendConfig(address.toString(), address, 1);
        }
        Fields table = value.table();
        HostPort address =
                table.require("address", Readings::peerAddress, "say where it is, as address = \"10.0.0.1:80\"");
        String name = table.get("name", Readings::name, String.valueOf(address));
        int weight = table.get("weight", Readings.number(0, 256), 1);
        table.end();
        return address == null ? null : new BackendConfig(name, address, weight);
    }

    // ---- health

    private static HealthConfig health(Fields upstream) {
        HealthConfig usual = HealthConfig.NONE;
        Fields table = upstream.table("health");
        if (!upstream.has("health")) {
            return usual;
        }
        Check check = table.get("check", Readings.choice(Check.class), Check.CONNECT);
        HealthConfig health = new HealthConfig(
                check,
                table.get("interval", Readings.duration(ofMillis(10), ofHours(1)), usual.interval()),
                table.get("timeout", Readings.duration(ofMillis(10), ofHours(1)), usual.timeout()),
                table.get("rise", Readings.number(1, 100), usual.rise()),
                table.get("fall", Readings.number(1, 100), usual.fall()),
                table.get("send", Readings::text, usual.send()),
                table.get("expect", Readings::text, usual.expect()),
                table.get("path", UpstreamReader::path, usual.path()),
                table.get("host", Readings::visibleText, usual.host()));
        if (check == Check.SEND_EXPECT && !table.has("expect")) {
            table.wrong("expect", "missing; say what a good answer begins with");
        }
        onlyFor(table, check, Check.SEND_EXPECT, "send", "expect");
        onlyFor(table, check, Check.HTTP, "path", "host");
        table.end();
        return health;
    }

    private static void onlyFor(Fields table, Check check, Check needed, String... keys) {
        for (String key : keys) {
            if (check != needed && table.has(key)) {
                table.wrong(key, "has no meaning unless check = \"" + Readings.label(needed) + "\"");
            }
        }
    }

    private static String path(Object value) {
        String text = Readings.visibleText(value);
        if (text.startsWith("/")) {
            return text;
        }
        throw Readings.wrong(value, "doesn't begin with a slash");
    }

    // ---- the rest

    private static List<PortRange> sources(Fields table) {
        List<PortRange> ranges = table.list("source-addresses", Readings::portRange);
        if (!ranges.isEmpty()) {
            try {
                SourceAddresses.of(ranges);
            } catch (IllegalArgumentException e) { // there are too many, or two have a port in common
                table.wrong("source-addresses", e.getMessage().replaceFirst("^sources: ", ""));
            }
        }
        return ranges;
    }

    private static EjectionConfig ejection(Fields table, EjectionConfig usual) {
        EjectionConfig ejection = new EjectionConfig(
                table.get("failures", Readings.number(0, 1_000_000), usual.failures()),
                table.get("percent", Readings.number(0, 100), usual.percent()),
                table.get("time", Readings.duration(ofMillis(1), ofHours(1)), usual.time()),
                table.get("most", Readings.number(0, 100), usual.most()));
        table.end();
        return ejection;
    }

    private enum SendProxy {
        OFF,
        V1,
        V2
    }

    private static ProxyVersion sendProxy(Fields table) {
        return switch (table.get("send-proxy", Readings.choice(SendProxy.class), SendProxy.OFF)) {
            case OFF -> null;
            case V1 -> ProxyVersion.V1;
            case V2 -> ProxyVersion.V2;
        };
    }
}
