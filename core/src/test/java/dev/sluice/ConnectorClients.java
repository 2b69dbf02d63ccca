// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.sim.RoughClient.Ends;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Callers that use a {@link Connector}: each connects, sends what must come back, ends its connection in one way or
 * another, and connects again, while there are calls left.
 */
final class ConnectorClients {
    private static final int CALLS = 12;

    private final Connector connector;
    private final List<SocketAddress> servers;
    private final Supplier<byte[]> requests;
    private final BooleanSupplier serverMayEnd;
    private final Whims whims;
    private final ServerInvariants invariants;
    private final List<Call> open = new ArrayList<>();
    private int callsLeft;
    private boolean stopped;
    private int underWay;
    private long heardInAll;

    /** {@code makeConnector} is given the protocol that they speak. */
    ConnectorClients(
            ConnectorMaker makeConnector,
            List<SocketAddress> servers,
            Supplier<byte[]> requests,
            BooleanSupplier serverMayEnd,
            Whims whims)
            throws IOException {
        this.servers = servers;
        this.requests = requests;
        this.serverMayEnd = serverMayEnd;
        this.whims = whims;
        this.invariants = whims.invariants;
        this.connector = makeConnector.make(new Speech());
    }

    interface ConnectorMaker {
        Connector make(Protocol<ByteBuffer> protocol) throws IOException;
    }

    Connector connector() {
        return connector;
    }

    void start(int callers) {
        callsLeft = callers * CALLS;
        for (int i = 0; i < callers; i++) {
            call();
        }
    }

    /** Ends what is open; nobody calls again. */
    void stop() {
        callsLeft = 0;
        stopped = true;
        List.copyOf(open).forEach(call -> call.connection.close());
    }

    /** Each connect has come to an end of some kind. */
    void atTheEnd() {
        if (underWay != 0 || !open.isEmpty()) {
            throw new AssertionError(underWay + " connects told no outcome, " + open.size() + " connections no end");
        }
    }

    long heard() {
        return heardInAll;
    }

    private void call() {
        if (callsLeft-- <= 0) {
            return;
        }
        underWay++;
        Call call = new Call();
        SocketAddress server = servers.get(whims.below(servers.size()));
        connector.connect(null, server, call).whenComplete((connection, failure) -> {
            underWay--;
            if (failure != null) {
                invariants.connectFailed(failure);
                whims.later(this::call);
            } else if (stopped) {
                connection.close();
            } else if (connection.isOpen() && whims.below(2) == 0) {
                call.ask(); // else a moment later
            } else {
                whims.later(call::ask);
            }
        });
    }

    /** One connection, and what was said on it. */
    private final class Call {
        private Connection connection;
        private Ends ends;
        private int wordsHeard; // of a refusal
        private byte[] sent = new byte[256];
        private int sentBytes;
        private int heard;

        void ask() {
            for (int i = whims.below(3); i >= 0; i--) {
                byte[] request = requests.get();
                if (!connection.send(ByteBuffer.wrap(request))) {
                    return;
                }
                if (sentBytes + request.length > sent.length) {
                    sent = Arrays.copyOf(sent, 2 * (sentBytes + request.length));
                }
                System.arraycopy(request, 0, sent, sentBytes, request.length);
                sentBytes += request.length;
            }
        }

        void hear(ByteBuffer part) {
            heardInAll += part.remaining();
            if (invariants.isRefused(ends)) {
                wordsHeard = invariants.hearWords(part, wordsHeard);
                return;
            }
            while (part.hasRemaining()) {
                if (heard == sentBytes || part.get() != sent[heard]) {
                    invariants.violated(connection + " heard what it had not sent, at " + heard);
                    return;
                }
                heard++;
            }
            if (heard == sentBytes) {
                goOn();
            }
        }

        private void goOn() {
            switch (whims.below(6)) {
                case 0 -> connection.close();
                case 1 -> whims.later(connection::abort);
                case 2 -> whims.onAWorker(this::ask);
                case 3 -> whims.later(this::ask);
                default -> ask();
            }
        }

        void closed(CloseReason reason) {
            boolean mayEnd = serverMayEnd.getAsBoolean() || invariants.isRefused(ends) || invariants.isEvicted(ends);
            if (reason instanceof CloseReason.PeerClosed && heard < sentBytes && !mayEnd) {
                invariants.violated(
                        connection + " was hung up on with " + (sentBytes - heard) + " bytes unanswered: " + reason);
            }
        }
    }

    private final class Speech implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            invariants.opened(connection);
            Call call = (Call) connection.attachment();
            call.connection = connection;
            call.ends = new Ends(connection.localAddress(), connection.remoteAddress());
            open.add(call);
        }

        @Override
        public void received(ByteBuffer part, Connection connection) {
            invariants.delivered(connection);
            whims.pauseSometimes(connection);
            ((Call) connection.attachment()).hear(part);
        }

        @Override
        public AfterGoodbye draining(Connection connection) {
            invariants.draining(connection);
            return AfterGoodbye.END_WHEN_IDLE;
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            invariants.closed(connection, reason);
            Call call = (Call) connection.attachment();
            open.remove(call);
            call.closed(reason);
            whims.later(ConnectorClients.this::call);
        }
    }
}
