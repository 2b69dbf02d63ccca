// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/** The few connections of a Reader, or of a server, that have most of something. */
final class Oddest {
    private static final int SHOWN = 5;

    /** A connection as it was when it was looked at, in one line. */
    record Line(long measure, String text) {}

    private record Candidate(long measure, SocketConnection connection) {}

    private final String of;
    private final ToLongFunction<SocketConnection> measure;
    private final List<Line> lines = new ArrayList<>();

    /** What is measured; a connection that has 0 of it is not odd. */
    Oddest(String of, ToLongFunction<SocketConnection> measure) {
        this.of = of;
        this.measure = measure;
    }

    /** What is shown of a server. Ages are as of {@code nowNanos}. */
    static List<Oddest> kinds(long nowNanos) {
        return List.of(
                new Oddest("most unsent bytes", SocketConnection::unsentBytes),
                new Oddest(
                        "longest without progress though something is to be done",
                        c -> c.isQuiet() ? 0 : nowNanos - c.progressNanos),
                new Oddest(
                        "longest in the middle of a frame, by its beginning",
                        c -> c.isInFrame() && c.mustRead() ? nowNanos - c.frameBegan() : 0),
                new Oddest("most replies in flight", SocketConnection::repliesInFlight),
                new Oddest("most bytes", c -> c.bytesRead + c.bytesWritten));
    }

    /** Looks at the connections of a Reader. Its loop's thread. */
    void add(Reader reader, long nowNanos) {
        PriorityQueue<Candidate> most = new PriorityQueue<>(Comparator.comparingLong(Candidate::measure));
        for (SocketConnection c = reader.first(); c != null; c = c.next) {
            long of = measure.applyAsLong(c);
            if (of <= 0 || most.size() == SHOWN && of <= most.peek().measure) {
                continue;
            }
            most.add(new Candidate(of, c));
            if (most.size() > SHOWN) {
                most.poll();
            }
        }
        for (Candidate candidate : most) {
            lines.add(new Line(candidate.measure, describe(candidate.connection, nowNanos)));
        }
    }

    private static String describe(SocketConnection c, long nowNanos) {
        StringBuilder line = new StringBuilder("connection ").append(c.id()).append(" from ");
        line.append(Addresses.text(c.remoteAddress())).append(": ").append(c.state());
        int pauses = c.pauses();
        line.append((pauses & SocketConnection.BY_USER) != 0 ? ", paused by the protocol" : "");
        line.append((pauses & SocketConnection.BY_UNSENT) != 0 ? ", paused for its peer doesn't read" : "");
        line.append((pauses & SocketConnection.BY_REPLIES) != 0 ? ", paused for too many replies are in flight" : "");
        line.append((pauses & SocketConnection.BY_REFUSAL) != 0 ? ", is refused" : "");
        line.append((pauses & SocketConnection.BY_LAST_REPLY) != 0 ? ", ends behind a reply" : "");
        line.append((pauses & SocketConnection.BACKLOG) != 0 ? ", what it holds waits for its turn" : "");
        if (c.isInFrame() && c.mustRead()) {
            line.append(", in a frame for ")
                    .append(millis(nowNanos - c.frameBegan()))
                    .append(" ms");
        }
        line.append(", read ").append(c.bytesRead).append(", written ").append(c.bytesWritten);
        line.append(", unsent ").append(c.unsentBytes()).append(" bytes, frames ");
        line.append(c.frames).append(", replies in flight ").append(c.repliesInFlight());
        line.append(", last progress ").append(millis(nowNanos - c.progressNanos));
        return line.append(" ms ago").toString();
    }

    private static long millis(long nanos) {
        return Math.max(0, nanos) / 1_000_000;
    }

    /** Takes over what another of the same kind has found. */
    void addAll(Oddest other) {
        lines.addAll(other.lines);
    }

    void appendTo(StringBuilder page) {
        if (lines.isEmpty()) {
            return;
        }
        page.append('\n').append(of).append('\n');
        lines.stream()
                .sorted(Comparator.comparingLong(Line::measure).reversed())
                .limit(SHOWN)
                .forEach(line -> page.append("  ").append(line.text).append('\n'));
    }
}
