// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.TomlText;

/** Writes a configuration as a file that reads the same, with the defaults filled in. */
final class ConfigText {
    private ConfigText() {}

    static String of(L4Config config) {
        TomlText out = new TomlText();
        config.listeners().forEach(out::listener);
        config.routes().forEach(route -> route(out, route));
        config.upstreams().forEach(out::upstream);
        out.limits(config.limits());
        deadlines(out, config.deadlines());
        out.server(config.server(), config.admin());
        return out.toString();
    }

    private static void route(TomlText out, RouteConfig route) {
        out.header("[[route]]");
        out.putAll("listener", route.listeners());
        out.putAll("sni", route.hosts());
        out.putAll("alpn", route.protocols());
        out.putAll("source", route.sources());
        if (!route.ports().isEmpty()) {
            out.put("port", route.ports());
        }
        if (route.upstream() == null) {
            out.put("refuse", true);
        } else {
            out.quoted("to", route.upstream());
        }
    }

    private static void deadlines(TomlText out, DeadlinesConfig deadlines) {
        out.header("[deadlines]");
        out.time("connect", deadlines.connect());
        out.time("hello", deadlines.hello());
        out.time("idle", deadlines.idle());
        out.time("write-stall", deadlines.writeStall());
    }
}
