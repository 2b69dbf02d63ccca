// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Connector;
import dev.sluice.Protocol;
import dev.sluice.examples.proxy.Snapshot.BackendView;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import dev.sluice.frame.HeapOutput;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.tls.ClientTls;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendStatus;
import dev.sluice.upstream.Health;
import dev.sluice.upstream.HealthCheck;
import dev.sluice.upstream.HealthChecks;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.NoBackend;
import dev.sluice.upstream.Pick;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An upstream of the configuration, with the checks of its backends' health. Any thread. */
public final class LiveUpstream implements AutoCloseable {
    private final Upstream upstream;
    private final UpstreamCounts counts;
    private final HealthChecks checks; // null if no questions are asked
    private final SourceAddresses sources; // null for the kernel's choice
    private final ClientTls tls; // null for in clear
    private volatile UpstreamConfig config;

    private LiveUpstream(
            UpstreamConfig config,
            Upstream upstream,
            UpstreamCounts counts,
            HealthChecks checks,
            SourceAddresses sources,
            ClientTls tls) {
        this.config = config;
        this.upstream = upstream;
        this.counts = counts;
        this.checks = checks;
        this.sources = sources;
        this.tls = tls;
    }

    /** Begins; {@code sources} may be null, for the kernel's choice. */
    public static LiveUpstream start(UpstreamConfig config, UpstreamCounts counts, SourceAddresses sources)
            throws IOException {
        Upstream upstream = Upstream.builder(config.name())
                .backends(backends(config))
                .balancer(config.balance())
                .health(health(config))
                .slowStart(config.slowStart())
                .build();
        HealthCheck check = check(config);
        ClientTls tls = config.tls() == null ? null : config.tls().open(tlsPath(config));
        HealthChecks checks =
                check == null ? null : HealthChecks.start(upstream, check, protocol -> checking(config, protocol, tls));
        return new LiveUpstream(config, upstream, counts, checks, sources, tls);
    }

    private static String tlsPath(UpstreamConfig config) {
        return "upstream." + TomlText.key(config.name()) + ".tls";
    }

    private static Connector checking(UpstreamConfig config, Protocol<?> protocol, ClientTls tls) throws IOException {
        Connector.Builder builder = Connector.builder(protocol).name("checks-" + config.name());
        return tls == null ? builder.start() : builder.tls(tls).start();
    }

    private static Health health(UpstreamConfig config) {
        EjectionConfig ejection = config.ejection();
        Health usual = Health.defaults();
        boolean isLong = ejection.time().compareTo(usual.longestEjection()) > 0;
        return usual.withFailuresInRow(ejection.failures())
                .withFailurePercent(ejection.percent())
                .withEjection(ejection.time())
                .withLongestEjection(isLong ? ejection.time() : usual.longestEjection())
                .withMostEjectedPercent(ejection.most())
                .withPanicPercent(config.panic());
    }

    private static HealthCheck check(UpstreamConfig config) {
        HealthConfig health = config.health();
        String host = health.host().isEmpty() ? config.name() : health.host();
        HealthCheck check =
                switch (health.check()) {
                    case NONE -> null;
                    case CONNECT -> HealthCheck.connect();
                    case SEND_EXPECT -> HealthCheck.sendExpect(bytes(health.send()), bytes(health.expect()));
                    case HTTP -> HealthCheck.http(health.path(), host);
                };
        if (check == null) {
            return null;
        }
        return check.withInterval(health.interval())
                .withTimeout(health.timeout())
                .withRise(health.rise())
                .withFall(health.fall())
                .withPreface(preface(config.sendProxy()));
    }

    /** A backend that wants headers wants them of checks too: whose they are, nobody is told. */
    private static byte[] preface(ProxyVersion version) {
        if (version == null) {
            return new byte[0];
        }
        ProxyHeader header = version == ProxyVersion.V2 ? ProxyHeader.local() : ProxyHeader.unknown(version);
        ByteBuffer encoded = HeapOutput.encode(header, ProxyHeader::encode);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The backends that the configuration has, those of weight 0 left out. */
    public static List<Backend> backends(UpstreamConfig config) {
        return config.backends().stream()
                .filter(backend -> backend.weight() > 0)
                .map(backend ->
                        new Backend(backend.name(), backend.address().toPeer(), backend.weight(), config.connections()))
                .toList();
    }

    /** Whether it only needs another list, and goes on with all that it knows. */
    public boolean canBecome(UpstreamConfig other) {
        return config.isLike(other);
    }

    public void become(UpstreamConfig other) {
        config = other;
        List<Backend> backends = backends(other);
        if (!upstream.backends().equals(backends)) {
            upstream.backends(backends);
        }
    }

    public UpstreamConfig config() {
        return config;
    }

    /** The backends, to pick from without counting. */
    public Upstream upstream() {
        return upstream;
    }

    /** How backends are spoken to in TLS, or null for in clear. */
    public ClientTls tls() {
        return tls;
    }

    /**
     * Reads the files of its TLS again, if it has any. Connections stay as they are.
     *
     * @throws IOException if one can't be used; all stays as it was
     */
    void reloadFiles() throws IOException {
        if (tls != null) {
            config.tls().reload(tlsPath(config), tls);
        }
    }

    public SourceAddresses sources() {
        return sources;
    }

    public UpstreamCounts counts() {
        return counts;
    }

    /** Picks a backend, another than was tried before; null if there is none, which is counted. */
    public Lease pick(SocketAddress client, Lease tried) {
        Pick pick = upstream.pick(client, tried);
        if (pick instanceof Lease lease) {
            return lease;
        }
        counts.without((NoBackend) pick);
        return null;
    }

    public UpstreamView view() {
        return new UpstreamView(
                config.name(),
                upstream.isInPanic(),
                counts.retries.sum(),
                counts.without(),
                counts.bytesFromClients.sum(),
                counts.bytesFromBackends.sum(),
                upstream.status().stream().map(LiveUpstream::view).toList());
    }

    private static BackendView view(BackendStatus status) {
        return new BackendView(
                status.backend().name(),
                Ends.text(status.backend().address()),
                status.backend().weight(),
                Readings.label(status.state()),
                status.inStateFor(),
                status.active(),
                status.picked(),
                status.connected(),
                status.failed(),
                status.ejections(),
                status.lastFailure());
    }

    /** Asks no more questions. Connections that it was picked for are left alone. */
    @Override
    public void close() {
        if (checks != null) {
            checks.close();
        }
    }
}
