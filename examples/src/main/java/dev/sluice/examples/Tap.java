// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;

/**
 * Whoever stands between a client and a backend, and looks at everything that passes: a proxy that ends TLS, if its endpoint has a
 * certificate; a wire, if it has none. For showing who can read what. Unlike {@link dev.sluice.relay.Relay} it treats both
 * directions as one: when either ends, both do.
 */
public final class Tap {
    private Tap() {}

    /** Who sent it. */
    public enum From {
        /** The client, to the backend. */
        CLIENT,
        /** The backend, to the client. */
        BACKEND
    }

    /** Looks at what passes. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * Called on the connection's Reader.
         *
         * @param connection a number for each client that comes
         * @param bytes valid during the call; its position is not to be moved
         * @return what is passed on, which are these bytes unless it is to be something else
         */
        ByteBuffer passing(long connection, From from, ByteBuffer bytes);

        /** Told why a client couldn't be connected with the backend, on the connection's Reader; by default does nothing. */
        default void failed(long connection, Throwable why) {}
    }

    // snippet: tap
    /**
     * A tap, still to be started.
     *
     * @param endpoint ends TLS if it has a certificate
     * @param toBackend how it speaks TLS to the backend; null if not
     */
    public static Server.Builder server(
            Endpoint endpoint, SocketAddress backend, ClientTls toBackend, Watcher watcher) {
        return Server.builder().listen(endpoint, new Between(backend, toBackend, watcher));
    }
    // end snippet

    /** The two connections of a client. */
    private static final class Pair {
        private final Connection client;
        private Connection backend;

        private Pair(Connection client) {
            this.client = client;
        }

        private Connection other(Connection one) {
            return one == client ? backend : client;
        }
    }

    /** What is spoken on both. */
    private static final class Between implements DuplexProtocol<ByteBuffer> {
        private final SocketAddress address;
        private final ClientTls tls;
        private final Watcher watcher;
        private Connector connector; // set before the first client comes

        private Between(SocketAddress address, ClientTls tls, Watcher watcher) {
            this.address = Objects.requireNonNull(address, "backend");
            this.tls = tls;
            this.watcher = Objects.requireNonNull(watcher, "watcher");
        }

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        /** The two connections of a client have one thread, and the backend may speak first. */
        @Override
        public Set<Trait> traits() {
            return Set.of(
                    Trait.BOUND_TO_READER, Trait.PEER_MAY_BE_SILENT, Trait.READS_WHILE_UNSENT, Trait.RESETS_WHEN_CUT);
        }

        @Override
        public void starting(Server server) {
            connector = tls == null ? server.connector(this) : server.connector(this, tls);
        }

        @Override
        public void opened(Connection connection) {
            if (connection.attachment() instanceof Pair pair) {
                pair.backend = connection;
                if (pair.client.isOpen()) {
                    pair.client.resume();
                } else {
                    connection.abort();
                }
                return;
            }
            Pair pair = new Pair(connection);
            connection.attach(pair);
            connection.pause();
            connector.connect(null, address, pair).whenComplete((backend, failure) -> {
                if (failure != null) {
                    watcher.failed(connection.id(), failure);
                    connection.abort();
                }
            });
        }

        @Override
        public void received(ByteBuffer bytes, Connection from) {
            Pair pair = (Pair) from.attachment();
            Connection to = pair.other(from);
            to.send(watcher.passing(pair.client.id(), from == pair.client ? From.CLIENT : From.BACKEND, bytes));
            if (!to.isWritable()) {
                from.pause();
            }
        }

        @Override
        public void writable(Connection connection) {
            Connection from = ((Pair) connection.attachment()).other(connection);
            if (from != null) {
                from.resume();
            }
        }

        @Override
        public AfterGoodbye draining(Connection connection) {
            return AfterGoodbye.WAIT_FOR_PEER;
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            Connection other = ((Pair) connection.attachment()).other(connection);
            if (other == null) {
                return;
            }
            switch (reason.kind()) {
                case PEER_CLOSED, CLOSED_HERE -> other.close();
                default -> other.abort(); // what was cut must not look whole
            }
        }
    }

    /** Listens on the port that is the first argument, for a backend at HOST and PORT behind it, and prints what passes. */
    public static void main(String[] args) throws IOException {
        Watcher printing = (connection, from, bytes) -> {
            System.out.println(connection + " " + from + ": " + StandardCharsets.ISO_8859_1.decode(bytes.duplicate()));
            return bytes;
        };
        Server server = server(
                        Endpoint.tcp("127.0.0.1", Integer.parseInt(args[0])),
                        new InetSocketAddress(args[1], Integer.parseInt(args[2])),
                        null,
                        printing)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("listening on " + server.listeners().get(0));
    }
}
