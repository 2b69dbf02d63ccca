// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import java.nio.ByteBuffer;

/**
 * What a client of TLS is told before any key is agreed on: RFC 8446, section 6. For whoever reads a {@link ClientHello} and
 * refuses the client; {@link dev.sluice.frame.FrameException#code} of what {@link ClientHelloReader} throws is such a number.
 */
public final class TlsAlert {
    /** Bytes that are no message of TLS, or not the one that is due. */
    public static final int UNEXPECTED_MESSAGE = 10;

    /** A message that can't be read. */
    public static final int DECODE_ERROR = 50;

    /** A failure that isn't the client's, such as a backend that can't be reached. */
    public static final int INTERNAL_ERROR = 80;

    /** A name that nobody is there for: RFC 6066, section 3. */
    public static final int UNRECOGNIZED_NAME = 112;

    static final int RECORD_OVERFLOW = 22;
    static final int ILLEGAL_PARAMETER = 47;
    static final int PROTOCOL_VERSION = 70;

    private static final byte ALERT = 21;
    private static final byte FATAL = 2;

    private TlsAlert() {}

    /** A record with one fatal alert of that number, the caller's own; the connection ends behind it. */
    public static ByteBuffer fatal(int code) {
        return ByteBuffer.wrap(new byte[] {ALERT, 3, 3, 0, 2, FATAL, (byte) code});
    }
}
