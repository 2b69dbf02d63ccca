// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.Connection;
import java.util.Set;

/** What is remembered of a connection. Guarded by the store's monitor. */
final class Session {
    final Connection connection;
    final long openedMillis;
    boolean resp3;
    String name = "";
    String library = "";
    String libraryVersion = "";
    Set<ChannelName> channels; // null if there are none

    Session(Connection connection, long openedMillis) {
        this.connection = connection;
        this.openedMillis = openedMillis;
    }

    /** As clients see it: from 1. */
    long id() {
        return connection.id() + 1;
    }

    /** What was counted in the store for its names. */
    int chargedBytes() {
        return name.length() + library.length() + libraryVersion.length();
    }

    int subscriptions() {
        return channels == null ? 0 : channels.size();
    }
}
