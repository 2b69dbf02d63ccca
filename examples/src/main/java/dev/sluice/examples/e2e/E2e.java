// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.CloseReason;
import dev.sluice.Connector;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Both ends: a backend that sends each message back, and a client that sends some and wants as many replies. */
public final class E2e {
    private static final int PATIENCE_SECONDS = 30;

    private E2e() {}

    // snippet: server
    /** A backend, still to be started. */
    public static Server.Builder server(Endpoint endpoint, ServerKey key) {
        E2eHandler echo = (message, connection) -> connection.send(message);
        return Server.builder().listen(endpoint, E2eProtocol.server(key, echo));
    }
    // end snippet

    // snippet: client
    /** Asks a backend through whatever listens at an address. */
    public static List<ByteBuffer> ask(SocketAddress address, ClientTls tls, Trust trust, List<ByteBuffer> messages)
            throws IOException, InterruptedException {
        Asking asking = new Asking(messages);
        Connector.Builder builder = Connector.builder(E2eProtocol.client(trust, asking));
        try (Connector connector = (tls == null ? builder : builder.tls(tls)).start()) {
            connector.connect(address).whenComplete((connection, failure) -> {
                if (failure != null) {
                    asking.replies.completeExceptionally(failure);
                }
            });
            return asking.replies.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new IOException(words(e.getCause()), e.getCause());
        }
    }

    /** Sends everything, and is content when the peer has ended in order. */
    private static final class Asking implements E2eHandler {
        private final CompletableFuture<List<ByteBuffer>> replies = new CompletableFuture<>();
        private final List<ByteBuffer> received = new ArrayList<>();
        private final List<ByteBuffer> messages;

        private Asking(List<ByteBuffer> messages) {
            this.messages = messages;
        }

        @Override
        public void ready(E2eConnection connection) {
            messages.forEach(connection::send);
            connection.finish();
        }

        @Override
        public void received(ByteBuffer message, E2eConnection connection) {
            received.add(message);
        }

        @Override
        public void closed(E2eConnection connection, CloseReason reason) {
            if (connection.peerHasFinished()) {
                replies.complete(received);
            } else {
                replies.completeExceptionally(new IOException(words(reason)));
            }
        }
    }
    // end snippet

    private static String words(Throwable failure) {
        return failure instanceof TimeoutException
                ? "no answer for " + PATIENCE_SECONDS + " s"
                : String.valueOf(failure.getMessage());
    }

    private static String words(CloseReason reason) {
        E2eFailure failure = E2eFailure.of(reason);
        if (failure != null && reason instanceof CloseReason.BadFrame bad) {
            return failure + ": "
                    + (failure == E2eFailure.TRUNCATED
                            ? "the stream ended without its last record"
                            : bad.cause().what());
        }
        if (reason instanceof CloseReason.TlsFailed tls) {
            return "TLS_FAILED: " + tls.cause().getMessage();
        }
        return reason.kind().toString();
    }
}
