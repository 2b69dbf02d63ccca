// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/** The versions of TLS that are spoken; older ones are not to be used (RFC 8996). */
public enum TlsVersion {
    /** RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String jdkName;

    TlsVersion(String jdkName) {
        this.jdkName = jdkName;
    }

    String jdkName() {
        return jdkName;
    }
}
