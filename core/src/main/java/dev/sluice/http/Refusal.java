// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;

/** Why a request or a response is refused, each with its status (RFC 9110, 15.5 and 15.6). */
final class Refusal {
    private Refusal() {}

    static FrameException bad(int offset, String what) {
        return FrameException.malformed(offset, what, HttpStatus.BAD_REQUEST);
    }

    /** The same about a response, which its recipient can only say one thing about. */
    static FrameException ofResponse(FrameException e) {
        return e.kind() == FrameException.Kind.TOO_LONG
                ? FrameException.above(e.limit(), e.what(), HttpStatus.BAD_GATEWAY)
                : FrameException.malformed(e.offset(), e.what(), HttpStatus.BAD_GATEWAY);
    }

    static FrameException lineTooLong(int limit) {
        return FrameException.above(limit, "request line too long", HttpStatus.URI_TOO_LONG);
    }

    static FrameException fieldTooLong(int limit) {
        return FrameException.above(limit, "field too long", HttpStatus.FIELDS_TOO_LARGE);
    }

    static FrameException tooManyFields(int limit) {
        return FrameException.above(limit, "too many fields", HttpStatus.FIELDS_TOO_LARGE);
    }

    static FrameException headTooLong(int limit) {
        return FrameException.above(limit, "head too long", HttpStatus.FIELDS_TOO_LARGE);
    }

    static FrameException trailersTooLong(int limit) {
        return FrameException.above(limit, "trailer section too long", HttpStatus.FIELDS_TOO_LARGE);
    }

    static FrameException bodyTooLong(long limit) {
        return FrameException.above(limit, "body too long", HttpStatus.CONTENT_TOO_LARGE);
    }

    static FrameException extensionsTooLong(int limit) {
        return FrameException.above(limit, "chunk extensions too long", HttpStatus.CONTENT_TOO_LARGE);
    }
}
