// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

/** How a balancer asks a backend. */
enum Way {
    PLAIN_KEPT("plain, kept connections", false, true, false),
    TLS_KEPT("TLS, kept connections", true, true, false),
    PLAIN_NEW("plain, a connection for each request", false, false, false),
    TLS_RESUMED("TLS, a connection for each request, resumed", true, false, true),
    TLS_FULL("TLS, a connection for each request, full handshakes", true, false, false);

    final String told;
    final boolean isEncrypted;
    final boolean isKept;
    final boolean resumes;

    Way(String told, boolean isEncrypted, boolean isKept, boolean resumes) {
        this.told = told;
        this.isEncrypted = isEncrypted;
        this.isKept = isKept;
        this.resumes = resumes;
    }
}
