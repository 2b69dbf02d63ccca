// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/** Where the trusted authorities come from each time that they are read. */
@FunctionalInterface
interface TrustSource {
    Trust read() throws TlsFileException;
}
