// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** When the connections of an {@link Endpoint} that has TLS begin to speak it. */
enum TlsStart {
    /** From their first byte on. */
    AT_ONCE,
    /** From their first byte on, if the client begins so; else never. */
    IF_CLIENT_DOES,
    /** When their protocol says so. */
    ON_COMMAND
}
