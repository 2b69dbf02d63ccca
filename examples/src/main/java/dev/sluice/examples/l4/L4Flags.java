// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.BackendConfig;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.Readings;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.UpstreamConfig;
import dev.sluice.prelude.IpNetwork;
import dev.sluice.prelude.ProxyVersion;
import java.util.List;

/**
 * A proxy of one listener and one upstream in a few words, for the command line.
 *
 * @param listen {@code HOST:PORT}
 * @param backends {@code HOST:PORT}, at least one
 * @param sendProxy {@code off}, {@code v1} or {@code v2}
 * @param trusted networks of proxies whose PROXY headers are required; empty for none
 * @param topology as {@code [server]} has it
 * @param readers as {@code [server]} has it
 * @param connections as {@code [limits]} has it
 * @param admin {@code HOST:PORT} for the pages, or null
 * @param accessLog a file, or null
 */
public record L4Flags(
        String listen,
        List<String> backends,
        String sendProxy,
        List<String> trusted,
        String topology,
        int readers,
        int connections,
        String admin,
        String accessLog) {

    private static final String NAME = "main";

    L4Config config() {
        List<IpNetwork> networks = trusted.stream()
                .map(network -> Readings.option("--trusted", Readings::network, network))
                .toList();
        UpstreamConfig upstream =
                UpstreamConfig.of(NAME, BackendConfig.all(backends)).withSendProxy(version());
        return new L4Config(
                List.of(ListenerConfig.of(NAME, Readings.listenAddress(listen), networks, null)),
                List.of(RouteConfig.allOf(List.of(NAME), NAME)),
                List.of(upstream),
                LimitsConfig.of(connections),
                DeadlinesConfig.DEFAULTS,
                ServerConfig.of(topology, readers, accessLog),
                admin == null ? null : Readings.option("--admin", Readings::listenAddress, admin));
    }

    private ProxyVersion version() {
        return switch (sendProxy) {
            case "off" -> null;
            case "v1" -> ProxyVersion.V1;
            case "v2" -> ProxyVersion.V2;
            default -> throw new IllegalArgumentException("--send-proxy: " + sendProxy + " is none of off, v1, v2");
        };
    }
}
