// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/** Whether a server asks its clients for certificates. */
public enum ClientCertificates {
    /** They aren't asked. */
    NONE,
    /** They are asked, and may have none; one that isn't trusted ends the handshake all the same. */
    WANTED,
    /** Without one that is trusted, the handshake ends. */
    REQUIRED
}
