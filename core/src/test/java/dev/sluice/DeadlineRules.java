// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Deadline;
import java.time.Duration;

/**
 * What {@link Deadlines} promise for one connection, worked out anew from what can be seen of it after each turn: that it
 * doesn't outlive a deadline, and that no deadline ends it early.
 */
final class DeadlineRules {
    private final SocketConnection connection;
    private final Deadlines deadlines;
    private Duration awaitsFirstByte; // since when; null while it doesn't
    private Duration inFrame;
    private long readBefore; // bytes, when the frame began
    private Duration quiet;
    private Duration unsent;
    private Duration unsentWithoutProgress;
    private long frames;
    private long read;
    private long written;
    private Duration interrupted = Duration.ZERO;
    private Duration ended; // since when it takes no output any more; null while it does

    DeadlineRules(Connection connection) {
        this.connection = (SocketConnection) connection;
        this.deadlines = this.connection.reader().watch.deadlines;
    }

    /** It was paused or resumed, or perhaps not, so what is measured while it is read may begin anew. */
    void interrupted(Duration now) {
        interrupted = now;
    }

    /** Looks at it; deadlines may be that much late, beside their coarseness. */
    void look(Duration now, Duration slack) {
        if (!connection.state().takesOutput()) {
            ended = ended == null ? now : ended;
            return;
        }
        boolean awaits = connection.mustRead();
        boolean sameFrame = frames == connection.frames;
        boolean progress = read != connection.bytesRead || written != connection.bytesWritten || !sameFrame;
        awaitsFirstByte = since(awaits && !connection.isInFrame(), awaitsFirstByte, now);
        inFrame = since(awaits && connection.isInFrame(), sameFrame ? inFrame : null, now);
        quiet = since(connection.isQuiet(), progress ? null : quiet, now);
        boolean stalls = connection.unsent != null;
        unsent = since(stalls, unsent, now);
        unsentWithoutProgress = since(stalls, written == connection.bytesWritten ? unsentWithoutProgress : null, now);
        if (now.equals(inFrame)) {
            readBefore = connection.bytesRead;
        }
        frames = connection.frames;
        read = connection.bytesRead;
        written = connection.bytesWritten;
        mustNotBeLate(now, slack);
    }

    private static Duration since(boolean holds, Duration before, Duration now) {
        return !holds ? null : before == null ? now : before;
    }

    private void mustNotBeLate(Duration now, Duration slack) {
        within(Deadline.FIRST_BYTE, awaitsFirstByte, deadlines.firstByte(), now, slack);
        within(Deadline.IDLE, quiet, deadlines.idle(), now, slack);
        within(Deadline.WRITE_STALL, unsentWithoutProgress, deadlines.writeStall(), now, slack);
        Duration gained = Duration.ofSeconds(read - readBefore).dividedBy(deadlines.minBytesPerSecond());
        within(Deadline.FRAME, inFrame, deadlines.frame().plus(gained), now, slack);
    }

    private void within(Deadline deadline, Duration since, Duration limit, Duration now, Duration slack) {
        Duration latest = limit.plus(limit.dividedBy(15)).plus(slack);
        if (since != null && now.minus(later(since, interrupted)).compareTo(latest) > 0) {
            throw new AssertionError(connection + " should have met its deadline " + deadline + " of " + limit
                    + ", which runs since " + since);
        }
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Returns what is wrong with its ending for that reason, or null; its clock may be that much ahead. */
    String wrongWith(CloseReason.DeadlinePassed reason, Duration now, Duration ahead) {
        Duration end = ended == null ? now : ended;
        Duration since =
                switch (reason.deadline()) {
                    case FIRST_BYTE -> awaitsFirstByte;
                    case FRAME -> inFrame;
                    case IDLE -> quiet;
                    case WRITE_STALL -> unsent;
                };
        boolean early = since == null || end.minus(since).plus(ahead).compareTo(reason.limit()) < 0;
        return early ? connection + " met a deadline that runs since " + since + ": " + reason : null;
    }
}
