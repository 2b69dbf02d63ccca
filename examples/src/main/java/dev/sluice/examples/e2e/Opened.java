// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

/**
 * What came of a record.
 *
 * @param bytes of its own
 */
record Opened(Kind kind, byte[] bytes) {
    enum Kind {
        /** The handshake is over; the bytes are what the peer has to be answered, possibly none. */
        READY,
        /** A message. */
        MESSAGE,
        /** The peer's last record. */
        LAST
    }
}
