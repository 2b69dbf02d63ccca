// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import java.nio.ByteBuffer;

/** What a client of TLS is told before any key is agreed (RFC 8446, section 6). */
final class TlsAlerts {
    private static final byte ALERT = 21;
    private static final byte FATAL = 2;

    private static final int DECODE_ERROR = 50;

    private TlsAlerts() {}

    /** A record with the alert for bytes that are no ClientHello; {@code code} is 0 if they don't say which. */
    static ByteBuffer forBadHello(int code) {
        return fatal(code == 0 ? DECODE_ERROR : code);
    }

    /** A record with one alert. */
    static ByteBuffer fatal(int code) {
        return ByteBuffer.wrap(new byte[] {ALERT, 3, 3, 0, 2, FATAL, (byte) code});
    }
}
