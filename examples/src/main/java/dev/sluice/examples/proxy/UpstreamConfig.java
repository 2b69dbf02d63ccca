// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.outbound.PortRange;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.upstream.Balancer;
import java.time.Duration;
import java.util.List;

/**
 * Backends that do the same.
 *
 * @param name as in {@code [upstream.NAME]}
 * @param backends at least one
 * @param balance which of them gets the next connection, each by its weight
 * @param slowStart time in which one that has become good comes to its full share; zero for at once
 * @param health how they are asked whether they live
 * @param ejection when one is left out for what happens to clients' connections
 * @param panic the percentage of good backends below which all are used all the same; 0 for never
 * @param retries how many other backends are tried after one that could not be connected to
 * @param sendProxy the version of the PROXY protocol that backends are told the client's address by, or null
 * @param connections to one backend at the same time
 * @param sources addresses and ports of this machine to connect from; empty for the kernel's choice
 * @param tls how backends are spoken to in TLS, or null for in clear
 */
public record UpstreamConfig(
        String name,
        List<BackendConfig> backends,
        Balancer balance,
        Duration slowStart,
        HealthConfig health,
        EjectionConfig ejection,
        int panic,
        int retries,
        ProxyVersion sendProxy,
        int connections,
        List<PortRange> sources,
        UpstreamTls tls) {

    private static final int DEFAULT_RETRIES = 2;
    private static final int DEFAULT_CONNECTIONS = 100_000;

    public UpstreamConfig {
        backends = List.copyOf(backends);
        sources = List.copyOf(sources);
    }

    public UpstreamConfig withSendProxy(ProxyVersion version) {
        return new UpstreamConfig(
                name,
                backends,
                balance,
                slowStart,
                health,
                ejection,
                panic,
                retries,
                version,
                connections,
                sources,
                tls);
    }

    /** Whether there is no difference but in the list of backends, and in what each new client asks for anew. */
    public boolean isLike(UpstreamConfig other) {
        return bare().equals(other.bare());
    }

    private UpstreamConfig bare() {
        return new UpstreamConfig(
                name, List.of(), balance, slowStart, health, ejection, panic, 0, sendProxy, 0, sources, tls);
    }

    /** The same with the defaults for everything else. */
    public static UpstreamConfig of(String name, List<BackendConfig> backends) {
        return new UpstreamConfig(
                name,
                backends,
                Balancer.TWO_RANDOM_CHOICES,
                Duration.ZERO,
                HealthConfig.NONE,
                EjectionConfig.DEFAULTS,
                0,
                DEFAULT_RETRIES,
                null,
                DEFAULT_CONNECTIONS,
                List.of(),
                null);
    }
}
