// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who listens to which channel. What is published is sent to each listener's connection, on whatever Reader that is; one
 * that doesn't read fast enough runs into {@code Limits.outboundBytes} and is cut, as a slow subscriber of Redis is.
 * Guarded by the store's monitor, in which its memory is counted.
 */
final class Channels {
    /** What a subscription takes beside its name, which is kept for the channel and for the listener. */
    private static final int SUBSCRIPTION_BYTES = 384;

    private static final Set<String> ALLOWED_IN_RESP2 = Set.of("subscribe", "unsubscribe", "ping", "quit");

    private final Store store;
    private final Map<ChannelName, Set<Session>> listeners = new HashMap<>(); // is never iterated

    Channels(Store store) {
        this.store = store;
    }

    /** Whether a connection that listens and speaks RESP2, where messages look like replies, may use a command. */
    static boolean allowsInResp2(String command) {
        return ALLOWED_IN_RESP2.contains(command);
    }

    int count() {
        return listeners.size();
    }

    ChannelName name(byte[] bytes) {
        return new ChannelName(bytes, store.hash(bytes));
    }

    /** What a subscription takes. */
    static int bytes(ChannelName channel) {
        return channel.bytes.length + SUBSCRIPTION_BYTES;
    }

    void subscribe(Session session, ChannelName channel) {
        if (session.channels == null) {
            session.channels = new LinkedHashSet<>();
        }
        if (session.channels.add(channel)) {
            listeners.computeIfAbsent(channel, c -> new LinkedHashSet<>()).add(session);
            store.charge(bytes(channel));
        }
    }

    void unsubscribe(Session session, ChannelName channel) {
        if (session.channels == null || !session.channels.remove(channel)) {
            return;
        }
        store.charge(-bytes(channel));
        Set<Session> others = listeners.get(channel);
        others.remove(session);
        if (others.isEmpty()) {
            listeners.remove(channel);
        }
        if (session.channels.isEmpty()) {
            session.channels = null;
        }
    }

    void leave(Session session) {
        if (session.channels != null) {
            List.copyOf(session.channels).forEach(channel -> unsubscribe(session, channel));
        }
    }

    /** Sends a message to all who listen, and returns how many there are. */
    int publish(ChannelName channel, ByteBuffer message) {
        Set<Session> all = listeners.get(channel);
        if (all == null) {
            return 0;
        }
        Encoder<Session> encoder = (session, out) -> {
            header(session, out, "message");
            RespOutput.bulk(out, channel.bytes);
            RespOutput.bulk(out, message);
        };
        for (Session session : all) {
            session.connection.send(session, encoder);
        }
        return all.size();
    }

    /** The beginning of what is about channels: a push where there are pushes, else an array. */
    static void header(Session session, Output out, String kind) {
        if (session.resp3) {
            RespOutput.push(out, 3);
        } else {
            RespOutput.array(out, 3);
        }
        Call.bulk(out, kind);
    }
}
