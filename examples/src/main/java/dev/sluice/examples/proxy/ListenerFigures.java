// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.CloseReason;
import dev.sluice.Counters;
import dev.sluice.HandshakeCounters;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a listener has done, by all servers that it has had: there is another after each change of its settings.
 *
 * @param connections held now, of both sides
 * @param paused of those, not read now
 * @param lentBytes memory of bytes that wait
 * @param accepted clients let in
 * @param acceptErrors times that accepting failed
 * @param bytesRead of both sides
 * @param bytesWritten of both sides
 * @param closed connections that have ended, of both sides, by why
 * @param refused clients not let in, by what there was none left of
 * @param handshakes of TLS with clients
 */
public record ListenerFigures(
        long connections,
        long paused,
        long lentBytes,
        long accepted,
        long acceptErrors,
        long bytesRead,
        long bytesWritten,
        Map<CloseReason.Kind, Long> closed,
        Map<CloseReason.Cause, Long> refused,
        HandshakeCounters handshakes) {

    public static final ListenerFigures NONE =
            new ListenerFigures(0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of(), new HandshakeCounters(0, 0, 0, Map.of()));

    public static ListenerFigures of(Counters counters) {
        return new ListenerFigures(
                counters.connections(),
                counters.paused(),
                counters.lentBytes(),
                counters.accepted(),
                counters.acceptErrors(),
                counters.bytesRead(),
                counters.bytesWritten(),
                counters.closed(),
                counters.refused(),
                counters.handshakes());
    }

    public ListenerFigures plus(ListenerFigures other) {
        return new ListenerFigures(
                connections + other.connections,
                paused + other.paused,
                lentBytes + other.lentBytes,
                accepted + other.accepted,
                acceptErrors + other.acceptErrors,
                bytesRead + other.bytesRead,
                bytesWritten + other.bytesWritten,
                sum(closed, other.closed),
                sum(refused, other.refused),
                sum(handshakes, other.handshakes));
    }

    /** Those that only grow: what is left of a server that has ended. */
    public ListenerFigures past() {
        HandshakeCounters over = new HandshakeCounters(0, 0, 0, handshakes.ended());
        return new ListenerFigures(0, 0, 0, accepted, acceptErrors, bytesRead, bytesWritten, closed, refused, over);
    }

    private static HandshakeCounters sum(HandshakeCounters a, HandshakeCounters b) {
        return new HandshakeCounters(
                a.underWay() + b.underWay(),
                a.waiting() + b.waiting(),
                a.tasks() + b.tasks(),
                sum(a.ended(), b.ended()));
    }

    private static <K> Map<K, Long> sum(Map<K, Long> a, Map<K, Long> b) {
        Map<K, Long> sum = new LinkedHashMap<>(a);
        b.forEach((key, number) -> sum.merge(key, number, Long::sum));
        return sum;
    }
}
