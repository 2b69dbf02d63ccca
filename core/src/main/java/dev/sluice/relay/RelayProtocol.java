// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.Server;
import dev.sluice.TcpOptions;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.prelude.ClientHelloReader;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Both sides of relays: what arrives on one connection of a {@link Pair} leaves on the other. */
final class RelayProtocol implements DuplexProtocol<Arrival> {
    private static final int INTERNAL_ERROR = 80; // RFC 8446, section 6
    private static final int UNRECOGNIZED_NAME = 112; // RFC 6066, section 3
    private static final Set<Trait> TRAITS =
            Set.of(Trait.BOUND_TO_READER, Trait.READS_WHILE_UNSENT, Trait.PEER_MAY_BE_SILENT);
    private static final Set<Trait> TRAITS_WITH_HELLO = Set.of(Trait.BOUND_TO_READER, Trait.READS_WHILE_UNSENT);

    private final RelayRouter router;
    private final boolean readsHello;
    private final TcpOptions options;
    private Server server;
    private Connector connector; // both set before the first client comes
    private final Map<SourceAddresses, Connector> fromSources =
            new ConcurrentHashMap<>(); // few, as whoever gives them promises

    RelayProtocol(RelayRouter router, boolean readsHello, TcpOptions options) {
        this.router = Objects.requireNonNull(router, "router");
        this.readsHello = readsHello;
        this.options = Objects.requireNonNull(options, "options");
    }

    @Override
    public Set<Trait> traits() {
        return readsHello ? TRAITS_WITH_HELLO : TRAITS;
    }

    @Override
    public void starting(Server itsServer) {
        if (server == itsServer) {
            return;
        }
        if (server != null) {
            throw new IllegalStateException("this relay protocol belongs to another server; make one for each");
        }
        server = itsServer;
        connector = itsServer.connector(this, options);
    }

    @Override
    public Framer<Arrival> newFramer(int maxFrameBytes) {
        return new RelayFramer(Math.min(maxFrameBytes, ClientHelloReader.MAX_BYTES));
    }

    @Override
    public void prepare(Framer<Arrival> framer, Connection connection) {
        ((RelayFramer) framer).looksForHello(readsHello && pair(connection).isToBeRouted());
    }

    private static Pair pair(Connection connection) {
        return (Pair) connection.attachment();
    }

    // ---- beginning

    @Override
    public void opened(Connection connection) throws Exception {
        if (connection.attachment() != null) {
            upstreamOpened(pair(connection), connection);
            return;
        }
        Pair pair = new Pair(connection);
        connection.attach(pair);
        if (!readsHello) {
            route(pair, new RelayRequest(connection, null));
        }
    }

    private void route(Pair pair, RelayRequest request) throws Exception {
        pair.client.pause();
        RelayTarget target = router.route(request);
        if (target == null) {
            refuse(pair.client, UNRECOGNIZED_NAME);
        } else {
            connect(pair, target);
        }
    }

    private void connect(Pair pair, RelayTarget target) {
        pair.target = target;
        CompletableFuture<Connection> upstream = from(target.sources()).connect(null, target.address(), pair);
        pair.connecting(upstream);
        upstream.whenComplete((connection, failure) -> {
            if (failure != null) {
                failed(pair, failure);
            }
        });
    }

    private Connector from(SourceAddresses sources) {
        return sources == null
                ? connector
                : fromSources.computeIfAbsent(sources, given -> server.connector(this, options, given));
    }

    private void failed(Pair pair, Throwable why) {
        if (pair.clientsEnd != null || pair.upstream() != null) {
            return; // it was given up, or has been open, and its end is told elsewhere
        }
        RelayTarget target = pair.target;
        pair.target = null;
        try {
            RelayTarget next = target.failed(why);
            if (next != null) {
                connect(pair, next);
                return;
            }
        } catch (Exception e) {
            why.addSuppressed(e);
        }
        refuse(pair.client, INTERNAL_ERROR);
    }

    private void upstreamOpened(Pair pair, Connection upstream) throws Exception {
        pair.upstream(upstream);
        if (pair.clientsEnd != null) {
            upstream.close();
            return;
        }
        ByteBuffer opening = pair.target.opening(pair.client);
        if (opening != null) {
            upstream.send(opening);
        }
        pair.target.connected(upstream);
        pair.client.resume();
    }

    // ---- bytes

    @Override
    public void received(Arrival arrival, Connection from) throws Exception {
        Pair pair = pair(from);
        if (arrival.hello != null) {
            route(pair, new RelayRequest(from, arrival.hello));
            return;
        }
        Connection to = pair.other(from);
        to.send(arrival.bytes);
        if (!to.isWritable()) {
            from.pause();
        }
    }

    @Override
    public void writable(Connection connection) {
        Connection from = pair(connection).other(connection);
        if (from != null) {
            from.resume();
        }
    }

    // ---- ending

    @Override
    public void inputEnded(Connection connection) {
        Connection to = pair(connection).other(connection);
        if (to == null) {
            connection.close();
        } else {
            to.endOutput();
        }
    }

    @Override
    public AfterGoodbye draining(Connection connection) {
        return AfterGoodbye.WAIT_FOR_PEER;
    }

    @Override
    public void closed(Connection connection, CloseReason reason) throws Exception {
        Pair pair = pair(connection);
        if (connection == pair.client) {
            pair.clientsEnd = reason;
            pair.cancel();
        } else {
            pair.upstreamsEnd = reason;
        }
        Connection other = pair.other(connection);
        boolean isLast = other == null || pair.clientsEnd != null && pair.upstreamsEnd != null;
        if (!isLast) {
            passOn(reason, other);
        } else if (pair.target != null) {
            RelayTarget target = pair.target;
            pair.target = null;
            target.ended(new RelayReport(pair.clientsEnd, pair.upstreamsEnd));
        }
    }

    // What was cut must not look whole to the other side.
    private static void passOn(CloseReason reason, Connection other) {
        boolean inOrder =
                switch (reason.kind()) {
                    case PEER_CLOSED, CLOSED_HERE, STOPPED -> true;
                    case DEADLINE_PASSED ->
                        reason instanceof CloseReason.DeadlinePassed passed
                                && passed.deadline() == CloseReason.Deadline.IDLE;
                    default -> false;
                };
        if (inOrder) {
            other.close();
        } else {
            other.abort();
        }
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        if (readsHello && reason instanceof CloseReason.BadFrame bad) {
            out.put(TlsAlerts.fatal(bad.cause().code()));
        }
    }

    private void refuse(Connection client, int alert) {
        if (readsHello) {
            client.send(TlsAlerts.fatal(alert));
        }
        client.close();
    }
}
