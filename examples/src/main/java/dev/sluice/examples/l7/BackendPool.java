// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.UpstreamConfig;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpForwarding;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProxy;
import dev.sluice.prelude.IpNetwork;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * Connections to backends that requests go over: one pool for each listener, and all of its routes that say the same
 * about it.
 */
final class BackendPool {
    /** What it is made from. While that stays the same, so do the connections. */
    record Key(
            LiveUpstream upstream,
            PoolConfig pool,
            String prefix,
            String replacement,
            String sendHost,
            Duration timeout,
            int retries,
            List<String> upgrades) {

        /** Of a route that leads to an upstream, and one of its paths. */
        static Key of(RouteConfig route, String path, LiveUpstream upstream, L7UpstreamConfig config) {
            UpstreamConfig at = config.at();
            return new Key(
                    upstream,
                    config.pool(),
                    route.replace() == null ? null : path,
                    route.replace(),
                    route.sendHost(),
                    route.timeout(),
                    route.retries() >= 0 ? route.retries() : at.retries(),
                    route.upgrades());
        }
    }

    private final Key key;
    private final String upstream; // its name
    private final HttpBackends backends;
    private final HttpProxy proxy;

    private BackendPool(Key key, String upstream, HttpBackends backends, HttpProxy proxy) {
        this.key = key;
        this.upstream = upstream;
        this.backends = backends;
        this.proxy = proxy;
    }

    static BackendPool of(Key key, HttpConfig http, ForwardingConfig forwarding) {
        PoolConfig pool = key.pool;
        HttpBackends.Builder builder = HttpBackends.builder(key.upstream.upstream())
                .pool(connections -> connections
                        .connections(pool.connections())
                        .queue(pool.queue())
                        .longestWait(pool.longestWait())
                        .longestIdle(pool.idle())
                        .oldestAge(pool.age()))
                .responseTimeout(key.timeout)
                .retries(key.retries)
                .upgrades(key.upgrades.toArray(String[]::new))
                .heldBytes(http.held())
                .limits(limits(http.head()).withBodyBytes(Long.MAX_VALUE));
        if (key.upstream.tls() != null) {
            builder.tls(key.upstream.tls());
        }
        if (key.sendHost != null) {
            builder.host(key.sendHost);
        }
        if (key.replacement != null) {
            builder.replacePrefix(key.prefix, key.replacement);
        }
        HttpBackends backends = builder.build();
        HttpProxy proxy = HttpProxy.to(backends).withForwarding(forwarding(forwarding));
        return new BackendPool(key, key.upstream.config().name(), backends, proxy);
    }

    /** Limits of heads; one line may be as long as the whole. */
    static HttpLimits limits(int head) {
        return HttpLimits.defaults()
                .withHeadBytes(head)
                .withRequestLineBytes(Math.max(32, head / 2))
                .withFieldBytes(Math.max(32, head / 2));
    }

    private static HttpForwarding forwarding(ForwardingConfig config) {
        HttpForwarding forwarding = HttpForwarding.defaults()
                .withXForwarded(config.xForwarded())
                .withForwarded(config.forwarded())
                .withVia(config.via().isEmpty() ? null : config.via());
        return config.trusted().isEmpty()
                ? forwarding
                : forwarding.withTrusted(client -> isIn(config.trusted(), client));
    }

    private static boolean isIn(List<IpNetwork> networks, InetAddress client) {
        for (int i = 0; i < networks.size(); i++) { // no iterator for each request
            if (networks.get(i).contains(client)) {
                return true;
            }
        }
        return false;
    }

    Key key() {
        return key;
    }

    String upstream() {
        return upstream;
    }

    HttpBackends backends() {
        return backends;
    }

    HttpProxy proxy() {
        return proxy;
    }
}
