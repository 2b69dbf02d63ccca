// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** The states of a connection, and the only transitions there are. */
enum ConnectionState {
    /** A connect is under way. To OPEN when it succeeds, to CUT when it fails. */
    CONNECTING,
    /** Both directions are open. To INPUT_ENDED on the peer's FIN, to FLUSHING on our close, to CUT on any failure. */
    OPEN,
    /** The peer has ended its stream; replies still leave. To FLUSHING on our close or when all has left. */
    INPUT_ENDED,
    /** Nothing more is delivered; what is to be sent leaves. To LINGERING when it has, to CUT at the deadline. */
    FLUSHING,
    /** Our end has been told to the peer, and what it still sends is read away. To CUT on its end or the deadline. */
    LINGERING,
    /** It is decided that the connection ends; it is closed in the mail phase of this or the next pass. To CLOSED. */
    CUT,
    /** The channel is closed, and the reason was told. */
    CLOSED;

    boolean mayBecome(ConnectionState next) {
        return switch (this) {
            case CONNECTING -> next == OPEN || next == CUT;
            case OPEN -> next == INPUT_ENDED || next == FLUSHING || next == CUT;
            case INPUT_ENDED -> next == FLUSHING || next == CUT;
            case FLUSHING -> next == LINGERING || next == CUT;
            case LINGERING -> next == CUT;
            case CUT -> next == CLOSED;
            case CLOSED -> false;
        };
    }

    /** Whether bytes may be accepted for sending. */
    boolean takesOutput() {
        return this == OPEN || this == INPUT_ENDED;
    }

    /** Whether replies to requests that were delivered may still leave. */
    boolean letsRepliesLeave() {
        return this == OPEN || this == INPUT_ENDED || this == FLUSHING;
    }

    /** Whether the end is decided or done. */
    boolean isOver() {
        return this == CUT || this == CLOSED;
    }
}
