// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Objects;

/**
 * Messages that are encrypted and authenticated from client to backend, whatever stands between: proxies that end TLS see records
 * and can't open, change, leave out, repeat or reorder any without being noticed.
 *
 * <pre>{@code
 * Server.builder().listen(endpoint, E2eProtocol.server(key, (message, connection) -> connection.send(message)));
 * Connector.builder(E2eProtocol.client(Trust.pinned(serverKey), handler)).tls(toTheProxy).start().connect(address);
 * }</pre>
 */
public final class E2eProtocol implements DuplexProtocol<Opened> {
    private final ServerKey own;
    private final Trust trust;
    private final E2eHandler handler;

    private E2eProtocol(ServerKey own, Trust trust, E2eHandler handler) {
        this.own = own;
        this.trust = trust;
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    /** The server's side. */
    public static E2eProtocol server(ServerKey own, E2eHandler handler) {
        return new E2eProtocol(Objects.requireNonNull(own, "own"), null, handler);
    }

    /** The client's side: the protocol of a {@link dev.sluice.Connector}. */
    public static E2eProtocol client(Trust trust, E2eHandler handler) {
        return new E2eProtocol(null, Objects.requireNonNull(trust, "trust"), handler);
    }

    @Override
    public Framer<Opened> newFramer(int maxFrameBytes) {
        return new RecordFramer(maxFrameBytes);
    }

    @Override
    public void opened(Connection connection) throws GeneralSecurityException {
        Session session = own == null
                ? Session.ofClient(trust, RecordKey.RECORDS_PER_KEY)
                : Session.ofServer(own, RecordKey.RECORDS_PER_KEY);
        connection.attach(new E2eConnection(connection, connection.attachment(), session));
        if (own == null) {
            connection.send(ByteBuffer.wrap(session.hello()));
        }
    }

    @Override
    public void prepare(Framer<Opened> framer, Connection connection) {
        ((RecordFramer) framer).reads(of(connection).session());
    }

    @Override
    public void received(Opened opened, Connection connection) throws Exception {
        E2eConnection sealed = of(connection);
        switch (opened.kind()) {
            case READY -> {
                if (opened.bytes().length > 0) {
                    connection.send(ByteBuffer.wrap(opened.bytes()));
                }
                sealed.ready();
                handler.ready(sealed);
            }
            case MESSAGE -> handler.received(ByteBuffer.wrap(opened.bytes()), sealed);
            case LAST -> {
                if (!sealed.peerFinished()) {
                    handler.ended(sealed);
                }
            }
        }
    }

    /** The peer is told that this was all, so that the end doesn't look like one that somebody between has made. */
    @Override
    public AfterGoodbye draining(Connection connection) {
        if (!of(connection).isReady()) {
            return AfterGoodbye.END_WHEN_IDLE;
        }
        of(connection).finish();
        return AfterGoodbye.WAIT_FOR_PEER;
    }

    @Override
    public void closed(Connection connection, CloseReason reason) throws Exception {
        if (connection.attachment() instanceof E2eConnection sealed) {
            handler.closed(sealed, reason);
        }
    }

    private static E2eConnection of(Connection connection) {
        return (E2eConnection) connection.attachment();
    }
}
