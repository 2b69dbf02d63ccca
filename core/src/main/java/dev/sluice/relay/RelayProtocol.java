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
import dev.sluice.prelude.TlsAlert;
import dev.sluice.tls.ClientTls;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Both sides of relays: what arrives on one connection of a {@link Pair} leaves on the other. */
final class RelayProtocol implements DuplexProtocol<Arrival> {
    private static final Set<Trait> TRAITS =
            Set.of(Trait.BOUND_TO_READER, Trait.READS_WHILE_UNSENT, Trait.RESETS_WHEN_CUT, Trait.PEER_MAY_BE_SILENT);
    private static final Set<Trait> TRAITS_WITH_HELLO =
            Set.of(Trait.BOUND_TO_READER, Trait.READS_WHILE_UNSENT, Trait.RESETS_WHEN_CUT);

    private final RelayRouter router;
    private final boolean readsHello;
    private final TcpOptions options;
    private Server server;
    private Connector connector; // both set before the first client comes
    private final OtherConnectors otherConnectors;

    RelayProtocol(RelayRouter router, boolean readsHello, TcpOptions options) {
        this.router = Objects.requireNonNull(router, "router");
        this.readsHello = readsHello;
        this.options = Objects.requireNonNull(options, "options");
        this.otherConnectors = new OtherConnectors((sources, tls) -> server.connector(this, options, sources, tls));
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
        int most = readsHello ? maxFrameBytes : ClientHelloReader.MAX_BYTES; // what is no hello has no limit
        return new RelayFramer(Math.min(most, ClientHelloReader.MAX_BYTES));
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
            refuse(pair.client, TlsAlert.UNRECOGNIZED_NAME);
        } else {
            connect(pair, target);
        }
    }

    private void connect(Pair pair, RelayTarget target) throws Exception {
        pair.target = target;
        ByteBuffer opening = target.opening(pair.client);
        CompletableFuture<Connection> upstream = connector(target).connect(null, target.address(), pair, opening);
        pair.connecting(upstream);
        upstream.whenComplete((connection, failure) -> {
            if (failure != null) {
                failed(pair, failure);
            }
        });
    }

    private Connector connector(RelayTarget target) {
        SourceAddresses sources = target.sources();
        ClientTls tls = target.tls();
        return sources == null && tls == null ? connector : otherConnectors.of(sources, tls);
    }

    private void failed(Pair pair, Throwable why) {
        if (pair.isClientOver() || pair.upstream() != null) {
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
        } catch (Throwable e) { // nobody else would tell the client, which is paused
            if (e != why) {
                why.addSuppressed(e);
            }
        }
        refuse(pair.client, TlsAlert.INTERNAL_ERROR);
    }

    private void upstreamOpened(Pair pair, Connection upstream) throws Exception {
        pair.upstream(upstream);
        if (pair.isClientOver()) {
            upstream.abort();
            return;
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
        if (!to.send(arrival.bytes)) { // it is being ended, and what it got so far must not look whole
            to.abort();
            from.abort();
        } else if (!to.isWritable()) {
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

    /** No side of a relay is idle while the other one has not got all. */
    @Override
    public boolean endsIdle(Connection connection) {
        Connection other = pair(connection).other(connection);
        return other == null || other.unsentBytes() == 0;
    }

    @Override
    public void inputEnded(Connection connection) {
        Pair pair = pair(connection);
        pair.inputEnded(connection);
        Connection to = pair.other(connection);
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
        RelayReport report = pair.over(connection, reason);
        if (connection == pair.client) {
            pair.cancel();
        }
        if (report == null) {
            passOn(reason, pair, pair.other(connection));
        } else if (pair.target != null) {
            RelayTarget target = pair.target;
            pair.target = null;
            target.ended(report);
        }
    }

    // What was cut must not look whole to the other side. A peer that has closed while the other one still sent was
    // spoken to
    // in TLS 1.2, where the end of one stream is that of both: what the other one sent is lost.
    private static void passOn(CloseReason reason, Pair pair, Connection other) {
        if (reason.kind() == CloseReason.Kind.PEER_CLOSED && pair.hasInputEnded(other)) {
            return; // both streams have ended, and the other one ends once the rest has left
        }
        boolean inOrder =
                switch (reason.kind()) {
                    case CLOSED_HERE -> true;
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
            int code = bad.cause().code(); // 0 where the stream has ended in the middle
            out.put(TlsAlert.fatal(code == 0 ? TlsAlert.DECODE_ERROR : code));
        }
    }

    private void refuse(Connection client, int alert) {
        if (readsHello) {
            client.send(TlsAlert.fatal(alert));
        }
        client.close();
    }
}
