// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is to be told when its connection ends: replies that were kept and are not complete. Any thread. */
final class Endings {
    /** Told at most once by each {@link #add}, on the Reader's thread, or on the one that adds it. */
    interface Open {
        void connectionEnded();
    }

    private final ConcurrentHashMap<Connection, Set<Open>> open = new ConcurrentHashMap<>();

    /** From now on it is told the end of the reply's connection; at once, if that has ended or takes no reply any more. */
    void add(Reply reply, Open one) {
        Connection connection = reply.connection();
        open.compute(connection, (key, its) -> {
            Set<Open> all = its == null ? new HashSet<>() : its;
            all.add(one);
            return all;
        });
        if (!reply.isOpen() && remove(connection, one)) { // or else ended() has it, or will
            one.connectionEnded();
        }
    }

    /** It needn't be told any more. Returns whether it would have been. */
    boolean remove(Connection connection, Open one) {
        boolean[] found = {false};
        open.computeIfPresent(connection, (key, all) -> {
            found[0] = all.remove(one);
            return all.isEmpty() ? null : all;
        });
        return found[0];
    }

    /** A connection has ended. */
    void ended(Connection connection) {
        Set<Open> all = open.remove(connection);
        if (all != null) {
            all.forEach(Open::connectionEnded);
        }
    }
}
