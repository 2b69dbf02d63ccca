// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Deadline;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.Loop;
import java.time.Duration;

/**
 * The rules of {@link Deadlines}, for all connections of a Reader. A connection is its own timer, armed for the nearest
 * of its deadlines. What comes and goes in time does not touch the timer; when it fires, the connection's state says
 * whether a deadline has passed, and if not, for when to arm it again. Only what brings a deadline nearer arms it
 * before: a frame has begun, bytes are unsent, the end has begun. Loop thread only.
 *
 * <p>A deadline with a rate moves on with each byte, by the time that the byte takes at that rate, up to its full length
 * from now. So a trickle doesn't keep it away, and whoever is fast enough never meets it.
 */
final class DeadlineWatch {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Loop loop;
    final Deadlines deadlines;
    private final long connect; // all in nanoseconds
    private final long firstByte;
    private final long frame;
    private final long handshake;
    private final long idle;
    private final long writeStall;
    private final long linger;
    private final double nanosPerByte; // a multiplication takes less time than a division

    DeadlineWatch(Loop loop, Deadlines deadlines) {
        this.loop = loop;
        this.deadlines = deadlines;
        this.connect = deadlines.connect().toNanos();
        this.firstByte = deadlines.firstByte().toNanos();
        this.frame = deadlines.frame().toNanos();
        this.handshake = deadlines.handshake().toNanos();
        this.idle = deadlines.idle().toNanos();
        this.writeStall = deadlines.writeStall().toNanos();
        this.linger = deadlines.linger().toNanos();
        this.nanosPerByte = NANOS_PER_SECOND / deadlines.minBytesPerSecond();
    }

    // ---- what brings a deadline nearer, or moves one on

    /** A connect is under way, since the moment of its last progress. */
    void connecting(SocketConnection c) {
        arm(c);
    }

    /** It is open. */
    void opened(SocketConnection c) {
        c.progress();
        c.readBy = readingNow(c) + firstByte;
        arm(c);
    }

    /** The two sides of TLS are to agree on keys. */
    void handshakeBegins(SocketConnection c) {
        c.progress();
        c.readBy = readingNow(c) + handshake;
        arm(c);
    }

    /** How long that may take. */
    long handshakeNanos() {
        return handshake;
    }

    /** It isn't read from now on. What its peer owes is put off by as long as that lasts, and until then is a time left. */
    void readsNoMore(SocketConnection c) {
        c.readBy -= loop.now();
    }

    /** It is read again after a pause, in which its peer could do nothing. */
    void readsAgain(SocketConnection c) {
        c.progress();
        c.readBy += loop.now();
        arm(c);
    }

    private long readingNow(SocketConnection c) {
        return c.isRead() ? loop.now() : 0;
    }

    /** The beginning of a frame has come. */
    void frameBegins(SocketConnection c) {
        c.frameBegan(loop.now());
        c.readBy = readingNow(c) + frame;
        arm(c);
    }

    /** More of a frame has come, and perhaps its end. */
    void frameGoesOn(SocketConnection c, int bytes) {
        c.readBy = movedOn(readingNow(c), c.readBy, bytes, frame);
    }

    /** The socket would not take everything. */
    void unsentBegins(SocketConnection c) {
        c.firstUnsent().deadline(loop.now() + writeStall);
        arm(c);
    }

    /** The socket has taken some of what was unsent, but not all. */
    void unsentGoesOn(SocketConnection c, int bytes) {
        HeldBytes first = c.firstUnsent();
        first.deadline(movedOn(loop.now(), first.deadline(), bytes, writeStall));
    }

    /** It is to end once all has left, or all has left and its peer is to end too. */
    void endBegins(SocketConnection c) {
        c.ending.deadline = loop.now() + linger;
        arm(c);
    }

    /** Bytes have left while it ends. */
    void endGoesOn(SocketConnection c, int bytes) {
        c.ending.deadline = movedOn(loop.now(), c.ending.deadline, bytes, linger);
    }

    private long movedOn(long now, long deadline, int bytes, long length) {
        return earlier(now + length, deadline + (long) (bytes * nanosPerByte));
    }

    /** It belongs to this Reader now. */
    void moved(SocketConnection c) {
        arm(c);
    }

    private void arm(SocketConnection c) {
        if (!c.state().isOver()) {
            loop.timers().armBy(c, next(c));
        }
    }

    // ---- when the timer has fired

    /** Ends the connection if one of its deadlines has passed, and arms its timer for what is next. */
    void look(SocketConnection c) throws Exception {
        if (c.state().takesOutput()) {
            Deadline passed = passed(c);
            if (passed != null) {
                end(c, passed);
            }
        } else if (c.state() == ConnectionState.CONNECTING) {
            if (isPast(c.progressNanos + connect)) {
                end(c, Deadline.CONNECT);
            }
        } else if (c.ending != null && isPast(c.ending.deadline)) {
            c.cutAsDecided();
        }
        arm(c);
    }

    private Deadline passed(SocketConnection c) throws Exception {
        HeldBytes first = c.firstUnsent();
        if (first != null && isPast(first.deadline())) {
            return Deadline.WRITE_STALL;
        }
        if (c.mustRead() && isPast(c.readBy)) {
            return c.awaited();
        }
        if (c.isQuiet() && isPast(c.progressNanos + idle)) {
            if (!c.wasOpened() || c.level().protocol.endsIdle(c)) {
                return Deadline.IDLE;
            }
            c.progress();
        }
        return null;
    }

    private long next(SocketConnection c) {
        if (c.state() == ConnectionState.CONNECTING) {
            return c.progressNanos + connect;
        }
        if (c.ending != null) {
            return c.ending.deadline;
        }
        // One that is busy is looked at after as long a time: whatever keeps it busy is bounded elsewhere.
        long next = (c.isQuiet() ? c.progressNanos : loop.now()) + idle;
        HeldBytes first = c.firstUnsent();
        if (first != null) {
            next = earlier(next, first.deadline());
        }
        return c.mustRead() ? earlier(next, c.readBy) : next;
    }

    private void end(SocketConnection c, Deadline which) throws Exception {
        Duration limit =
                switch (which) {
                    case CONNECT -> deadlines.connect();
                    case HANDSHAKE -> deadlines.handshake();
                    case FIRST_BYTE -> deadlines.firstByte();
                    case FRAME -> deadlines.frame();
                    case IDLE -> deadlines.idle();
                    case WRITE_STALL -> deadlines.writeStall();
                };
        switch (which) {
            case CONNECT, HANDSHAKE, WRITE_STALL ->
                c.cut(at -> new CloseReason.DeadlinePassed(at, which, limit)); // words would not leave
            case IDLE -> c.finish(at -> new CloseReason.DeadlinePassed(at, which, limit)); // nor be what it waits for
            default -> {
                if (c.isInRecord() && c.level().resetsWhenCut) { // words in TLS would be behind an end in order
                    c.cut(at -> new CloseReason.DeadlinePassed(at, which, limit));
                } else {
                    c.level().refuse(c, at -> new CloseReason.DeadlinePassed(at, which, limit));
                }
            }
        }
    }

    private boolean isPast(long nanos) {
        return loop.now() - nanos >= 0;
    }

    private static long earlier(long nanos, long otherNanos) {
        return nanos - otherNanos < 0 ? nanos : otherNanos;
    }
}
