// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of a server since its start, summed over its loops: recent values that were not all read at one moment.
 * Each is written by one thread, so counting costs the loops next to nothing.
 *
 * @param connections held now, those included that are being taken over or connected
 * @param accepted connections let in
 * @param refused clients not let in, by what there was none left of; every cause is in it
 * @param acceptErrors times that {@code accept} failed
 * @param acceptRests times that accepting rested for a while: after errors, and where {@link Limits#acceptsPerSecond} says
 *     that the next client is to wait
 * @param handshakes those of TLS
 * @param closed connections that have ended, by kind of reason; every kind is in it
 * @param paused open connections that are not read now, whatever for
 * @param pauses times that a connection was paused
 * @param frames frames delivered: requests, if the protocol is one of requests
 * @param bytesRead bytes read from sockets
 * @param bytesWritten bytes that sockets have taken
 * @param lentBuffers buffers that are lent to connections now
 * @param lentBytes bytes that these have, used or not
 * @param budgetUsed bytes of the {@link MemoryBudget} that are used now, by all who share it
 * @param budgetLimit bytes of it that may be used
 * @param passes passes of loops, each with one select
 * @param selectorsReplaced selectors that spun, and were replaced
 * @param blockedPasses passes that took longer than {@link Server.Builder#blockedAfter}
 * @param blockedTime how long those took that are over
 * @param loopsEnded loops that have ended; more than 0 before the server is stopped is a fault
 */
public record Counters(
        int connections,
        long accepted,
        Map<CloseReason.Cause, Long> refused,
        long acceptErrors,
        long acceptRests,
        HandshakeCounters handshakes,
        Map<CloseReason.Kind, Long> closed,
        int paused,
        long pauses,
        long frames,
        long bytesRead,
        long bytesWritten,
        int lentBuffers,
        long lentBytes,
        long budgetUsed,
        long budgetLimit,
        long passes,
        long selectorsReplaced,
        long blockedPasses,
        Duration blockedTime,
        int loopsEnded) {

    /** Keeps copies of the maps, in their order. */
    public Counters {
        refused = Collections.unmodifiableMap(new LinkedHashMap<>(refused));
        closed = Collections.unmodifiableMap(new LinkedHashMap<>(closed));
    }

    static Counters of(Server server, LoopGroup group) {
        int paused = 0;
        long pauses = 0;
        long frames = 0;
        long read = 0;
        long written = 0;
        int lentBuffers = 0;
        long lentBytes = 0;
        for (Reader reader : group.readers) {
            paused += reader.paused();
            pauses += reader.pauses();
            frames += reader.frames();
            read += reader.bytesRead();
            written += reader.bytesWritten();
            lentBuffers += reader.lentBuffers();
            lentBytes += reader.lentBytes();
        }
        long passes = 0;
        long replaced = 0;
        long blocked = 0;
        long blockedNanos = 0;
        int ended = 0;
        for (int i = 0; i < group.size(); i++) {
            passes += group.loop(i).passes();
            replaced += group.loop(i).selectorsReplaced();
            blocked += group.watch(i).blocked();
            blockedNanos += group.watch(i).blockedNanos();
            ended += group.loop(i).hasEnded() ? 1 : 0;
        }
        return new Counters(
                server.connections(),
                server.acceptors().stream().mapToLong(Acceptor::accepted).sum(),
                server.refused(),
                server.acceptors().stream().mapToLong(Acceptor::errors).sum(),
                server.acceptors().stream().mapToLong(Acceptor::rests).sum(),
                group.handshakes.counters(),
                server.closed(),
                paused,
                pauses,
                frames,
                read,
                written,
                lentBuffers,
                lentBytes,
                group.budget.usedBytes(),
                group.budget.limitBytes(),
                passes,
                replaced,
                blocked,
                Duration.ofNanos(blockedNanos),
                ended);
    }
}
