// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

/** Numbers of TLS for what was wrong: RFC 8446, section 6. */
final class TlsAlert {
    static final int UNEXPECTED_MESSAGE = 10;
    static final int RECORD_OVERFLOW = 22;
    static final int ILLEGAL_PARAMETER = 47;
    static final int DECODE_ERROR = 50;
    static final int PROTOCOL_VERSION = 70;

    private TlsAlert() {}
}
