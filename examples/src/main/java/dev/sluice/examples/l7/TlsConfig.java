// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.util.List;

/**
 * The certificates of a listener, each for the names in it; the first is for all other names too. Empty if no TLS is spoken.
 *
 * @param identities in the order of the file
 */
record TlsConfig(List<Identity> identities) {
    static final TlsConfig NONE = new TlsConfig(List.of());

    TlsConfig {
        identities = List.copyOf(identities);
    }

    boolean isSpoken() {
        return !identities.isEmpty();
    }

    /**
     * One of them.
     *
     * @param certificates a PEM file of the certificate and those of its issuers
     * @param key a PEM file
     */
    record Identity(String certificates, String key) {}
}
