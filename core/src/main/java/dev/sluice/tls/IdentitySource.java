// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/** Where an identity comes from each time that identities are read. */
@FunctionalInterface
interface IdentitySource {
    TlsIdentity read() throws TlsFileException;
}
