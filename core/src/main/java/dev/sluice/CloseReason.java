// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Why a connection ended: exactly one for each connection, given to {@link Protocol#closed} and counted per
 * {@link Kind}. Each carries the {@linkplain Circumstances circumstances}.
 */
public sealed interface CloseReason {

    /** For counting. */
    enum Kind {
        /** {@link PeerClosed}. */
        PEER_CLOSED,
        /** {@link PeerReset}. */
        PEER_RESET,
        /** {@link ClosedHere}. */
        CLOSED_HERE,
        /** {@link Aborted}. */
        ABORTED,
        /** {@link BadFrame}. */
        BAD_FRAME,
        /** {@link HandlerFailed}. */
        HANDLER_FAILED,
        /** {@link OutboundLimit}. */
        OUTBOUND_LIMIT,
        /** {@link DeadlinePassed}. */
        DEADLINE_PASSED,
        /** {@link Refused}. */
        REFUSED,
        /** {@link Evicted}. */
        EVICTED,
        /** {@link BudgetExhausted}. */
        BUDGET_EXHAUSTED,
        /** {@link IoFailed}. */
        IO_FAILED,
        /** {@link TlsFailed}. */
        TLS_FAILED,
        /** {@link TlsTruncated}. */
        TLS_TRUNCATED,
        /** {@link Stopped}. */
        STOPPED
    }

    /** The deadlines that a {@link DeadlinePassed} may be about. */
    enum Deadline {
        /** {@link Deadlines#connect}. */
        CONNECT,
        /** {@link Deadlines#handshake}. */
        HANDSHAKE,
        /** {@link Deadlines#firstByte}. */
        FIRST_BYTE,
        /** {@link Deadlines#frame}. */
        FRAME,
        /** {@link Deadlines#idle}. */
        IDLE,
        /** {@link Deadlines#writeStall}. */
        WRITE_STALL
    }

    /** The facts of the connection at its end. */
    Circumstances at();

    /** The kind, for counting. */
    Kind kind();

    /**
     * Who, after how much, and how long after the last progress.
     *
     * @param connectionId {@link Connection#id}
     * @param remote the peer's address; null if a connect never succeeded
     * @param bytesRead bytes read from the socket
     * @param bytesWritten bytes that the socket took
     * @param bytesUnsent bytes accepted for sending that the socket had not taken
     * @param frames frames delivered
     * @param sinceProgress time since anything happened: a byte was read or written, a reply was completed, or reading went on
     *     after a pause
     */
    record Circumstances(
            long connectionId,
            SocketAddress remote,
            long bytesRead,
            long bytesWritten,
            long bytesUnsent,
            long frames,
            Duration sinceProgress) {}

    /** The peer ended its stream at a frame's end, and got its replies. */
    record PeerClosed(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.PEER_CLOSED;
        }
    }

    /** The peer, or something on the way, reset the connection. */
    record PeerReset(Circumstances at, IOException cause) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.PEER_RESET;
        }
    }

    /** {@link Connection#close} was called, and what was to be sent has left or made no progress any more. */
    record ClosedHere(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.CLOSED_HERE;
        }
    }

    /** {@link Connection#abort} was called. */
    record Aborted(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.ABORTED;
        }
    }

    /** The peer's bytes broke the format or a limit of the framer, or its stream ended inside a frame. */
    record BadFrame(Circumstances at, FrameException cause) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.BAD_FRAME;
        }
    }

    /** A handler, a hook, a framer or an encoder threw. */
    record HandlerFailed(Circumstances at, Throwable cause) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.HANDLER_FAILED;
        }
    }

    /** More was to be sent than {@link Limits#outboundBytes} lets wait: the peer doesn't read, or not fast enough. */
    record OutboundLimit(Circumstances at, int limitBytes) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.OUTBOUND_LIMIT;
        }
    }

    /** The peer didn't do something in the time it had for it: it is slow, silent or gone. {@code limit} is that time. */
    record DeadlinePassed(Circumstances at, Deadline deadline, Duration limit) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.DEADLINE_PASSED;
        }
    }

    /** What there was none left of when a client came. */
    enum Cause {
        /** {@link Limits#connections}. */
        CONNECTIONS_OF_SERVER,
        /** {@link Endpoint#connections}. */
        CONNECTIONS_OF_LISTENER,
        /** {@link Limits#connectionsPerSource}. */
        CONNECTIONS_OF_SOURCE,
        /** {@link Limits#acceptsPerSecond}, and its burst. */
        ACCEPT_RATE,
        /** Descriptors: see {@link AcceptError#DESCRIPTORS_OF_PROCESS} and {@link AcceptError#DESCRIPTORS_OF_SYSTEM}. */
        DESCRIPTORS
    }

    /**
     * It was not let in. It never counted as a connection, and neither {@code opened} nor {@code closed} is called for
     * it, only {@link Protocol#refuse}.
     *
     * @param cause what there was none left of
     * @param limit of that; 0 if it isn't known, which happens with descriptors
     */
    record Refused(Circumstances at, Cause cause, long limit) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.REFUSED;
        }
    }

    /**
     * It was idle longest, as far as was looked, and another client came while there was no room left: see
     * {@link WhenFull#EVICT_IDLEST}. It is closed at once and without words.
     *
     * @param cause what there was none left of
     * @param limit of that; 0 if it isn't known, which happens with descriptors
     */
    record Evicted(Circumstances at, Cause cause, long limit) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.EVICTED;
        }
    }

    /**
     * The {@link MemoryBudget} was used up, and this connection held most of those that were looked at, or needed more.
     * It is reset at once.
     *
     * @param at the facts of the connection when that was decided
     * @param limitBytes the budget's limit
     * @param lentBytes what was lent to the connection, the whole capacity of its buffers counted
     */
    record BudgetExhausted(Circumstances at, long limitBytes, long lentBytes) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.BUDGET_EXHAUSTED;
        }
    }

    /** Connecting, reading or writing failed, and not by a reset. */
    record IoFailed(Circumstances at, IOException cause) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.IO_FAILED;
        }
    }

    /**
     * The handshake of TLS has come to nothing, or what came later couldn't be opened. The peer was told by an alert, if that was
     * possible.
     */
    record TlsFailed(Circumstances at, Exception cause) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.TLS_FAILED;
        }
    }

    /**
     * The peer ended its stream without the words of TLS for that (close_notify): somebody between may have cut it, so what came
     * may not be all that was sent (RFC 8446, section 6.1).
     */
    record TlsTruncated(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.TLS_TRUNCATED;
        }
    }

    /** The server or connector was stopped. */
    record Stopped(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.STOPPED;
        }
    }
}
