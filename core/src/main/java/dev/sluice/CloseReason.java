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
        /** {@link BudgetExhausted}. */
        BUDGET_EXHAUSTED,
        /** {@link IoFailed}. */
        IO_FAILED,
        /** {@link Stopped}. */
        STOPPED
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
     * @param sinceProgress time since a byte was last read or written
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

    /**
     * The {@link MemoryBudget} was used up, and this connection held most of those that were looked at, or needed more.
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

    /** The server or connector was stopped. */
    record Stopped(Circumstances at) implements CloseReason {
        @Override
        public Kind kind() {
            return Kind.STOPPED;
        }
    }
}
