// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** How far an {@link HttpReply} is. */
enum ReplyPhase {
    /** Of no use now: no handler's call is on. */
    NO_CALL,
    /** Nothing of it was sent yet. */
    FRESH,
    /** It was deferred, or streams: somebody else sends it. */
    GIVEN_AWAY,
    /** All of it was sent. */
    COMPLETE;

    /** Throws an exception unless the reply may be given. */
    void requireFresh(boolean inCall) {
        if (this == NO_CALL || this == FRESH && !inCall) {
            throw noCall();
        }
        if (this == GIVEN_AWAY) {
            throw new IllegalStateException("this reply was deferred or begun as a stream; use what that returned");
        }
        if (this == COMPLETE) {
            throw new IllegalStateException("this reply is complete already");
        }
    }

    static IllegalStateException noCall() {
        return new IllegalStateException(
                "this reply is valid during its handler's call; call defer() to keep it, or to use it elsewhere");
    }
}
