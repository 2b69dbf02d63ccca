// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import java.util.concurrent.CompletableFuture;

/**
 * The two connections of a relay, to which it is attached. There are as many as there are relayed clients, so it has no more
 * than it must. Their Reader's thread only.
 */
final class Pair {
    final Connection client;
    RelayTarget target; // null before there is one, and when it was told the end
    private Object upstream; // the Connection; before there is one, the future of it, or null
    CloseReason clientsEnd;
    CloseReason upstreamsEnd;

    Pair(Connection client) {
        this.client = client;
    }

    /** The backend's connection, or null. */
    Connection upstream() {
        return upstream instanceof Connection connection ? connection : null;
    }

    void upstream(Connection connection) {
        upstream = connection;
    }

    void connecting(CompletableFuture<Connection> future) {
        if (!(upstream instanceof Connection)) { // it may be there at once
            upstream = future;
        }
    }

    /** Gives up connecting, if that is what is going on. */
    void cancel() {
        if (upstream instanceof CompletableFuture<?> future) {
            upstream = null;
            future.cancel(false);
        }
    }

    /** Whether it has not been decided yet where it goes. */
    boolean isToBeRouted() {
        return target == null && clientsEnd == null;
    }

    /** The other one, or null if there is none. */
    Connection other(Connection one) {
        return one == client ? upstream() : client;
    }
}
