// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

/** What ends a line for a {@link LineFramer}. */
public enum LineEnding {
    /** Only LF. A CR in front of it is content. */
    LF,
    /** Only the pair CR LF. A CR or LF that stands alone is content. */
    CRLF,
    /** LF, and a CR directly in front of it belongs to the ending. The default: it takes what most peers send. */
    LF_OR_CRLF,
    /**
     * Only the pair CR LF, and a CR or LF that stands alone is malformed. For protocols where two parties must not
     * disagree about where a line ends, such as SMTP (RFC 5321, 2.3.8).
     */
    STRICT_CRLF;

    /** Fewest bytes that a line has on the wire: those of its ending. */
    int minBytes() {
        return this == LF || this == LF_OR_CRLF ? 1 : 2;
    }
}
