// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.frame.HeapOutput;
import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayTarget;
import dev.sluice.tls.ClientTls;
import dev.sluice.upstream.Lease;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * The backend that one client is relayed to. There is one for as long as a relay lives, so it takes no more than 32 bytes: hence
 * the short numbers.
 */
final class BackendTarget implements RelayTarget {
    private static final int TICK_NANOS = 10_000_000;

    private final Path path;
    private final Lease lease;
    private final SocketAddress client; // which its channel has too
    private final int startTick; // wraps around, after 497 days
    private final byte retriesLeft;

    /** What the targets of many clients have in common. */
    record Path(L4Listener listener, LiveUpstream upstream) {}

    private BackendTarget(Path path, Lease lease, SocketAddress client, int startTick, int retriesLeft) {
        this.path = path;
        this.lease = lease;
        this.client = client;
        this.startTick = startTick;
        this.retriesLeft = (byte) retriesLeft;
    }

    /** The target of a client that has just come, or null if there is no backend, which is counted. */
    static BackendTarget of(Path path, SocketAddress client) {
        Lease lease = path.upstream.pick(client, null);
        int retries = path.upstream.config().retries();
        return lease == null ? null : new BackendTarget(path, lease, client, tick(), retries);
    }

    private static int tick() {
        return (int) (System.nanoTime() / TICK_NANOS);
    }

    String upstreamName() {
        return path.upstream.config().name();
    }

    SocketAddress client() {
        return client;
    }

    Lease lease() {
        return lease;
    }

    /** How long ago the client came, to 10 ms. */
    double seconds() {
        return Integer.toUnsignedLong(tick() - startTick) / 100.0;
    }

    @Override
    public SocketAddress address() {
        return lease.backend().address();
    }

    @Override
    public SourceAddresses sources() {
        return path.upstream.sources();
    }

    @Override
    public ClientTls tls() {
        return path.upstream.tls();
    }

    @Override
    public ByteBuffer opening(Connection client) {
        ProxyVersion version = path.upstream.config().sendProxy();
        if (version == null) {
            return null;
        }
        ProxyHeader header = ProxyHeader.of(version, client.remoteAddress(), client.localAddress());
        return HeapOutput.encode(header, ProxyHeader::encode);
    }

    @Override
    public void connected(Connection backend) {
        lease.connected();
        if (lease.isTrial()) {
            lease.answered(); // more isn't known while the relay lasts, and others shall not wait for its end
        }
    }

    @Override
    public RelayTarget failed(Throwable why) {
        lease.connectFailed(why);
        if (!isAtLimit(why)) {
            Lease next = retriesLeft > 0 ? path.upstream.pick(client, lease) : null;
            if (next != null) {
                path.upstream.counts().retries.increment();
                return new BackendTarget(path, next, client, startTick, retriesLeft - 1);
            }
        }
        path.listener.ended(this, null);
        return null;
    }

    /** Whether no connection was left here, so that there is none for another backend either. */
    private static boolean isAtLimit(Throwable why) {
        return why.getCause() == null && !(why instanceof PortsExhausted);
    }

    @Override
    public void ended(RelayReport report) {
        CloseReason backendsEnd = report.upstream();
        if (backendsEnd != null && isFailure(backendsEnd)) {
            lease.failed(new IOException(backendsEnd.kind().name()));
        } else {
            lease.ended();
        }
        if (backendsEnd != null) {
            path.upstream.counts().bytesFromClients.add(report.client().at().bytesRead());
            path.upstream.counts().bytesFromBackends.add(backendsEnd.at().bytesRead());
        }
        path.listener.ended(this, report);
    }

    /** Whether the backend has cut the connection before it has said a word. */
    private static boolean isFailure(CloseReason backendsEnd) {
        return switch (backendsEnd.kind()) {
            case PEER_RESET, IO_FAILED, TLS_FAILED, TLS_TRUNCATED ->
                backendsEnd.at().frames() == 0;
            default -> false;
        };
    }
}
