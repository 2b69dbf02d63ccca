// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.Readings;
import dev.sluice.examples.proxy.TomlText;

/** Writes a configuration as a file that reads the same, with the defaults filled in. */
final class ConfigText {
    private final TomlText out = new TomlText();

    private ConfigText() {}

    static String of(L7Config config) {
        ConfigText text = new ConfigText();
        config.entries().forEach(text::listener);
        config.routes().forEach(text::route);
        config.pools().forEach(text::upstream);
        text.forwarding(config.forwarding());
        text.http(config.http());
        text.out.limits(config.limits());
        text.deadlines(config.deadlines());
        text.out.server(config.server(), config.admin());
        return text.out.toString();
    }

    private void listener(L7ListenerConfig listener) {
        out.listener(listener.at());
        for (TlsConfig.Identity identity : listener.tls().identities()) {
            out.header("[[listener." + TomlText.key(listener.at().name()) + ".tls]]");
            out.quoted("cert", identity.certificates());
            out.quoted("key", identity.key());
        }
    }

    private void route(RouteConfig route) {
        out.header("[[route]]");
        out.putAll("listener", route.listeners());
        out.putAll("host", route.hosts());
        out.putAll("path", route.paths());
        if (route.upstream() == null) {
            out.put("refuse", true);
            return;
        }
        out.quoted("to", route.upstream());
        if (route.replace() != null) {
            out.quoted("replace", route.replace());
        }
        if (route.sendHost() != null) {
            out.quoted("send-host", route.sendHost());
        }
        out.time("timeout", route.timeout());
        if (route.retries() >= 0) {
            out.put("retries", route.retries());
        }
        out.putAll("upgrade", route.upgrades());
        if (route.body() >= 0) {
            out.quoted("body", Readings.sizeText(route.body()));
        }
    }

    private void upstream(L7UpstreamConfig upstream) {
        out.upstream(upstream.at());
        out.header("[upstream." + TomlText.key(upstream.at().name()) + ".pool]");
        out.put("connections", upstream.pool().connections());
        out.put("queue", upstream.pool().queue());
        out.time("wait", upstream.pool().longestWait());
        out.time("idle", upstream.pool().idle());
        out.time("age", upstream.pool().age());
    }

    private void forwarding(ForwardingConfig forwarding) {
        out.header("[forwarding]");
        out.put("x-forwarded", forwarding.xForwarded());
        out.put("forwarded", forwarding.forwarded());
        out.quoted("via", forwarding.via());
        out.putAll("trusted", forwarding.trusted());
    }

    private void http(HttpConfig http) {
        out.header("[http]");
        out.quoted("head", Readings.sizeText(http.head()));
        out.quoted("body", Readings.sizeText(http.body()));
        out.quoted("held", Readings.sizeText(http.held()));
    }

    private void deadlines(DeadlinesConfig deadlines) {
        out.header("[deadlines]");
        out.time("connect", deadlines.connect());
        out.time("handshake", deadlines.handshake());
        out.time("request", deadlines.request());
        out.time("idle", deadlines.idle());
        out.time("write-stall", deadlines.writeStall());
    }
}
