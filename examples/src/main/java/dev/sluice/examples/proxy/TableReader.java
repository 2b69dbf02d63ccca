// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static java.time.Duration.ofHours;

import dev.sluice.prelude.IpNetwork;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Reads tables that both proxies have. What is wrong with them is noted. */
public final class TableReader {
    private enum ProxyMode {
        OFF,
        REQUIRED
    }

    private static final int LONGEST_PROTOCOL = 255; // RFC 7301, section 3.1

    private TableReader() {}

    /**
     * {@code [listener.NAME]}.
     *
     * @param anyProtocol whether its {@code tls} may say which protocols are spoken
     */
    public static ListenerConfig listener(String name, Fields table, boolean anyProtocol) {
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
        ListenerTls tls = ListenerTls.read(table, anyProtocol);
        table.end();
        return new ListenerConfig(name, address, trusted, connections, tls);
    }

    /** The name of a file. */
    public static String file(Object value) {
        String name = Readings.text(value);
        try {
            Path.of(name);
            return name;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(Quoted.of(name) + " is no name of a file", e);
        }
    }

    /** The key {@code alpn} of a table about TLS: what is offered, or spoken. */
    public static List<String> alpn(Fields table) {
        List<String> protocols = table.list("alpn", TableReader::protocol);
        if (new HashSet<>(protocols).size() < protocols.size()) {
            table.wrong("alpn", "one of them is there twice");
            return List.of();
        }
        return protocols;
    }

    private static String protocol(Object value) {
        String name = Readings.visibleText(value);
        if (name.length() > LONGEST_PROTOCOL) {
            throw Readings.wrong(value, "is longer than " + LONGEST_PROTOCOL + " characters");
        }
        return name;
    }

    /** Notes a table whose name is none. */
    static void checkName(String name, Fields table) {
        try {
            Readings.name(name);
        } catch (IllegalArgumentException e) {
            table.wrong(e.getMessage());
        }
    }

    /**
     * Reads one of some names.
     *
     * @param kind what they name, as {@code upstream}
     */
    public static Function<Object, String> oneOf(Set<String> names, String kind) {
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

    /** {@code [limits]}. */
    public static LimitsConfig limits(Fields table) {
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

    /** {@code [server]}. */
    public static ServerConfig server(Fields table) {
        ServerConfig usual = ServerConfig.DEFAULTS;
        ServerConfig server = new ServerConfig(
                table.get("topology", Readings.choice(ServerConfig.Kind.class), usual.topology()),
                table.get("readers", Readings.number(1, 1024), usual.readers()),
                table.get("drain", Readings.duration(Duration.ZERO, ofHours(24)), usual.drain()),
                table.get("access-log", Readings::text, null));
        table.end();
        return server;
    }

    /** {@code [admin]} of a file, or null if there is none. */
    public static HostPort admin(Fields file) {
        Fields table = file.table("admin");
        if (!file.has("admin")) {
            return null;
        }
        HostPort address = table.require(
                "address", Readings::listenAddress, "say where the pages are, as address = \"127.0.0.1:9090\"");
        table.end();
        return address;
    }
}
