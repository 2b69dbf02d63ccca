// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of TLS handshakes of a server: of the connections that it has accepted, but for {@code tasks}. Recent values that
 * were not all read at one moment.
 *
 * @param underWay handshakes that have begun and aren't over, of {@link Limits#handshakes} at most
 * @param waiting connections that wait for their handshake to begin: something has come from them, and stays unread
 * @param tasks tasks that an executor has now, or holds in its queue, where {@code handshakeTasks} says so: those of the server's
 *     connectors too
 * @param ended how many are over, by what has become of them; every end is in it
 */
public record HandshakeCounters(int underWay, int waiting, int tasks, Map<HandshakeEnd, Long> ended) {

    /** Keeps a copy of the map, in its order. */
    public HandshakeCounters {
        ended = Collections.unmodifiableMap(new LinkedHashMap<>(ended));
    }
}
