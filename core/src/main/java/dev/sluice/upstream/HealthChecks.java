// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Connector;
import dev.sluice.Reader;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the backends of an {@link Upstream}, each by itself, on the Readers of a server or of a connector of its own:
 *
 * <pre>{@code
 * HealthCheck check = HealthCheck.http("/health", "web.example").withInterval(Duration.ofSeconds(2));
 * HealthChecks checks = HealthChecks.start(web, check, server::connector);
 * ..
 * checks.close(); // before the server is stopped
 * }</pre>
 *
 * <p>Backends that speak TLS are checked in it: {@code protocol -> server.connector(protocol, tls)}. A check of {@link
 * HealthCheck#connect} is good then when the handshake is over.
 *
 * <p>Backends that are added to the upstream are checked within a second, those that are gone no longer. A check for which there
 * is no connection, since the limits are reached here, says nothing. Its methods may be called from any thread.
 */
public final class HealthChecks implements AutoCloseable {
    private final Upstream upstream;
    private final HealthCheck check;
    private final Connector connector;

    // guarded by this
    private final Map<Member, CheckTarget> targets = new HashMap<>(); // not iterated in an order that matters
    private int nextReader;
    private boolean closed;

    private HealthChecks(Upstream upstream, HealthCheck check, Connector connector) {
        this.upstream = upstream;
        this.check = check;
        this.connector = connector;
    }

    /**
     * Begins to check.
     *
     * @throws IllegalStateException if the upstream is checked already
     * @throws IOException if {@code connectors} throws it
     */
    public static HealthChecks start(Upstream upstream, HealthCheck check, Connectors connectors) throws IOException {
        Ranges.present("upstream", upstream);
        Ranges.present("check", check);
        Connector connector = Ranges.present("connectors", connectors).connector(new CheckProtocol());
        HealthChecks checks = new HealthChecks(upstream, check, connector);
        if (!upstream.setChecks(null, checks)) {
            connector.close();
            throw new IllegalStateException("upstream " + upstream.name() + " is checked already");
        }
        checks.listChanged();
        return checks;
    }

    /** The upstream's list is another one. */
    synchronized void listChanged() {
        if (closed) {
            return;
        }
        List<Member> members = upstream.members();
        Set<Member> gone = new HashSet<>(targets.keySet());
        members.forEach(gone::remove);
        gone.forEach(member -> targets.remove(member).stop());
        for (Member member : members) {
            if (!targets.containsKey(member)) {
                CheckTarget target = new CheckTarget(member, check, connector, nextReader(), upstream.dice());
                targets.put(member, target);
                target.start();
            }
        }
    }

    private Reader nextReader() {
        List<Reader> readers = connector.readers();
        return readers.get(nextReader++ % readers.size());
    }

    /**
     * Ends all checks, and closes the connector, which does nothing if that is a server's. Backends that were down for checks
     * are up again.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            targets.values().forEach(CheckTarget::stop);
            targets.clear();
        }
        upstream.setChecks(this, null);
        connector.close();
    }
}
