// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.CloseReason;

/** What was wrong with what the peer has sent, or with what somebody between has made of it. */
public enum E2eFailure {
    /** A message of the handshake has a form that none has. */
    BAD_HANDSHAKE,
    /** The peer's key is one of those that give the same secret with every other key (RFC 7748, section 6.1). */
    WEAK_KEY,
    /** The server has shown another key than the one that is pinned: it is another server, or somebody is between. */
    WRONG_SERVER_KEY,
    /** The statement about the server's key wasn't signed by the pinned authority, is about another key or server, or too old. */
    BAD_NOTE,
    /** A record was changed, left out, sent twice, put in another place, or sealed with another key. */
    NOT_AUTHENTIC,
    /** A record says that it is longer than any may be. */
    TOO_LONG,
    /** A record was sealed by the peer, but has no form that records have. */
    BAD_RECORD,
    /** Something came behind the last record. */
    AFTER_LAST,
    /** The stream ended without the last record: what came may not be all that was sent. */
    TRUNCATED;

    /** Which of them has ended a connection; null if it was something else. */
    public static E2eFailure of(CloseReason reason) {
        return reason instanceof CloseReason.BadFrame bad && bad.cause().about() instanceof E2eFailure failure
                ? failure
                : null;
    }
}
