// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.BackendConfig;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ListenerTls;
import dev.sluice.examples.proxy.Readings;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.UpstreamConfig;
import java.util.List;

/**
 * A proxy of one listener and one upstream in a few words, for the command line.
 *
 * @param listen {@code HOST:PORT}
 * @param certificates a PEM file, or null for no TLS
 * @param key the file of the key, null if {@code certificates} is
 * @param backends {@code HOST:PORT}, at least one
 * @param poolConnections to backends, as {@code [upstream.NAME.pool]} has it
 * @param topology as {@code [server]} has it
 * @param readers as {@code [server]} has it
 * @param connections as {@code [limits]} has it
 * @param admin {@code HOST:PORT} for the pages, or null
 * @param accessLog a file, or null
 */
public record L7Flags(
        String listen,
        String certificates,
        String key,
        List<String> backends,
        int poolConnections,
        String topology,
        int readers,
        int connections,
        String admin,
        String accessLog) {

    private static final String NAME = "main";

    L7Config config() {
        if ((certificates == null) != (key == null)) {
            throw new IllegalArgumentException("--cert and --key: both are needed for TLS");
        }
        ListenerTls tls =
                certificates == null ? null : new ListenerTls(List.of(new ListenerTls.Identity(certificates, key)));
        PoolConfig usual = PoolConfig.DEFAULTS;
        PoolConfig pool = new PoolConfig(
                Readings.option("--pool", Readings.number(1, 1_000_000), (long) poolConnections),
                usual.queue(),
                usual.longestWait(),
                usual.idle(),
                usual.age());
        return new L7Config(
                List.of(ListenerConfig.of(NAME, Readings.listenAddress(listen), List.of(), tls)),
                List.of(RouteConfig.allOf(List.of(NAME), NAME)),
                List.of(new L7UpstreamConfig(UpstreamConfig.of(NAME, BackendConfig.all(backends)), pool)),
                ForwardingConfig.DEFAULTS,
                HttpConfig.DEFAULTS,
                LimitsConfig.of(connections),
                DeadlinesConfig.DEFAULTS,
                ServerConfig.of(topology, readers, accessLog),
                admin == null ? null : Readings.option("--admin", Readings::listenAddress, admin));
    }
}
