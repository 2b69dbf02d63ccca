// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.frame.HeapOutput;
import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayTarget;
import dev.sluice.upstream.Lease;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** One client's way to a backend. There is one for as long as a relay lives, so it has no more than it needs. */
final class Way implements RelayTarget {
    private final OpenListener listener;
    private final LiveUpstream upstream;
    private final Lease lease;
    private final SocketAddress client;
    private final long key; // by which a backend is picked
    private final long startMillis;
    private final int retriesLeft;

    Way(
            OpenListener listener,
            LiveUpstream upstream,
            Lease lease,
            SocketAddress client,
            long key,
            long startMillis,
            int retriesLeft) {
        this.listener = listener;
        this.upstream = upstream;
        this.lease = lease;
        this.client = client;
        this.key = key;
        this.startMillis = startMillis;
        this.retriesLeft = retriesLeft;
    }

    String upstreamName() {
        return upstream.config().name();
    }

    SocketAddress client() {
        return client;
    }

    Lease lease() {
        return lease;
    }

    long startMillis() {
        return startMillis;
    }

    @Override
    public SocketAddress address() {
        return lease.backend().address();
    }

    @Override
    public SourceAddresses sources() {
        return upstream.sources();
    }

    @Override
    public ByteBuffer opening(Connection client) {
        ProxyVersion version = upstream.config().sendProxy();
        if (version == null) {
            return null;
        }
        ProxyHeader header = ProxyHeader.of(version, client.remoteAddress(), client.localAddress());
        return HeapOutput.encode(header, ProxyHeader::encode);
    }

    @Override
    public void connected(Connection backend) {
        lease.answered(); // more isn't known of a protocol that isn't read
    }

    @Override
    public RelayTarget failed(Throwable why) {
        if (isOurs(why)) {
            lease.ended(); // that says nothing of the backend
        } else {
            lease.failed(why);
        }
        if (why instanceof PortsExhausted || !isOurs(why)) {
            Lease next = retriesLeft > 0 ? upstream.pick(key, lease) : null;
            if (next != null) {
                upstream.counts().retries.increment();
                return new Way(listener, upstream, next, client, key, startMillis, retriesLeft - 1);
            }
        }
        listener.ended(this, null);
        return null;
    }

    /** Whether nothing was tried: no connection was left here, or no source port for this backend. */
    private static boolean isOurs(Throwable why) {
        return why instanceof PortsExhausted || why instanceof IOException && why.getCause() == null;
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
            upstream.counts().bytesFromClients.add(report.client().at().bytesRead());
            upstream.counts().bytesFromBackends.add(backendsEnd.at().bytesRead());
        }
        listener.ended(this, report);
    }

    /** Whether the backend has cut the connection before it has said a word. */
    private static boolean isFailure(CloseReason backendsEnd) {
        return switch (backendsEnd.kind()) {
            case PEER_RESET, IO_FAILED -> backendsEnd.at().bytesRead() == 0;
            default -> false;
        };
    }
}
