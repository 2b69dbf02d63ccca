// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.EnumSet;
import java.util.Set;

/** What one end of a connection is, in the words of RFC 9293, section 3.3.2, and what it may become (figure 5 there). */
enum TcpState {
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSING,
    TIME_WAIT,
    CLOSE_WAIT,
    LAST_ACK,
    CLOSED;

    /** Whether nothing more can come of it: the one state in which an end waits for nobody, and the one after it. */
    boolean isFinal() {
        return this == TIME_WAIT || this == CLOSED;
    }

    /** Whether an end may be in the other state later, or still be in this one. A reset or a timeout ends every state. */
    boolean mayBecome(TcpState later) {
        if (later == this || later == CLOSED) {
            return true;
        }
        for (TcpState next : next()) {
            if (next.mayBecome(later)) {
                return true;
            }
        }
        return false;
    }

    private Set<TcpState> next() {
        return switch (this) {
            case SYN_SENT, SYN_RECEIVED -> EnumSet.of(ESTABLISHED);
            case ESTABLISHED -> EnumSet.of(FIN_WAIT_1, CLOSE_WAIT);
            case FIN_WAIT_1 -> EnumSet.of(FIN_WAIT_2, CLOSING, TIME_WAIT);
            case FIN_WAIT_2, CLOSING -> EnumSet.of(TIME_WAIT);
            case CLOSE_WAIT -> EnumSet.of(LAST_ACK);
            case LAST_ACK, TIME_WAIT, CLOSED -> EnumSet.noneOf(TcpState.class);
        };
    }
}
