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
    private Duration looked; // when; null before the first time
    private boolean awaited; // something from its peer, then
    private Duration awaitedFirstByte; // for how long; null once it has come
    private Duration awaitedFrame; // for how long; null while there is none
    private long readBefore; // bytes, when the frame began
    private Duration quiet; // since when; null while it isn't
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

    /** It was paused or resumed, or perhaps not, so it may be idle only since then. */
    void interrupted(Duration now) {
        interrupted = now;
    }

    /** Looks at it; deadlines may be that much late, beside their coarseness. */
    void look(Duration now, Duration slack) {
        if (ended != null) {
            return;
        }
        boolean sameFrame = frames == connection.frames;
        boolean progress = read != connection.bytesRead || written != connection.bytesWritten || !sameFrame;
        if (!connection.state().takesOutput()) {
            countAwaited(now);
            ended = now;
            return;
        }
        lookForPeer(now, sameFrame);
        quiet = since(connection.isQuiet(), progress ? null : quiet, now);
        boolean stalls = connection.unsent != null;
        unsent = since(stalls, unsent, now);
        unsentWithoutProgress = since(stalls, written == connection.bytesWritten ? unsentWithoutProgress : null, now);
        frames = connection.frames;
        read = connection.bytesRead;
        written = connection.bytesWritten;
        mustNotBeLate(now, slack);
    }

    // Only time between the looks counts: within a turn next to none passes.
    private void lookForPeer(Duration now, boolean sameFrame) {
        countAwaited(now);
        awaited = connection.mustRead();
        awaitedFirstByte = connection.bytesRead > 0 ? null : orZero(awaitedFirstByte);
        if (!connection.isInFrame()) {
            awaitedFrame = null;
        } else if (awaitedFrame == null || !sameFrame) {
            awaitedFrame = Duration.ZERO;
            readBefore = connection.bytesRead;
        }
    }

    private void countAwaited(Duration now) {
        if (awaited && awaitedFrame != null) {
            awaitedFrame = awaitedFrame.plus(now.minus(looked));
        } else if (awaited && awaitedFirstByte != null) {
            awaitedFirstByte = awaitedFirstByte.plus(now.minus(looked));
        }
        looked = now;
    }

    private static Duration orZero(Duration time) {
        return time == null ? Duration.ZERO : time;
    }

    private static Duration since(boolean holds, Duration before, Duration now) {
        return !holds ? null : before == null ? now : before;
    }

    private void mustNotBeLate(Duration now, Duration slack) {
        within(Deadline.FIRST_BYTE, awaitedFirstByte, deadlines.firstByte(), slack);
        within(Deadline.IDLE, since(quiet, now), deadlines.idle(), slack);
        within(Deadline.WRITE_STALL, since(unsentWithoutProgress, now), deadlines.writeStall(), slack);
        Duration gained = Duration.ofSeconds(read - readBefore).dividedBy(deadlines.minBytesPerSecond());
        within(Deadline.FRAME, awaitedFrame, deadlines.frame().plus(gained), slack);
    }

    private Duration since(Duration time, Duration now) {
        return time == null ? null : now.minus(later(time, interrupted));
    }

    private void within(Deadline deadline, Duration runs, Duration limit, Duration slack) {
        Duration latest = limit.plus(limit.dividedBy(15)).plus(slack);
        if (runs != null && runs.compareTo(latest) > 0) {
            throw new AssertionError(connection + " should have met its deadline " + deadline + " of " + limit
                    + ", which has run for " + runs);
        }
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Returns what is wrong with its ending for that reason, or null; its clock may be that much ahead. */
    String wrongWith(CloseReason.DeadlinePassed reason, Duration now, Duration ahead) {
        if (ended == null) {
            countAwaited(now);
            ended = now;
        }
        Duration runs =
                switch (reason.deadline()) {
                    case CONNECT, HANDSHAKE -> throw new AssertionError(connection + " was open: " + reason);
                    case FIRST_BYTE -> awaitedFirstByte;
                    case FRAME -> awaitedFrame;
                    case IDLE -> quiet == null ? null : ended.minus(quiet);
                    case WRITE_STALL -> unsent == null ? null : ended.minus(unsent);
                };
        boolean early = runs == null || runs.plus(ahead).compareTo(reason.limit()) < 0;
        return early ? connection + " met a deadline that has run for " + runs + ": " + reason : null;
    }
}
