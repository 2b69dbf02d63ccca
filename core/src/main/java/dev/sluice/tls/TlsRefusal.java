// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/**
 * A client is refused by what its first message says, before there is an engine. It has no stack trace: what a peer sends must
 * not cost more than it has to.
 */
public final class TlsRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int alert;

    TlsRefusal(int alert, String message) {
        super(message, null, false, false);
        this.alert = alert;
    }

    /** The number of the fatal alert that the client is to be told: RFC 8446, section 6. */
    public int alert() {
        return alert;
    }
}
