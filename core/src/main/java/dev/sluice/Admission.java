// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Cause;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Counts who is let in at one endpoint, and shares the server's own counts with the others. A slot is reserved before
 * {@code accept} is called, so no limit is ever passed; only whether a source may have one more is known after it. Any
 * thread.
 */
final class Admission {
    /** Clients in the act of being refused, per server. */
    static final int MOST_REFUSALS = 128;

    private final LoopGroup group;
    private final Permits ofListener; // null for a connector's, which accepts nobody
    private final Connector connector; // whose it is, so that whoever has a connection has that; null for a listener's
    private final SourcePorts sourcePorts; // of a connector that has them, else null
    private final Map<Connection, Reconnector> kept; // a connector's that are made again when they end; else null
    private final AtomicBoolean evicting = new AtomicBoolean();

    private Admission(LoopGroup group, Permits ofListener, Connector connector, SourcePorts sourcePorts) {
        this.group = group;
        this.connector = connector;
        this.sourcePorts = sourcePorts;
        this.ofListener = ofListener;
        this.kept = connector != null ? new ConcurrentHashMap<>() : null;
    }

    /** For the listeners of an endpoint. */
    static Admission at(Endpoint endpoint, LoopGroup group) {
        return new Admission(group, new Permits(endpoint.connections()), null, null);
    }

    /** For a connector's connections, which take a permit of the server's by themselves and none of a listener's. */
    static Admission ofConnector(LoopGroup group, Connector connector, SourcePorts sourcePorts) {
        return new Admission(group, null, connector, sourcePorts);
    }

    LoopGroup group() {
        return group;
    }

    /** What its connections' ports are given back to, or null. */
    SourcePorts sourcePorts() {
        return sourcePorts;
    }

    boolean isOfConnector() {
        return connector != null;
    }

    // ---- connections that are made again

    /** When that one ends, its Reconnector is to be told. */
    void keep(Connection connection, Reconnector by) {
        kept.put(connection, by);
    }

    void keepNoMore(Connection connection) {
        kept.remove(connection);
    }

    /** It has ended, and its protocol has been told. */
    void ended(SocketConnection connection, CloseReason reason) {
        if (kept != null && !kept.isEmpty()) {
            Reconnector by = kept.remove(connection);
            if (by != null) {
                by.ended(reason);
            }
        }
    }

    // ---- slots of connections

    /** Reserves a slot for the next connection. Returns what it lacks, or null if it has one. */
    Cause reserve(long nowNanos) {
        if (!ofListener.tryTake()) {
            return Cause.CONNECTIONS_OF_LISTENER;
        }
        if (!group.permits.tryTake()) {
            ofListener.giveBack();
            return Cause.CONNECTIONS_OF_SERVER;
        }
        if (!group.rate.tryTake(nowNanos)) {
            giveBackPermits();
            return Cause.ACCEPT_RATE;
        }
        return null;
    }

    /** Gives back a slot that nobody came for. */
    void notUsed() {
        group.rate.giveBack();
        giveBackPermits();
    }

    /** Whether the one who came may have the slot. If not, it has been given back. */
    boolean enter(SocketAddress remote) {
        if (group.sources == null || group.sources.tryEnter(remote)) {
            return true;
        }
        giveBackPermits();
        return false;
    }

    /** A connection that had entered, or had been connected, has ended. */
    void left(SocketAddress remote) {
        if (group.sources != null && !isOfConnector()) {
            group.sources.leave(remote);
        }
        giveBackPermits();
    }

    private void giveBackPermits() {
        if (ofListener != null) {
            ofListener.giveBack();
        }
        group.permits.giveBack();
    }

    /** How many connections the endpoint holds. */
    int held() {
        return ofListener.taken();
    }

    // ---- what is done when there is none

    /** The limit that is behind a lack. */
    long limit(Cause lacking) {
        return switch (lacking) {
            case CONNECTIONS_OF_SERVER -> group.limits.connections();
            case CONNECTIONS_OF_LISTENER -> ofListener.max();
            case CONNECTIONS_OF_SOURCE -> group.limits.connectionsPerSource();
            case ACCEPT_RATE -> group.limits.acceptsPerSecond();
            case DESCRIPTORS -> group.descriptors;
        };
    }

    /** The permits to wait for. */
    Permits permits(Cause lacking) {
        return lacking == Cause.CONNECTIONS_OF_LISTENER ? ofListener : group.permits;
    }

    /** Nanoseconds until the rate lets somebody in. */
    long nanosUntilNext(long nowNanos) {
        return group.rate.nanosUntilNext(nowNanos);
    }

    /** Calls {@code action}, from any thread, when a slot came free while somebody waited. At start. */
    void onFreed(Runnable action) {
        ofListener.onFreed(action);
        group.permits.onFreed(action);
    }

    /** Takes a slot for one who is being refused. */
    boolean beginRefusal() {
        return group.refusals.tryTake();
    }

    void endRefusal() {
        group.refusals.giveBack();
    }

    /** Claims the one eviction that may be under way for this endpoint. */
    boolean beginEviction() {
        return evicting.compareAndSet(false, true);
    }

    /** Ends it; who had waited for it looks again, if somebody was found. */
    void endEviction(boolean found) {
        evicting.set(false);
        if (found) {
            ofListener.announce();
            group.permits.announce();
        }
    }
}
