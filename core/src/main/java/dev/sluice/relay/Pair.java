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
    private CloseReason firstEnd; // why the one that was the first to end has ended
    private boolean clientIsOver;
    private boolean upstreamIsOver;
    private boolean clientHasEnded; // its stream
    private boolean upstreamHasEnded;

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
        return target == null && !clientIsOver;
    }

    /** The peer of that one has ended its stream. */
    void inputEnded(Connection one) {
        clientHasEnded |= one == client;
        upstreamHasEnded |= one != client;
    }

    /** Whether the peer of that one has ended its stream. */
    boolean hasInputEnded(Connection one) {
        return one == client ? clientHasEnded : upstreamHasEnded;
    }

    /** That one has ended. Returns how both have, or null if the other one goes on. */
    RelayReport over(Connection one, CloseReason reason) {
        boolean isClient = one == client;
        CloseReason othersEnd = firstEnd;
        clientIsOver |= isClient;
        upstreamIsOver |= !isClient;
        if (othersEnd == null) {
            firstEnd = reason;
        }
        if (isClient ? upstream() != null && !upstreamIsOver : !clientIsOver) {
            return null;
        }
        return isClient ? new RelayReport(reason, othersEnd) : new RelayReport(othersEnd, reason);
    }

    boolean isClientOver() {
        return clientIsOver;
    }

    /** The other one, or null if there is none. */
    Connection other(Connection one) {
        return one == client ? upstream() : client;
    }
}
